"""On what terms a trigger may be written again: its route as it is now, its expiry, what the topic takes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from msgspec import structs

from bridge.durations import format_duration, format_instant
from bridge.intake.fitting import trigger_record
from bridge.repeating.families import Family
from bridge.repeating.plan import Fate, Left, Send
from bridge.routing.routes import Route
from bridge.triggers import Repeats, Trigger, repetition_id


@dataclass(frozen=True, slots=True)
class Found:
    """A trigger as it lies on its topic."""

    trigger: Trigger
    partition: int


@dataclass(frozen=True, slots=True)
class Terms:
    """`now` and `expires_after` (None: the expiry that it has) are in ms; the topic takes records of `limit` bytes."""

    routes: Mapping[str, Route]
    now: int
    expires_after: int | None
    topic: str
    partitions: int
    limit: int

    def admit(self, trigger: Trigger, partition: int | None = None) -> Fate:
        """The trigger with the expiry that was asked for, to that partition, or else its own; or why not."""
        if trigger.verdict is not None:
            return Left(f"it must not be called: {trigger.verdict.reason}")
        if (why := self.forbidden(trigger)) is not None:
            return Left(why)
        expires_at = trigger.expires_at if self.expires_after is None else self.now + self.expires_after
        if expires_at <= self.now:
            return Left(f"it expired at {format_instant(expires_at)}: give --expires-after")
        _, fitting = trigger_record(
            structs.replace(trigger, expires_at=expires_at, received=self.now), self.topic, self.partitions, self.limit
        )
        if fitting.verdict is not None:
            return Left(f"it cannot be written: {fitting.verdict.reason}")
        return Send(fitting, trigger.partition(self.partitions) if partition is None else partition)

    def forbidden(self, trigger: Trigger) -> str | None:
        """Why the route as it is now does not let the trigger be called, or not for so long; None when it does."""
        if (why := self.closed(trigger.route)) is not None:
            return why
        route = self.routes[trigger.route]
        if (route.brand, route.event_generator_id) != (trigger.brand, trigger.event_generator_id):
            return f"route {route.name} has another event generator now: what was made for the old one is not sent"
        # What the window forgets must be too old to be called.
        if self.expires_after is not None and self.expires_after > route.dedup_window:
            window = format_duration(route.dedup_window)
            return f"--expires-after is longer than the dedup_window of route {route.name}, {window}"
        return None

    def closed(self, name: str) -> str | None:
        """Why the route of that name calls nobody now; None when it does."""
        route = self.routes.get(name)
        if route is None:
            return f"route {name} is not in the routing table any more"
        match route.mode:
            case "live":
                return None
            case "off":
                return f"route {name} is off now"
            case "shadow":
                return f"route {name} is in shadow now: it calls nobody"
        assert_never(route.mode)


def repetition(trigger: Trigger, family: Family) -> Trigger:
    """The trigger as the family's next repetition."""
    number = family.next_number
    repeats = Repeats(family.original, number, family.doubtful)
    return structs.replace(trigger, id=repetition_id(family.original, number), repeats=repeats)
