"""Why an event means what it means: what `explain` finds out, and nothing about how it is shown."""

from dataclasses import dataclass
from typing import Any

from bridge.events import Event
from bridge.routing.deciding import Facts
from bridge.routing.expressions import Expression
from bridge.routing.matching import Condition
from bridge.routing.paths import MISSING
from bridge.routing.refusals import Absent, NoEntry, Refusal
from bridge.routing.routes import Route, SourceConfig, TopicKey
from bridge.routing.values import Value
from bridge.triggers import Trigger


@dataclass(frozen=True, slots=True)
class Given:
    """What a part of a route gave for the event: a value, or the refusal that says why there is none."""

    value: Any = MISSING
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A field of `match`: what the event has there (MISSING: nothing), and whether that will do."""

    condition: Condition
    actual: Any
    holds: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A route's `when`, and what it gave."""

    expression: Expression
    given: Given

    @property
    def denies(self) -> bool:
        """Whether it is false. One that fails does not deny: the trigger is rejected, and told."""
        return self.given.value is False


@dataclass(frozen=True, slots=True)
class FieldMade:
    """A field of the context. `misfit` says in which way its value is not what the contract wants."""

    name: str
    how: Value
    given: Given
    required: bool
    misfit: str | None

    @property
    def left_out(self) -> bool:
        """Whether it is not sent, and needs not be: what it refers to is not there."""
        return not self.required and isinstance(self.given.refusal, Absent | NoEntry)

    @property
    def wrong(self) -> str | None:
        """Why nothing can be sent, if that is because of this field."""
        if self.given.refusal is not None and not self.left_out:
            return str(self.given.refusal)
        return self.misfit


@dataclass(frozen=True, slots=True)
class KeyMade:
    """A topic key of a route, and the trigger that it alone makes. `repeats`: another key of the route made the same
    trigger, or one for the same topic, and so this one makes none.
    """

    key: TopicKey
    trigger: Trigger
    repeats: bool


@dataclass(frozen=True, slots=True)
class RouteExplained:
    """What a route makes of the event. Without `wanted`, `fields` and `keys` are empty, for nobody looked at them."""

    route: Route
    conditions: tuple[Compared, ...]
    when: Judged | None
    fields: tuple[FieldMade, ...] = ()
    keys: tuple[KeyMade, ...] = ()
    triggers: tuple[Trigger, ...] = ()

    @property
    def unequal(self) -> tuple[Compared, ...]:
        """The fields of `match` that keep the event away."""
        return tuple(one for one in self.conditions if not one.holds)

    @property
    def wanted(self) -> bool:
        """Whether the route takes the event."""
        return self.route.mode != "off" and not self.unequal and not (self.when is not None and self.when.denies)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an event means to a source, and why. Without an event id there is only `undecodable`, the reason that a dead
    letter would carry. `now` is in ms since 1970 UTC.
    """

    source: SourceConfig
    event: Event
    now: int
    undecodable: str | None = None
    facts: Facts | None = None
    routes: tuple[RouteExplained, ...] = ()

    @property
    def triggers(self) -> tuple[Trigger, ...]:
        """Those that intake would write."""
        return tuple(trigger for one in self.routes if one.route.mode == "live" for trigger in one.triggers)

    @property
    def shadow(self) -> int:
        """How many triggers of routes in shadow mode would be counted."""
        return sum(len(one.triggers) for one in self.routes if one.route.mode == "shadow")
