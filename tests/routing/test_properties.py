"""Whatever an event holds: deciding never crashes, and nothing blank is ever sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing.tables import GOAL, NOW, TABLE, write

from bridge.errors import Undecodable
from bridge.events import Event, Source
from bridge.routing import Table, load_table
from bridge.triggers import Rejected, Trigger

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        ["", " ", "GER", "FRA", "goal", "m1", "90+3", "2026-02-05T20:12:00Z", "2026-02-05T20:12", "\u200b"]
    ),
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=8)  # fmt: skip
TEAM = st.fixed_dictionaries({}, optional={"id": SCALARS | st.just("GER"), "name": JSON})
CHANGES = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(GOAL, JSON), "team": TEAM, "match": st.fixed_dictionaries({"id": SCALARS})}
)
# Mostly a goal with something odd about it; now and then anything at all.
EVENTS = CHANGES.map(lambda changes: GOAL | dict(list(changes.items())[:2])) | CHANGES | JSON

MORE = """
  - name: rich
    source: matches
    generator: rich
    topic_key: [{lookup: teams, key: "{team.id}"}, "text/{match.id}"]
    context: {n: {deep: "{team.name}", list: ["{minute}"]}, a: {cel: "event.assist"}, any: "{team}", t: {lookup: teams, key: "{team.id}"}}
"""
RICH = """
  rich:
    brand: acme
    id: 11111111-2222-3333-4444-555555555555
    context: {n: object, a: {type: object, required: false}, any: {type: object, required: false}, t: {type: string, required: false}}
lookups:"""


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Table:
    folder: Path = tmp_path_factory.mktemp("table")
    return load_table(write(folder, TABLE.replace("\nlookups:", RICH) + MORE), {})


def decide(of: Table, body: Any, timestamp: int) -> tuple[Trigger, ...]:
    happened = Event(body, Source("sports.match-events", 0, 1), timestamp, None, {"origin": ""})
    try:
        return of.decide("matches", happened, NOW).triggers
    except Undecodable:
        return ()


def leaves(context: dict[str, Any]) -> Iterator[Any]:
    """What a route's context names: its fields, and what is written inside of them."""
    for name, value in context.items():
        yield value
        if name == "n":
            yield value["deep"]
            yield from value["list"]


@given(body=EVENTS, timestamp=st.integers(-1, 2**41))
def test_no_decision_crashes_and_nothing_blank_is_sent(of: Table, body: Any, timestamp: int) -> None:
    made = decide(of, body, timestamp)
    assert len({trigger.id for trigger in made}) == len(made)
    for trigger in made:
        assert Trigger.decode(trigger.encode()) == trigger
        if trigger.verdict is not None:
            continue
        assert trigger.topic_key.strip()
        assert trigger.event_time is not None
        assert trigger.event_time <= NOW + 5 * 60_000
        assert of.routes[trigger.route].generator.contract.fulfilled(trigger.context)
        for leaf in leaves(trigger.context):
            assert leaf is not None
            assert leaf not in ("", [], {})
            assert not (isinstance(leaf, str) and leaf.isspace())


@given(body=EVENTS, timestamp=st.integers(-1, 2**41))
def test_the_same_record_always_makes_the_same_triggers(of: Table, body: Any, timestamp: int) -> None:
    again = orjson.loads(orjson.dumps(body))
    assert decide(of, body, timestamp) == decide(of, again, timestamp)


@given(one=EVENTS, ids=st.lists(st.text(min_size=1, max_size=4).filter(str.strip), min_size=2, max_size=2, unique=True))
def test_two_rejected_events_never_share_an_id(of: Table, one: Any, ids: list[str]) -> None:
    if not isinstance(one, dict):
        return
    made = [decide(of, {**one, "id": event_id}, NOW) for event_id in ids]
    rejected = [{trigger.id for trigger in triggers if isinstance(trigger.verdict, Rejected)} for triggers in made]
    assert not rejected[0] & rejected[1]
