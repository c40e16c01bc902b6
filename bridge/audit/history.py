"""What a ledger partition says of some triggers, record by record, and what follows. Pure: no clock, no I/O.

The fold keeps what is known best; who doubts it, or wants to see how it came, needs every record, those that do not count
included.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.ledger.digest import Digest
from bridge.ledger.fold import Fold
from bridge.ledger.item import Item
from bridge.ledger.records import Carried, Claim, Line, Record, is_decision


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of a trigger. `timestamp` is the broker's, ms.

    `counts`: False for a decision that lies behind a newer claim than its writer's. `carried`: it is not news, but said
    again by a later owner. `overtaken_by`: the event of a newer trigger that had been called by then and replaces this one.
    """

    offset: int
    timestamp: int
    record: Record
    counts: bool
    carried: bool = False
    overtaken_by: str | None = None


@dataclass(slots=True)
class History:
    """All records of one trigger in the order of the log. `item`: what follows from them; None when none counts."""

    entries: list[Entry] = field(default_factory=list)
    item: Item | None = None


class Chronicle:
    """The histories in one ledger partition, from records applied in their order, every claim among them."""

    def __init__(self) -> None:
        self._fold = Fold()
        self.histories: dict[str, History] = {}

    @property
    def knows_its_claim(self) -> bool:
        """Whether a claim, or a decision under one, was seen: before that, a decision that came too late looks like any."""
        return self._fold.claim >= 0

    def apply(self, offset: int, timestamp: int, line: Line, *, keep: bool = True) -> None:
        """Take in the record at `offset`; `keep`: as a part of its trigger's history, and not for its claim alone."""
        record, claim = line.record, self._fold.claim
        if isinstance(record, Claim) or keep:
            self._fold.apply(offset, timestamp, line)
        elif line.claim is not None:
            self._fold.claim = max(claim, line.claim)
        if isinstance(record, Claim | Digest) or not keep:
            return
        history = self.histories.setdefault(record.id, History())
        history.item = self._fold.items.get(record.id)
        counts = not is_decision(record) or (line.claim is not None and line.claim >= claim)
        overtaken_by = None if history.item is None else history.item.overtaken_by
        for one in _said(record):
            carried = isinstance(record, Carried)
            history.entries.append(Entry(offset, timestamp, one, counts, carried, overtaken_by))


def _said(record: Record) -> Iterator[Record]:
    if isinstance(record, Carried):
        for one in record.records:
            yield from _said(one)
    else:
        yield record
