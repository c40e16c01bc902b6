"""The ids of finished triggers, in little memory, forgotten by age."""

from collections.abc import Iterator

_HOUR = 3_600_000
# Every look-up asks so many dicts at most, and one more; so much more than needed is kept.
_PARTS = 8


class Remembered:
    """Trigger id -> revision of its outcome (1 to 7), by the part of `window` (ms) in which the record that finished it lies.

    By parts, so that forgetting is dropping a dict. About 100 bytes an id: the id's 16 bytes as a `bytes` object, and
    its share of a dict whose values are small integers that Python keeps only once.
    """

    def __init__(self, window: int = 24 * _HOUR) -> None:
        self._length = max(1, window // _PARTS)
        self._parts: dict[int, dict[bytes, int]] = {}

    def __len__(self) -> int:
        return sum(len(ids) for ids in self._parts.values())

    def add(self, trigger: str, revision: int, timestamp: int) -> None:
        """Remember `trigger`, finished by a record of the broker's time `timestamp` (ms)."""
        key = bytes.fromhex(trigger)
        self._parts.setdefault(timestamp // self._length, {})[key] = revision

    def revision(self, trigger: str) -> int:
        """The highest revision remembered of `trigger`; 0 when it is not remembered."""
        key = bytes.fromhex(trigger)
        return max((ids.get(key, 0) for ids in self._parts.values()), default=0)

    def forget_before(self, timestamp: int) -> None:
        """Drop the parts that ended before the broker's time `timestamp` (ms)."""
        for part in [part for part in self._parts if (part + 1) * self._length <= timestamp]:
            del self._parts[part]

    def __iter__(self) -> Iterator[bytes]:
        for ids in self._parts.values():
            yield from ids
