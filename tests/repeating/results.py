"""Results of a made-up trigger and its repetitions, as they lie on their topic."""

from typing import Any

from bridge.durations import format_instant
from bridge.outcomes.reading import WrittenResult
from bridge.repeating.families import Family, families
from bridge.triggers import repetition_id

T = "0" * 32
NOW = 1_800_000_000_000

_REVISIONS = {"unknown": 2, "failed": 6, "lost": 5, "unresolved": 5, "published": 7}


def result(number: int = 0, outcome: str = "unknown", original: str = T, **fields: Any) -> WrittenResult:
    """Of the repetition of that number; 0 is the original."""
    revision = _REVISIONS.get(outcome, 1)
    made = {
        "trigger_id": repetition_id(original, number),
        "repeats": original if number else None,
        "outcome": outcome,
        "revision": revision,
        "result_id": f"{number}/{revision}",
        "event_id": "e1",
        "route": "goal",
        "topic_key": "topic-1",
        "reason": None,
        "attempts": int(outcome not in ("rejected", "unmapped", "expired", "superseded")),
        "possible_duplicate": False,
        "source": {"topic": "sports.match-events", "partition": 3, "offset": 17},
        "times": {"event": format_instant(NOW - 120_000), "received": format_instant(NOW - 60_000)},
    }
    return WrittenResult(made | fields)


def family(*results: WrittenResult, original: str = T) -> Family:
    return families(results, {original})[original]
