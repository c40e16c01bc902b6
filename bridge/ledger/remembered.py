"""The ids of finished triggers, in little memory, forgotten by age. Pure; times are the broker's, ms."""

from collections.abc import Iterator, Sequence

from bridge.ledger.digest import Page
from bridge.ledger.ids import Ids

_HOUR = 3_600_000
# Every look-up asks so many sets at most, and one more; so much more than needed is kept.
_PARTS = 8


class Remembered:
    """Trigger id -> revision of its outcome (1 to 7), by the part of `window` (ms) in which the record that finished it lies.

    By parts, so that forgetting is dropping a set. `news`: whether what is added is kept apart, too, for the next digest.
    """

    def __init__(self, window: int = 24 * _HOUR, *, news: bool = False) -> None:
        self._length = max(1, window // _PARTS)
        self._parts: dict[int, Ids] = {}
        self._news: dict[int, Ids] | None = {} if news else None

    def __len__(self) -> int:
        return sum(len(ids) for ids in self._parts.values())

    def add(self, trigger: str, revision: int, timestamp: int) -> None:
        """Remember `trigger`, finished by a record of the broker's time `timestamp` (ms)."""
        self._add(bytes.fromhex(trigger), revision, timestamp // self._length)

    def add_at_least(self, trigger: str, revision: int, timestamp: int) -> None:
        """The same, with the revision that is remembered if that is higher."""
        key, part = bytes.fromhex(trigger), timestamp // self._length
        for other, ids in self._parts.items():
            if other != part:
                revision = max(revision, ids.revision(key))
        self._add(key, revision, part, at_least=True)

    def _add(self, key: bytes, revision: int, part: int, *, at_least: bool = False) -> None:
        _ids(self._parts, part).add(key, revision, at_least=at_least)
        if self._news is not None:
            _ids(self._news, part).add(key, revision, at_least=at_least)

    def revision(self, trigger: str) -> int:
        """The highest revision remembered of `trigger`; 0 when it is not remembered."""
        key, best = bytes.fromhex(trigger), 0
        for ids in self._parts.values():
            best = max(best, ids.revision(key))
        return best

    def forget_before(self, timestamp: int) -> None:
        """Drop the parts that ended before the broker's time `timestamp` (ms); they are no news any more, either."""
        for parts in (self._parts, self._news or {}):
            for part in [part for part in parts if (part + 1) * self._length <= timestamp]:
                del parts[part]

    def __iter__(self) -> Iterator[bytes]:
        for ids in self._parts.values():
            yield from ids

    def take_news(self, most: int, *, all_of_it: bool = False) -> list[Page]:
        """What was added since this was asked last, or `all_of_it` that is remembered; up to `most` ids in a page."""
        parts = self._parts if all_of_it else self._news or {}
        pages = [
            Page((part + 1) * self._length - 1, entries) for part, ids in parts.items() for entries in ids.pages(most)
        ]
        if self._news is not None:
            self._news = {}
        return pages

    def put_back(self, pages: Sequence[Page]) -> None:
        """These are news all the same."""
        for page in pages:
            if self._news is not None:
                _ids(self._news, page.until // self._length).load(page.entries)

    def load(self, page: Page) -> None:
        """Remember what a digest says. Raises ValueError when it is none."""
        _ids(self._parts, page.until // self._length).load(page.entries)


def _ids(parts: dict[int, Ids], part: int) -> Ids:
    ids = parts.get(part)
    if ids is None:
        ids = parts[part] = Ids()
    return ids
