"""From waiting works to the vendor's answers: intent before call, the last checks, and what each end means.

The order is what keeps a phone from ringing twice: the intent is in the ledger, behind no foreign claim, before the
request may leave; whatever ends otherwise is written down as what it certainly was, or as unknown.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from msgspec import UNSET

from bridge.budget.budget import Budget
from bridge.clock import Clock
from bridge.dispatch import verdicts
from bridge.dispatch.around import Vendor
from bridge.dispatch.cooling import Cooling
from bridge.dispatch.ends import END_NAMES, Again, Done, Ends, Next, Try
from bridge.dispatch.flight import Flight
from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.work import Work
from bridge.errors import AppendUncertain, LedgerLost
from bridge.holds.board import Board
from bridge.holds.model import Reason
from bridge.ledger.records import About, Attempt, Intent
from bridge.ledger.repeating import Free, NotYet, Superseded
from bridge.telemetry import Telemetry
from bridge.triggers import Trigger
from bridge.vendor.answers import NotSent, RunAnswer, Unknown

_NONCE_BYTES = 16
# Seeded by the system. To ask it each time, as `secrets` does, is a system call for each attempt.
_NONCES = Random()  # noqa: S311 - it is to be another one each time, not to be secret
# Seconds until one looks again how the attempt has ended of what it repeats, or replaces.
_LOOK_AGAIN = 0.25


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms this replica may call.

    `patience` (seconds): an intent older than this is not called any more. `fresh()`: whether the group has answered
    within the session timeout.
    """

    patience: float
    fresh: Callable[[], bool]


