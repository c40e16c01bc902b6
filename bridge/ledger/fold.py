"""The fold: ledger records in, what is known of each trigger out. Pure: no clock, no I/O."""

from collections.abc import Iterable

from msgspec import UNSET

from bridge.ledger.carrying import restore
from bridge.ledger.digest import Digest
from bridge.ledger.item import REACHED_RANKS, UNKNOWN_RANK, Finished, Item, New, Standing, rank_of
from bridge.ledger.items import Items
from bridge.ledger.recent import Recent
from bridge.ledger.records import About, Carried, Claim, Intent, Line, Parked, Record, Reported, is_decision
from bridge.ledger.remembered import Remembered
from bridge.ledger.rivals import Rivals


class Fold:
    """What a reader of one ledger partition knows after the records applied so far.

    `items` holds what is not done with; ids of the rest are in `remembered`. `claim` is the offset of the newest claim
    seen, -1 before any.
    """

    def __init__(self, window: int = 86_400_000, longest_limit: int = 0, *, news: bool = False) -> None:
        """`window` (ms): how long what is finished will be remembered; `longest_limit` (ms): how long calls are counted;
        `news`: whether what is remembered anew is kept for a digest.
        """
        self.items = Items()
        self.remembered = Remembered(window, news=news)
        self.recent = Recent(longest_limit)
        self.rivals = Rivals()
        self.claim = -1
        self.latest = 0  # the broker's time of the newest record applied, ms
        self.count = 0  # records applied
        # The trigger that lies furthest on its topic, of those that were spoken of: its offset, and its id.
        self.furthest: tuple[int, str] = (-1, "")

    def begin_with(self, remembered: Remembered, claim: int, latest: int, furthest: tuple[int, str]) -> None:
        """What digests say of what lies before all records to come: the claim in force there, the newest time known then, the
        trigger that lay furthest.
        """
        self.remembered, self.claim, self.latest, self.furthest = remembered, claim, latest, furthest

    def apply(self, offset: int, timestamp: int, line: Line) -> str | None:
        """Take in the record at `offset`; the id of the trigger that it says something new of, or None."""
        self.count += 1
        self.latest = max(self.latest, timestamp)
        record = line.record
        if isinstance(record, Claim):
            self.claim = offset
            return None
        if is_decision(record):
            if line.claim is None or line.claim < self.claim:
                # Its writer had lost the partition by then: it says what a replica wanted, and did not do.
                return None
            self.claim = line.claim  # larger only where the claim lies before what is read: retention took it
        if isinstance(record, Digest):
            return None  # of what is known already; who restores reads it apart
        item = self.items.get(record.id)
        if item is None:
            about = about_of(record)
            if about is None:
                return None  # a `reported` of a trigger that is done with
            item = Item(about, floor=self.remembered.revision(record.id), since=offset)
        self._learn(item, offset, timestamp, record)
        if item.about.offset > self.furthest[0]:
            self.furthest = (item.about.offset, record.id)
        self.items.put(record.id, item)
        if item.about.supersede_by is not None:
            self.rivals.follow(record.id, item)
        return record.id

    def take_in(self, records: Iterable[tuple[int, int, Line]]) -> set[str]:
        """Apply them all (offset, the broker's time, line); the ids of the triggers that they say something new of."""
        return {trigger for one in records if (trigger := self.apply(*one)) is not None}

    def pass_by(self, trigger: str, rank: int, timestamp: int, records: int) -> None:
        """Remember a trigger, of which nothing else is known, as finished by `records` whose newest is of `timestamp`."""
        self.count += records
        self.latest = max(self.latest, timestamp)
        self.remembered.add_at_least(trigger, rank, timestamp)

    def _learn(self, item: Item, offset: int, timestamp: int, record: Record) -> None:
        item.newest = offset
        if isinstance(record, Carried):
            for one in record.records:
                item.learn(one)
            restore(item, record)
            item.at = max(item.at, timestamp if record.at is UNSET else record.at)
            return
        item.learn(record)
        item.at = max(item.at, timestamp)
        if item.told_by(record):
            item.since = offset
        self.recent.learn(record, timestamp)
        if isinstance(record, Intent) and record.about.supersede_by is not None:
            self.rivals.began(record)

    def knows(self, trigger: str) -> bool:
        """Whether anything is known of the trigger."""
        return trigger in self.items or self.remembered.revision(trigger) > 0

    def standing(self, trigger: str) -> Standing:
        """What may be done with the trigger."""
        if (item := self.items.get(trigger)) is not None:
            return item.standing()
        return Finished() if self.remembered.revision(trigger) else New()

    def settle(self, trigger: str, written: int = 0) -> None:
        """The result of revision `written` is on its topic: keep only the id when nothing more can come of the trigger.

        While one of its attempts is unknown it stays whole, unless another one made an execution that reached somebody: a late
        fact may still change everything, and a repetition must know that this one may have reached people.
        """
        item = self.items.get(trigger)
        if item is None:
            return
        news = written > item.written
        item.written = max(item.written, written)
        self._settle(trigger, item, news=news)

    def give_up(self, trigger: str) -> None:
        """Nobody asks any more how the unresolved executions of the trigger end: settle it, if nothing else is to come."""
        item = self.items.get(trigger)
        if item is not None:
            item.given_up = True
            self._settle(trigger, item, news=True)

    def _settle(self, trigger: str, item: Item, *, news: bool) -> None:
        told = item.written in REACHED_RANKS or (item.written not in {0, UNKNOWN_RANK} and not item.doubtful)
        if told and item.done():
            self.remembered.add(trigger, item.written, item.at)
            self._remove(trigger, item)
        elif news:
            self.items.replace(trigger, item)

    def settle_committed(self, triggers: Iterable[str], committed: int) -> None:
        """Settle those whose result is written already, because what lies before the `committed` offset is finished."""
        for trigger in triggers:
            item = self.items.get(trigger)
            if item is None:
                continue
            due = item.result_due()
            written = due is not None and item.finished_before(committed)
            self.settle(trigger, rank_of(due) if due is not None and written else 0)

    def forget_before(self, timestamp: int) -> None:
        """Forget what was finished before the broker's time `timestamp` (ms), ids by whole hours."""
        self.remembered.forget_before(timestamp)
        self.recent.forget_before(self.latest)
        for trigger, item in self.items.active():
            if item.at < timestamp and item.done():
                self._remove(trigger, item)

    def _remove(self, trigger: str, item: Item) -> None:
        self.items.remove(trigger)
        self.rivals.remove(trigger, item)


def about_of(record: Record) -> About | None:
    """What a record says of its trigger; None for those that say nothing."""
    if isinstance(record, Carried):
        return next((about for one in record.records if (about := about_of(one)) is not None), None)
    if isinstance(record, Parked):
        return About.of(record.trigger, record.offset)
    if isinstance(record, Claim | Reported | Digest):
        return None
    return record.about
