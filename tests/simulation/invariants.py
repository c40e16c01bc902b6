"""What must hold at the end of every run."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
from simulation.world import World

from bridge.triggers import OnUnknown, Trigger

Result = dict[str, Any]


def results_of(world: World) -> dict[str, list[Result]]:
    """What was written to the results topic, by trigger."""
    found: dict[str, list[Result]] = {}
    for value in world.broker.results:
        record = orjson.loads(value)
        found.setdefault(record["trigger_id"], []).append(record)
    return found


def final(records: list[Result]) -> Result:
    """The outcome, as a consumer of the contract finds it."""
    best: Result = max(records, key=lambda record: int(record["revision"]))
    return best


def broken(world: World) -> Iterator[str]:
    """The invariants that do not hold, in words."""
    for error in world.failures:
        yield f"a replica failed: {error!r} {getattr(error, 'exceptions', '')}"
    results, executed, intended = results_of(world), _executed(world), _intended(world)
    for trigger in world.sent.values():
        number = trigger.event_id
        yield from _wrong_calls(world, trigger)
        records = results.get(trigger.id)
        if records is None:
            yield f"trigger {number}: no outcome"
            continue
        yield from _wrong_results(number, records)
        yield from _wrong_outcome(number, final(records), executed[number])
        if final(records)["outcome"] == "unknown" and not intended[trigger.id]:
            yield f"trigger {number}: unknown, though no call can have been made"
    for name, execution in world.vendor.executions.items():
        known = any(record["execution_id"] == name for records in results.values() for record in records)
        if known and name not in world.vendor.polled_to_the_end:
            yield f"execution {name} of trigger {execution.trigger} was not followed to its end"


def _executed(world: World) -> Counter[str]:
    return Counter(execution.trigger for execution in world.vendor.executions.values())


def _intended(world: World) -> Counter[str]:
    """Intents in the ledger, whether they count or not, by trigger."""
    values = (orjson.loads(raw.value) for log in world.broker.ledger for raw in log.records)
    return Counter(value["id"] for value in values if value["kind"] == "intent")


def _wrong_calls(world: World, trigger: Trigger) -> Iterator[str]:
    number = trigger.event_id
    effective = world.vendor.calls[number] - world.vendor.harmless[number]
    if trigger.on_unknown is OnUnknown.PARK and effective > 1:
        yield f"trigger {number}: called {effective} times"
    if trigger.verdict is not None and world.vendor.calls[number]:
        yield f"trigger {number}: rejected, and called"


def _wrong_results(number: str, records: list[Result]) -> Iterator[str]:
    by_result = {record["result_id"] for record in records}
    if len(by_result) != len({record["revision"] for record in records}):
        yield f"trigger {number}: result ids and revisions disagree"
    # With several attempts, two owners may tell the same outcome of different ones.
    one_attempt = all(record["attempts"] == 1 for record in records)
    if one_attempt and len({_lasting(record) for record in records}) != len(by_result):
        yield f"trigger {number}: a result was repeated with other content: {records}"


def _lasting(record: Result) -> bytes:
    """What must be the same in every repetition: all but the moment at which an execution was seen to have ended."""
    if record["execution_id"] is not None:
        record = {**record, "times": {**record["times"], "ended": None}}
    return orjson.dumps(record)


def _wrong_outcome(number: str, outcome: Result, executed: int) -> Iterator[str]:
    name = outcome["outcome"]
    if name in {"published", "failed"} and not executed:
        yield f"trigger {number}: {name}, and no execution"
    if name in {"expired", "rejected"} and executed and not outcome["possible_duplicate"]:
        yield f"trigger {number}: {name}, and executed"
    if name in {"unresolved", "lost"}:
        yield f"trigger {number}: {name}, though the vendor tells"