class Calling:
    """Makes attempts. `again` puts a work back into its queue; `landed` is told when a call is out no more."""

    def __init__(
        self,
        *,
        vendor: Vendor,
        budget: Budget,
        holds: Board,
        cooling: Cooling,
        flight: Flight,
        ends: Ends,
        terms: Terms,
        clock: Clock,
        telemetry: Telemetry,
        again: Callable[[Work, float], None],
        landed: Callable[[str], None],
    ) -> None:
        self._vendor = vendor
        self._budget = budget
        self._holds = holds
        self._cooling = cooling
        self._flight = flight
        self._ends = ends
        self._terms = terms
        self._clock = clock
        self._telemetry = telemetry
        self._again = again
        self._landed = landed

    def may_call(self) -> bool:
        """Whether the group has answered of late; while it has not, intents would only be released again."""
        return self._terms.fresh()

    def full(self, brand: str) -> bool:
        """Whether as many calls are under way as may be: another one waits until `landed` is told."""
        return self._flight.full(brand, self._budget.rate(brand), self._budget.ahead(brand))

    async def wave(self, partition: OwnedPartition, works: list[Work]) -> None:
        """Write the intents of some works of one partition and one brand as one batch, then call them, all at once.

        The works take up room in the budget already (`Budget.prepare`).
        """
        began = self._clock.boottime()
        async with asyncio.TaskGroup() as group:
            try:
                tries = await self._intended(partition, works)
                for one in tries[1:]:
                    group.create_task(self._make(partition, one))
            finally:
                self._budget.prepared(works[0].trigger.brand, len(works), self._clock.boottime() - began)
            for one in tries[:1]:  # most waves have one, which needs no task beside this
                await self._make(partition, one)

    async def _intended(self, partition: OwnedPartition, works: list[Work]) -> list[Try]:
        tries = await self._allowed(partition, works)
        try:
            await partition.ledger.decide(*(Intent(t.work.trigger.id, t.about, t.attempt) for t in tries))
        except (LedgerLost, AppendUncertain) as error:
            # Nothing was called; the intents may lie in the log all the same, and must not be taken for calls.
            await partition.ledger.note(*(one.released(str(error)) for one in tries))
            for one in tries:
                self._settle(partition, one, Again(self._clock.boottime()))
            return []
        return tries

    async def _allowed(self, partition: OwnedPartition, works: list[Work]) -> list[Try]:
        """Attempts of those works that may be called as far as the ledger can tell."""
        now, tries = self._clock.boottime(), []
        superseded: dict[Work, str] = {}
        over: list[Work] = []
        for work in works:
            if (standing := partition.not_ended(work)) is None:
                continue
            match partition.rivalry.of(work, self._clock.now()) or partition.kinship(work.trigger):
                case Free() if self._limited(partition, work.trigger):
                    over.append(work)
                case Free(doubtful):
                    tries.append(self._intend(partition, work, doubtful=doubtful or verdicts.doubtful(standing)))
                case NotYet():
                    self._waits_again(partition, work, now + _LOOK_AGAIN)
                    for other in partition.rivalry.not_ended_before(work):
                        partition.reconsider(other)
                case Superseded(why):
                    superseded[work] = why
        await partition.give_up_on(
            list(superseded),
            lambda work, standing: verdicts.superseded(work, standing, superseded[work], self._clock.now()),
        )
        for work in over:
            await self._hold_by_limit(partition, work)
        return tries

    def _limited(self, partition: OwnedPartition, trigger: Trigger) -> bool:
        """Whether one more call would be above the limit that the trigger's route sets itself."""
        if trigger.limit is None:
            return False
        recent, since = partition.ledger.fold.recent, self._holds.let_go(trigger.route)
        return recent.reached(trigger, trigger.limit, self._clock.now(), since)

    async def _hold_by_limit(self, partition: OwnedPartition, work: Work) -> None:
        self._waits_again(partition, work, self._clock.boottime())
        await self._ends.hold_by_limit(work.trigger, partition.ledger.partition)

    def _waits_again(self, partition: OwnedPartition, work: Work, not_before: float) -> None:
        self._again(work, not_before)
        if partition.rivalry.replaced([work], self._clock.now()):
            partition.reconsider(work.trigger.id)

    def _intend(self, partition: OwnedPartition, work: Work, *, doubtful: bool) -> Try:
        now = self._clock.now()
        attempt = Attempt(_NONCES.randbytes(_NONCE_BYTES).hex(), work.made + 1, now, doubtful)
        partition.began(attempt)
        about = About.of(work.trigger, work.offset)
        partition.ledger.fold.recent.began(about, attempt, now)
        return Try(work, about, attempt, self._clock.boottime(), partition.ledger.claim_number)

    async def _make(self, partition: OwnedPartition, one: Try) -> None:
        written = 0.0 if one.about.trace is UNSET else self._clock.boottime()
        if not partition.closing:
            await self._budget.slot(one.work.trigger.brand, one.work.lane, one.work.partition)
        now = self._clock.now()
        if now >= one.work.trigger.expires_at:
            then = await self._expire(partition, one)
        elif (why := self._forbidden(partition, one)) is not None:
            await partition.ledger.note(one.released(why))
            then = Again(self._clock.boottime())
        else:
            then = await self._call(partition, one.leaves(now, written))
        self._settle(partition, one, then)

    def _settle(self, partition: OwnedPartition, one: Try, then: Next) -> None:
        partition.ended(one.attempt)
        if isinstance(then, Again):
            self._waits_again(partition, one.work, then.not_before)

    def _forbidden(self, partition: OwnedPartition, one: Try) -> str | None:
        """The last check before the request leaves: why it must not, if so. Nothing is awaited after this."""
        trigger = one.work.trigger
        hold = self._holds.on_calls(trigger.brand, trigger.route)
        probing = hold is not None and hold.reason is Reason.FORBIDDEN and self._cooling.probes(one.work)
        why: str | None = None
        if partition.closing:
            why = "the partition is being given up"
        elif partition.ledger.claim_number != one.claim:
            why = "the partition was lost or claimed anew"
        elif self._clock.boottime() - one.intended >= self._terms.patience:
            why = "the intent is older than the session timeout"
        elif not self._terms.fresh():
            why = "the group has not answered for a session timeout"
        elif partition.ended_otherwise(trigger.id, one.attempt.nonce):
            why = "a late fact says that another attempt had an effect"
        elif not self._free(partition, one):
            why = "what it repeats, or what repeats it, forbids it"
        elif hold is not None and hold.reason is not Reason.LIMIT and not probing:
            why = "held"  # one that was within its route's limit goes, though the next one had the route held
        return why

    def _free(self, partition: OwnedPartition, one: Try) -> bool:
        kinship = partition.kinship(one.work.trigger)
        return isinstance(kinship, Free) and kinship.doubtful <= one.attempt.possible_duplicate

    async def _expire(self, partition: OwnedPartition, one: Try) -> Next:
        await partition.ledger.note(one.released("expired at the last check"))
        now = self._clock.now()
        await partition.give_up_on([one.work], lambda work, standing: verdicts.expired(work, standing, now))
        return Done()

    async def _call(self, partition: OwnedPartition, one: Try) -> Next:
        trigger = one.work.trigger
        answer, started, ended = await self._asked(one)
        self._telemetry.call_ended(
            trigger.brand,
            trigger.route,
            END_NAMES[type(answer)],
            trigger_id=trigger.id,
            event_id=trigger.event_id,
            seconds=ended - started,
            event_age_seconds=None if trigger.event_time is None else (one.attempt.called - trigger.event_time) / 1000,
            status=getattr(answer, "status", None),
            attempted=one.attempted(started, ended),
        )
        return await self._ends.act(partition, one, answer)

    async def _asked(self, one: Try) -> tuple[RunAnswer, float, float]:
        """Call the vendor, one of as many as may be without an answer; from when to when it took (boottime)."""
        trigger, started, says = one.work.trigger, self._clock.boottime(), False
        brand, generator = trigger.brand, trigger.event_generator_id
        self._flight.left(brand)
        try:
            answer = await self._vendor.run(brand, generator, trigger.topic_key, trigger.context, one.place)
            says = not isinstance(answer, NotSent | Unknown)
        finally:
            ended = self._clock.boottime()
            self._flight.ended(brand, ended - started if says else None)
            self._landed(brand)
        return answer, started, ended
