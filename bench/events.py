"""What is published, and the table that makes campaigns of it: 50 routes, of which one event in so many means one."""

from collections.abc import Iterator
from typing import Any

import orjson

from bridge.clock import SystemClock
from bridge.durations import format_instant

ROUTES = 50
BRAND = "acme"
API_KEY, BRAND_KEY = "bench-api-key", "bench-brand-key"
GENERATOR = "11111111-2222-3333-4444-555555555555"
TEAMS = {"GER": "710ddb0e-b706-c2ce-393f-28a3379f57c4", "JPN": "9392bfd6-f01a-5ec9-6728-b3f60e139488"}
TEAMS_CSV = "team_id,topic_key\n" + "".join(f"{team},{key}\n" for team, key in TEAMS.items())
WANTED, UNWANTED = "goal", "throw-in"

_EVENT: dict[str, Any] = {
    "match": {"id": "2022-23", "name": "Germany vs Japan", "venue": "Khalifa International Stadium, Al Rayyan", "stage": "Matchday 1", "group": "Group E"},
    "team": {"id": "GER", "name": "Germany"}, "player": "İlkay Gündoğan", "own_goal": False, "penalty": True,
    "minute": 33, "minute_text": "33",
    "home": {"id": "GER", "name": "Germany", "goals": 1}, "away": {"id": "JPN", "name": "Japan", "goals": 0},
}  # fmt: skip
_CONTRACT = {
    "event": "string",
    "team_name": "string",
    "player_name": "string",
    "minute": "integer",
    "score": "string",
    "url": "url",
}
_CONTEXT = {
    "event": "{id}",
    "team_name": "{team.name}",
    "player_name": "{player}",
    "minute": "{minute}",
    "score": "{home.goals}-{away.goals}",
    "url": "https://example.com/m/{match.id}",
}


def event(name: str, kind: str = WANTED) -> bytes:
    """A football event of some 420 bytes that happens now."""
    made = {"id": name, "type": kind, "occurred_at": format_instant(SystemClock().now()), **_EVENT}
    return orjson.dumps(made)


def events(prefix: str, count: int, every: int = 1) -> Iterator[bytes]:
    """So many events, of which each `every`-th, the first among them, means a campaign."""
    return (event(f"{prefix}{number}", UNWANTED if number % every else WANTED) for number in range(count))


def context_of(event: Any) -> dict[str, Any]:
    """What the table's route makes of an event, for the reference."""
    return {
        "event": event["id"],
        "team_name": event["team"]["name"],
        "player_name": event["player"],
        "minute": event["minute"],
        "score": f"{event['home']['goals']}-{event['away']['goals']}",
        "url": f"https://example.com/m/{event['match']['id']}",
    }


def table(topic: str) -> dict[str, Any]:
    """The routing table, for a source topic."""
    kinds = [*(f"kind-{number}" for number in range(ROUTES - 1)), WANTED]
    route = {"source": "matches", "generator": "goal", "topic_key": {"lookup": "teams", "key": "{team.id}"}}
    return {
        "version": 1,
        "sources": {"matches": {"topic": topic, "event_id": "id", "event_time": "occurred_at", "start": "earliest"}},
        "defaults": {"expires_after": "2h", "dedup_window": "24h"},
        "generators": {"goal": {"brand": BRAND, "id": GENERATOR, "context": _CONTRACT}},
        "lookups": {"teams": {"file": "teams.csv", "key": "team_id", "value": "topic_key"}},
        "routes": [route | {"name": kind, "match": {"type": kind}, "context": _CONTEXT} for kind in kinds],
    }
