"""What the ends of a call mean: the table in docs/vendor.md, a row a method."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from msgspec import Struct

from bridge.clock import Clock
from bridge.dispatch.cooling import Cooling
from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.work import Work
from bridge.durations import format_duration
from bridge.holds.board import Board
from bridge.holds.model import Hold, Reason, brand_scope, route_scope
from bridge.ledger.records import About, Accepted, Attempt, Refused, Released, Unknown
from bridge.telemetry.spans import Attempted
from bridge.tracecontext import Trace, of_call, parse
from bridge.triggers import OnUnknown, Trigger
from bridge.vendor import answers
from bridge.vendor.answers import RunAnswer

_UNAUTHORIZED = 401
# How long a brand waits after a 429 that doesn't say, ms.
_DEFAULT_PAUSE = 1_000


class Try(Struct, frozen=True):
    """An attempt of a work, with what the last check before the call needs."""

    work: Work
    about: About
    attempt: Attempt
    intended: float  # boottime, seconds
    claim: int
    written: float = 0.0  # when its intent was acknowledged, if it is traced

    def leaves(self, now: int, written: float) -> "Try":
        """The same, as its call leaves `now` (ms)."""
        kept = self.attempt
        attempt = Attempt(kept.nonce, kept.number, now, kept.possible_duplicate)
        return Try(self.work, self.about, attempt, self.intended, self.claim, written)

    def released(self, why: str) -> Released:
        """The fact that this attempt had no effect."""
        return Released(self.work.trigger.id, self.about, self.attempt, why)

    @property
    def place(self) -> Trace | None:
        """Of its request in the trigger's trace."""
        whole = self.work.trigger.trace
        trigger = None if whole is None else parse(whole.parent)
        return (
            None if whole is None or trigger is None else Trace(str(of_call(trigger, self.attempt.nonce)), whole.state)
        )

    def attempted(self, called: float, now: float) -> Attempted | None:
        """What its spans will say, when it was `called` and got its answer `now` (boottime)."""
        trigger = self.work.trigger
        if trigger.trace is None:
            return None
        seconds = now - self.intended, now - self.written, now - called
        attempt = self.attempt
        return Attempted(
            trigger.trace.parent, trigger.trace.state, attempt.nonce, attempt.number, trigger.received, *seconds
        )


@dataclass(frozen=True, slots=True)
class Again:
    """The attempt had no effect, or its policy allows another: let it wait."""

    not_before: float  # boottime, seconds


@dataclass(frozen=True, slots=True)
class Done:
    """The trigger is finished, or another replica's by now."""


Next = Again | Done


