"""From what the ledger knows of a trigger to its result. Pure: the same knowledge gives the same bytes."""

from hashlib import blake2b
from typing import Any, assert_never

from bridge.ledger.item import End, Item, rank_of
from bridge.ledger.records import Accepted, Attempt, Dropped, Ended, Refused, Unknown
from bridge.outcomes.model import Missing, Outcome, ResultSource, ResultTimes


def compose(trigger: str, item: Item, end: End) -> Outcome:
    """The result of `end`, which is one of the item's. Raises ValueError for an execution that has not ended."""
    about = item.about
    revision = rank_of(end)
    return Outcome(
        result_id=result_id(trigger, revision),
        revision=revision,
        trigger_id=trigger,
        brand=about.brand,
        route=about.route,
        event_generator_id=about.event_generator_id,
        topic_key=about.topic_key or None,
        event_id=about.event_id,
        repeats=None if about.repeats is None else about.repeats.trigger,
        test=about.test is True,
        source=ResultSource(topic=about.source.topic, partition=about.source.partition, offset=about.source.offset),
        **_of_end(end, item),
    )


def result_id(trigger: str, revision: int) -> str:
    """32 hexadecimal digits, the same for every writer of this revision of the trigger's result."""
    return blake2b(f"{trigger}/{revision}".encode(), digest_size=16).hexdigest()


def _of_end(end: End, item: Item) -> dict[str, Any]:
    nothing: dict[str, Any] = {"execution_id": None, "audience_size": None, "error_code": None, "error_message": None}
    times = {"event": item.about.event_time, "received": item.about.received}
    match end:
        case Dropped():
            return nothing | {
                "outcome": end.outcome,
                "reason": end.reason,
                "attempts": end.attempts,
                "possible_duplicate": end.possible_duplicate,
                "missing": None if end.missing is None else Missing(lookup=end.missing.lookup, key=end.missing.key),
                "times": ResultTimes(**times, ended=end.at),
            }
        case Unknown():
            return nothing | {
                "outcome": "unknown",
                "reason": end.why,
                **_of_attempt(end.attempt),
                "times": ResultTimes(**times, called=end.attempt.called),
            }
        case Refused():
            return nothing | {
                "outcome": "rejected",
                "reason": f"the vendor refused the call with status {end.status}",
                "error_code": str(end.status),
                "error_message": end.text,
                **_of_attempt(end.attempt, doubtful=item.doubtful),
                "times": ResultTimes(**times, called=end.attempt.called, ended=end.at),
            }
        case Ended():
            return {
                "outcome": end.outcome,
                "reason": end.reason,
                "execution_id": end.execution_id,
                "audience_size": end.audience_size,
                "error_code": end.error_code,
                "error_message": end.error_message,
                **_of_attempt(end.attempt),
                "times": ResultTimes(**times, called=end.attempt.called, accepted=end.accepted, ended=end.at),
            }
        case Accepted():
            raise ValueError(f"execution {end.execution_id} has not ended")
    assert_never(end)


def _of_attempt(attempt: Attempt, *, doubtful: bool = False) -> dict[str, Any]:
    """`doubtful`: another attempt, of which nobody knows, may have reached people though this one did not."""
    return {"attempts": attempt.number, "possible_duplicate": attempt.possible_duplicate or doubtful}
