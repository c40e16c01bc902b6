"""From an event in a file to the trigger of a test. Pure: the time (ms) and the test's id are arguments.

The routing table decides as it does for intake; then the test is taken out of everything that could touch a real trigger:
its id, its order, what it would replace, its route's own limit, and the audience.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import structs

from bridge.configfile.validation import did_you_mean
from bridge.errors import BridgeError, Undecodable
from bridge.events import Record, Source
from bridge.explaining.explanation import Explanation
from bridge.explaining.looking import explanations
from bridge.formats import NO_SCHEMAS
from bridge.intake.fitting import trigger_record
from bridge.recorded.records import NotRecorded
from bridge.recorded.sources import event_of
from bridge.routing.deciding import event_time_of
from bridge.routing.refusals import Refusal
from bridge.routing.routes import Route
from bridge.routing.table import Table
from bridge.routing.values import LookedUp
from bridge.triggers import Rejected, Trigger, Unmapped, trigger_id

PREFIX = "test-"
"""Of the event ids of tests: for people. What marks a test is its field."""
_NOWHERE = -1


class NoTest(BridgeError):
    """Why an event makes no test, and what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for: a test to `topic_key` under this `event_id`, made at `now`. `known_too`: also when the table
    knows the topic key, so that real events go there.
    """

    topic_key: str
    event_id: str
    now: int
    known_too: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """What the triggers topic takes: records of `limit` bytes, in so many partitions."""

    topic: str
    partitions: int
    limit: int


@dataclass(frozen=True, slots=True)
class Planned:
    """The test of a route, and where it is written. `instead_of`: the topic keys that the event itself is for, as far as the
    table knows them.
    """

    route: Route
    trigger: Trigger
    partition: int
    instead_of: tuple[str, ...]


def explained(table: Table, route: str, record: Record, now: int) -> Explanation:
    """What the event means to this route alone, decided at the event's own time (ms), for it may be a year old, or of
    tomorrow; `now` where it says none. Raises NotRecorded when there is no such route.
    """
    if route not in table.routes:
        raise NotRecorded(f"there is no route {route}{did_you_mean(route, table.routes)}")
    source = table.sources[table.routes[route].source]
    try:
        moment = event_time_of(source.event_time, event_of(source, record, NO_SCHEMAS))
    except (Undecodable, Refusal):
        moment = now  # the explanation says why
    (found,) = explanations(table, record, moment, source=source.name, route=route)
    return found


def takes(found: Explanation) -> bool:
    """Whether the only route of the explanation takes the event. Raises NoTest for a route that is off."""
    for one in found.routes:
        if one.route.mode == "off":
            raise NoTest(f"route {one.route.name} is off and takes no event: set its mode to shadow or live first")
    return found.undecodable is None and any(one.wanted for one in found.routes)


def plan(found: Explanation, asked: Asked, room: Room) -> Planned:
    """The test of the only route of the explanation, which takes the event. Raises NoTest."""
    ((route, made),) = ((one.route, one.triggers) for one in found.routes)
    for one in made:
        _refuse_what_would_not_be_called(one)
    if not asked.known_too and (whose := _whose(route, made, asked.topic_key)) is not None:
        raise NoTest(
            f"topic key {asked.topic_key} is no test topic: {whose}, so real events go there. Take one that only colleagues are "
            "subscribed to; if this one is such a topic, say --known-topic"
        )
    record, test = trigger_record(_test(route, made[0], asked), room.topic, room.partitions, room.limit)
    if test.verdict is not None:
        raise NoTest(test.verdict.reason)
    return Planned(route, test, record.partition or 0, tuple(one.topic_key for one in made if one.topic_key))


def _refuse_what_would_not_be_called(one: Trigger) -> None:
    """A topic that a lookup lacks is no obstacle: the test has another one."""
    match one.verdict:
        case Rejected(reason):
            raise NoTest(f"an event like this would be rejected, and so nothing can be sent: {reason}")
        case Unmapped(reason=reason, topic=False):
            raise NoTest(f"an event like this would be unmapped, and so nothing can be sent: {reason}")
        case Unmapped() | None:
            return


def _whose(route: Route, made: Iterable[Trigger], topic_key: str) -> str | None:
    """What of the route leads to this topic key, if something does."""
    if any(one.topic_key == topic_key for one in made):
        return "this event is for it"
    for key in route.topic_keys:
        if isinstance(key, LookedUp):
            for name, value in key.lookup.entries.items():
                if str(value) == topic_key:
                    return f"lookup {key.lookup.name} has it for {name}"
    return None


def _test(route: Route, decided: Trigger, asked: Asked) -> Trigger:
    """As it was decided, but for whom, when and under which id. Of a scope of its own wherever triggers meet one another, so
    that it neither replaces a real one nor has one wait; and its route's limit is for what events cause.
    """
    own = asked.event_id
    return structs.replace(
        decided,
        id=trigger_id(decided.brand, decided.route, asked.topic_key, own),
        topic_key=asked.topic_key,
        event_id=own,
        dedup_key=own,
        order_by=None if decided.order_by is None else own,
        supersede_by=None if decided.supersede_by is None else own,
        limit=None,
        verdict=None,
        event_time=asked.now,
        received=asked.now,
        expires_at=asked.now + route.expires_after,
        source=Source(decided.source.topic, _NOWHERE, _NOWHERE),
        test=True,
    )
