"""The events that the tests publish, and the table that makes campaigns of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from canary import CANARY

from bridge.clock import SystemClock
from bridge.durations import format_instant
from bridge.simulator import BrandConfig, GeneratorConfig, SimulatorConfig

TEAMS = {"GER": "00000000-abcd", "ARG": "00000000-beef", "FRA": "event_reminders+FRA"}
TEAMS_CSV = "id,topic_key\n" + "".join(f"{team},{key}\n" for team, key in TEAMS.items())
GENERATORS = {
    "acme": "11111111-2222-3333-4444-555555555555",
    "beta": "22222222-2222-3333-4444-555555555555",
    "gamma": "33333333-2222-3333-4444-555555555555",
}
START_GENERATOR = "44444444-2222-3333-4444-555555555555"


def event(number: int, **changes: Any) -> dict[str, Any]:
    """A goal for one of three teams, now, but for what is changed; a change to None takes the field out."""
    made = {
        "id": f"e{number}",
        "type": "goal",
        "brand": "acme",
        "occurred_at": format_instant(SystemClock().now()),
        "team": {"id": list(TEAMS)[number % len(TEAMS)], "name": "a team"},
        "minute": 12,
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def events(numbers: Iterable[int], **changes: Any) -> list[dict[str, Any]]:
    return [event(number, **changes) for number in numbers]


def table(topic: str, *, brands: Iterable[str] = ("acme",), start_generator: str = START_GENERATOR) -> dict[str, Any]:
    """Goals to a generator of their brand; match starts to another one; whistles to nobody, in shadow."""
    context = {"event": "{id}", "team": "{team.name}", "minute": "{minute}"}
    contract = {"event": "string", "team": "string", "minute": "integer"}
    route = {"source": "matches", "topic_key": {"lookup": "teams", "key": "{team.id}"}, "context": context}
    goals = [
        route | {"name": f"goal-{brand}", "match": {"type": "goal", "brand": brand}, "generator": f"goal-{brand}"}
        for brand in brands
    ]
    generators = {
        f"goal-{brand}": {"brand": brand, "id": GENERATORS[brand], "context": contract} for brand in brands
    } | {"start": {"brand": "acme", "id": start_generator, "context": contract}}
    return {
        "version": 1,
        "sources": {"matches": {"topic": topic, "event_id": "id", "event_time": "occurred_at"}},
        "defaults": {"expires_after": "5m", "dedup_window": "24h"},
        "generators": generators,
        "lookups": {"teams": {"file": "teams.csv", "key": "id", "value": "topic_key"}},
        "routes": [
            *goals,
            route | {"name": "start", "match": {"type": "start"}, "generator": "start"},
            route | {"name": "whistle", "match": {"type": "whistle"}, "generator": "start", "mode": "shadow"},
        ],
    }


def vendor(brands: Mapping[str, BrandConfig] | None = None, **changes: Any) -> SimulatorConfig:
    """A strict vendor who knows the table's generators, and tells events apart by their ids."""
    played = {"acme": keys_of("acme")} if brands is None else dict(brands)
    generators = [GeneratorConfig(id=GENERATORS[brand], brand=brand) for brand in GENERATORS if brand in played]
    settings: dict[str, Any] = {
        "brands": played,
        "generators": (*generators, GeneratorConfig(id=START_GENERATOR, brand="acme")),
        "latency": 20,
        "jitter": 10,
        "time_to_end": (300, 800),
        "identity": ("event",),
    }
    return SimulatorConfig.model_validate(settings | changes)


def keys_of(brand: str) -> BrandConfig:
    """The keys that the replicas have for the brand: whoever runs a service looks whether it shows them."""
    return BrandConfig(api_key=CANARY.in_secret(f"{brand}-api"), brand_key=CANARY.in_secret(f"{brand}-brand"))
