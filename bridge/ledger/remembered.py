"""The ids of finished triggers, in little memory, forgotten by age."""

from collections.abc import Iterator

_HOUR_MS = 3_600_000


class Remembered:
    """Trigger id -> revision of its outcome (1 to 6), by the hour of the record that finished it.

    By the hour, so that forgetting is dropping a dict. About 100 bytes an id: the id's 16 bytes as a `bytes` object, and
    its share of a dict whose values are small integers that Python keeps only once.
    """

    def __init__(self) -> None:
        self._hours: dict[int, dict[bytes, int]] = {}

    def __len__(self) -> int:
        return sum(len(ids) for ids in self._hours.values())

    def add(self, trigger: str, revision: int, timestamp: int) -> None:
        """Remember `trigger`, finished by a record of the broker's time `timestamp` (ms)."""
        key = bytes.fromhex(trigger)
        self._hours.setdefault(timestamp // _HOUR_MS, {})[key] = revision

    def revision(self, trigger: str) -> int:
        """The highest revision remembered of `trigger`; 0 when it is not remembered."""
        key = bytes.fromhex(trigger)
        return max((ids.get(key, 0) for ids in self._hours.values()), default=0)

    def forget_before(self, timestamp: int) -> None:
        """Drop whole hours that ended before the broker's time `timestamp` (ms)."""
        for hour in [hour for hour in self._hours if (hour + 1) * _HOUR_MS <= timestamp]:
            del self._hours[hour]

    def __iter__(self) -> Iterator[bytes]:
        for ids in self._hours.values():
            yield from ids
