"""The triggers of a partition that are not done with: those that wait for nothing but the end of an execution are packed."""

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from bridge.ledger.item import Item
from bridge.ledger.packing import Packer

# So many records later an item is packed, if it can be: most executions have ended by then, and were not packed in vain.
_PACKED_AFTER = 2_000


class Items(Mapping[str, Item]):
    """By trigger id. What is packed is made anew at each look: changes count only when they are `put`."""

    def __init__(self) -> None:
        self._whole: dict[str, Item] = {}
        # In the order of their newest records, as they come: so the oldest are first.
        self._packed: dict[str, bytes] = {}
        self._packer = Packer()
        # Triggers of the newest records, with their offsets: those that are whole still.
        self._young: deque[tuple[str, int]] = deque()
        # Packed ones of which more is needed than their newest record.
        self._longer: set[str] = set()

    def __len__(self) -> int:
        return len(self._whole) + len(self._packed)

    def __iter__(self) -> Iterator[str]:
        return chain(self._whole, self._packed)

    def __contains__(self, trigger: object) -> bool:
        return trigger in self._whole or trigger in self._packed

    def __getitem__(self, trigger: str) -> Item:
        item = self._whole.get(trigger)
        return self._packer.unpack(trigger, self._packed[trigger]) if item is None else item

    def get(self, trigger: str, default: Item | None = None) -> Item | None:  # type: ignore[override]  # quick: it is asked for each record
        """What is known of the trigger."""
        item = self._whole.get(trigger)
        if item is not None:
            return item
        packed = self._packed.get(trigger)
        return default if packed is None else self._packer.unpack(trigger, packed)

    def put(self, trigger: str, item: Item) -> None:
        """What is known of the trigger after another record of it."""
        if self._packed:
            self._drop_packed(trigger)
        self._whole[trigger] = item
        self._young.append((trigger, item.newest))
        if len(self._young) > _PACKED_AFTER:
            self._pack(*self._young.popleft())

    def replace(self, trigger: str, item: Item) -> None:
        """What is known of the trigger, without another record: it is as old as before."""
        before = self._packed.get(trigger)
        if before is None:
            return  # it is whole, and was changed as it is
        packed = self._packer.pack(item)
        if packed is None:
            del self._packed[trigger]
            self._longer.discard(trigger)
            self._whole[trigger] = item
        else:
            self._packed[trigger] = packed
        self._packer.drop(before)

    def _pack(self, trigger: str, newest: int) -> None:
        item = self._whole.get(trigger)
        # One that was put again has its turn later: what is packed stays in the order of its newest records.
        if item is not None and item.newest == newest and (packed := self._packer.pack(item)) is not None:
            del self._whole[trigger]
            self._packed[trigger] = packed
            if item.since != newest:
                self._longer.add(trigger)

    def remove(self, trigger: str) -> None:
        """It is done with."""
        self._whole.pop(trigger, None)
        self._drop_packed(trigger)

    def active(self) -> list[tuple[str, Item]]:
        """Those that are not packed: something is to be done about them here, or may be."""
        return list(self._whole.items())

    def open_before(self, timestamp: int, most: int) -> list[tuple[str, Item]]:
        """Up to `most` of which nothing was written since the broker's time `timestamp` (ms), and of which more is to come."""
        whole = ((trigger, item) for trigger, item in self._whole.items() if item.at < timestamp and not item.done())
        return list(islice(chain(whole, self._packed_before(timestamp)), most))

    def told_before(self, offset: int, most: int) -> list[tuple[str, Item]]:
        """Up to `most` of which something lies before the offset that nothing behind it says."""
        whole = ((trigger, item) for trigger, item in self._whole.items() if item.since < offset)
        longer = ((trigger, self[trigger]) for trigger in self._longer)
        before = ((trigger, item) for trigger, item in longer if item.since < offset)
        return list(islice(chain(whole, before, self._packed_told_before(offset)), most))

    def _packed_told_before(self, offset: int) -> Iterator[tuple[str, Item]]:
        for trigger, data in self._packed.items():
            if trigger not in self._longer:
                item = self._packer.unpack(trigger, data)
                if item.since >= offset:
                    return  # so are those after it
                yield trigger, item

    def _packed_before(self, timestamp: int) -> Iterator[tuple[str, Item]]:
        for trigger, data in self._packed.items():
            item = self._packer.unpack(trigger, data)
            if item.at >= timestamp:
                return  # so are those after it
            yield trigger, item

    def _drop_packed(self, trigger: str) -> None:
        packed = self._packed.pop(trigger, None)
        if packed is not None:
            self._longer.discard(trigger)
            self._packer.drop(packed)