class Ends:
    """Acts on the vendor's answers. `fingerprint(route)`: its configuration, which a hold on it remembers;
    `generator(route)`: the id of its event generator; None for a route that the table has not (any more).
    """

    def __init__(
        self,
        *,
        holds: Board,
        cooling: Cooling,
        clock: Clock,
        replica: str,
        fingerprint: Callable[[str], str | None],
        generator: Callable[[str], str | None],
    ) -> None:
        self._holds = holds
        self._cooling = cooling
        self._clock = clock
        self._replica = replica
        self._fingerprint = fingerprint
        self._generator = generator

    async def act(self, partition: OwnedPartition, one: Try, answer: RunAnswer) -> Next:
        """Write the end down, and do what follows from it."""
        one.work.made = one.attempt.number
        match answer:
            case answers.Accepted(execution_id):
                return await self._accepted(partition, one, execution_id)
            case answers.NotSent(why):
                await partition.ledger.note(one.released(why))
                return Again(self._cooling.failed(one.work.trigger.brand))
            case answers.RefusedEvent(status, text):
                return await self._refused(partition, one, status, text)
            case answers.RefusedRoute(status, text) if self._outdated(one.work.trigger):
                # The route has another generator by now: holding it would punish the mended one for the old.
                why = f"made for generator {one.work.trigger.event_generator_id}, which the route no longer has: {text}"
                return await self._refused(partition, one, status, why)
            case answers.Unknown(why):
                return await self._doubt(partition, one, why)
            case answers.Throttled() | answers.RefusedRoute() | answers.RefusedBrand():
                self._cooling.worked(one.work.trigger.brand)
                # The hold first: once the fact is written, the next one of this order may be picked.
                await self._hold(one, answer)
                await partition.ledger.note(one.released(_told(answer)))
                return Again(self._clock.boottime())
        assert_never(answer)

    def _outdated(self, trigger: Trigger) -> bool:
        return self._generator(trigger.route) not in (None, trigger.event_generator_id)

    async def _accepted(self, partition: OwnedPartition, one: Try, execution_id: str) -> Next:
        trigger = one.work.trigger
        self._cooling.worked(trigger.brand)
        now = self._clock.now()
        await partition.ledger.note(Accepted(trigger.id, one.about, one.attempt, execution_id, now))
        await partition.finish(trigger.id)
        hold = self._holds.on_brand(trigger.brand)
        if hold is not None and hold.reason is Reason.FORBIDDEN:
            await self._holds.lift(brand_scope(trigger.brand))
        return Done()

    async def _refused(self, partition: OwnedPartition, one: Try, status: int, text: str) -> Next:
        trigger = one.work.trigger
        self._cooling.worked(trigger.brand)
        await partition.ledger.note(Refused(trigger.id, one.about, one.attempt, status, text, self._clock.now()))
        await partition.finish(trigger.id)
        return Done()

    async def _doubt(self, partition: OwnedPartition, one: Try, why: str) -> Next:
        trigger = one.work.trigger
        not_before = self._cooling.failed(trigger.brand)
        counts = await partition.decide(Unknown(trigger.id, one.about, one.attempt, why))
        if counts and trigger.on_unknown is OnUnknown.RESEND:
            return Again(not_before)
        if counts:
            await partition.finish(trigger.id)
        return Done()

    async def hold_by_limit(self, trigger: Trigger, partition: int) -> None:
        """The route makes more calls than it may by its own limit: hold it until a person or a new configuration lets it go."""
        limit = trigger.limit
        if limit is None:
            return
        whom = "for one topic key" if limit.by == "topic_key" else "for the route"
        detail = f"{limit.max_calls} calls {whom} within {format_duration(limit.per)}, in triggers partition {partition}: is a producer broken?"
        fingerprint = self._fingerprint(trigger.route)
        hold = Hold(
            route_scope(trigger.route), Reason.LIMIT, detail, self._replica, self._clock.now(), None, fingerprint
        )
        await self._holds.hold(hold)

    async def _hold(self, one: Try, answer: answers.Throttled | answers.RefusedRoute | answers.RefusedBrand) -> None:
        trigger, now, until = one.work.trigger, self._clock.now(), None
        scope, fingerprint = brand_scope(trigger.brand), None
        match answer:
            case answers.Throttled(retry_after):
                reason, until = Reason.THROTTLED, now + (_DEFAULT_PAUSE if retry_after is None else retry_after)
            case answers.RefusedRoute():
                reason, scope = Reason.MISCONFIGURED, route_scope(trigger.route)
                fingerprint = self._fingerprint(trigger.route)
            case answers.RefusedBrand(status):
                reason = Reason.UNAUTHORIZED if status == _UNAUTHORIZED else Reason.FORBIDDEN
            case _:
                assert_never(answer)
        await self._holds.hold(Hold(scope, reason, _told(answer), self._replica, now, until, fingerprint))


def _told(answer: answers.Throttled | answers.RefusedRoute | answers.RefusedBrand) -> str:
    """What the vendor said, for a person."""
    return "429" if isinstance(answer, answers.Throttled) else f"{answer.status}: {answer.text}"


END_NAMES: dict[type[RunAnswer], str] = {
    answers.Accepted: "accepted",
    answers.NotSent: "not_sent",
    answers.Throttled: "throttled",
    answers.RefusedEvent: "refused_event",
    answers.RefusedRoute: "refused_route",
    answers.RefusedBrand: "refused_brand",
    answers.Unknown: "unknown",
}
