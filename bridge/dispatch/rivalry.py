"""Which of the works of a partition replace one another, as their route's `supersede_by` says. Pure: no I/O; times are ms.

The newer one, by its place on the triggers topic, replaces what still waits. It is called when each older one has an end in the
ledger, so whenever an owner dies the next one finds either that end or an older and a newer one that both wait.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bridge.dispatch.progress import Progress
from bridge.dispatch.work import State, Work
from bridge.ledger.fold import Fold
from bridge.ledger.repeating import NotYet, Superseded
from bridge.ledger.rivals import Key, key_of


@dataclass(slots=True)
class Rivalry:
    """The works that have a key (bridge.ledger.rivals), while they are not finished."""

    fold: Fold
    progress: Progress
    _works: dict[Key, dict[int, Work]] = field(default_factory=dict)
    # From the ledger, and older ones may still have to be read again: by id.
    _early: dict[str, Work] = field(default_factory=dict)

    def add(self, work: Work) -> None:
        """It may be called, and replaces what is older."""
        key = key_of(work.trigger)
        if key is not None:
            self._works.setdefault(key, {})[work.offset] = work

    def remove(self, work: Work) -> None:
        """It is finished."""
        self._early.pop(work.trigger.id, None)
        key = key_of(work.trigger)
        if key is None or key not in self._works:
            return
        self._works[key].pop(work.offset, None)
        if not self._works[key]:
            del self._works[key]

    def is_early(self, work: Work) -> bool:
        """Whether it must wait until the topic is read up to its own place: then nothing older is still to come."""
        if key_of(work.trigger) is not None and work.offset >= self.progress.position:
            self._early[work.trigger.id] = work
            return True
        self._early.pop(work.trigger.id, None)
        return False

    def no_longer_early(self) -> list[Work]:
        """Those for which that is so by now."""
        due = [work for work in self._early.values() if work.offset < self.progress.position]
        for work in due:
            del self._early[work.trigger.id]
        return [work for work in due if work.state is State.WAITING]

    def replaced(self, works: Iterable[Work], now: int) -> dict[Work, str]:
        """Of these and of all that share their keys: those that wait, but must not be called any more, and why."""
        found: dict[Work, str] = {}
        for key in dict.fromkeys(key_of(work.trigger) for work in works):
            if key is not None:
                newest = self._newest(key, now)
                waiting = [work for work in self._works.get(key, {}).values() if work.state is State.WAITING]
                found.update({work: why for work in waiting if (why := self._replaced_by(work, newest)) is not None})
        return found

    def of(self, work: Work, now: int) -> NotYet | Superseded | None:
        """What its rivals mean for a work that is about to be called. None: nothing."""
        key = key_of(work.trigger)
        if key is None:
            return None
        if (why := self._replaced_by(work, self._newest(key, now))) is not None:
            return Superseded(why)
        return NotYet() if any(self.not_ended_before(work)) else None

    def not_ended_before(self, work: Work) -> Iterator[str]:
        """Ids of the older ones of its key that have no end yet."""
        key = key_of(work.trigger)
        if key is not None:
            older = (other for other in self._works.get(key, {}).values() if other.offset < work.offset)
            yield from (other.trigger.id for other in older)
            yield from self.fold.rivals.not_ended_before(work.trigger, work.offset)

    def _newest(self, key: Key, now: int) -> Work | None:
        # One that has expired will not be called, so it replaces nothing.
        alive = (work for work in self._works.get(key, {}).values() if now < work.trigger.expires_at)
        return max(alive, key=lambda work: work.offset, default=None)

    def _replaced_by(self, work: Work, newest: Work | None) -> str | None:
        item = self.fold.items.get(work.trigger.id)
        event = None if item is None else item.overtaken_by
        if newest is not None and newest.offset > work.offset:
            event = newest.trigger.event_id
        return None if event is None else f"replaced by event {event}, a newer one with the same supersede_by value"
