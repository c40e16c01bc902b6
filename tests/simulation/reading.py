"""What a run left behind, as anybody can read it: results by trigger, ledger records by partition."""

from typing import Any

import orjson
from simulation.world import World

Result = dict[str, Any]


def results_of(world: World) -> dict[str, list[Result]]:
    """What was written to the results topic, by trigger, in the order of writing."""
    found: dict[str, list[Result]] = {}
    for value in world.broker.results:
        record = orjson.loads(value)
        found.setdefault(record["trigger_id"], []).append(record)
    return found


def final(records: list[Result]) -> Result:
    """The outcome, as a consumer of the contract finds it."""
    best: Result = max(records, key=lambda record: int(record["revision"]))
    return best


def ledgers_of(world: World) -> list[list[dict[str, Any]]]:
    """The records of each ledger partition, also those that retention took."""
    return [[orjson.loads(raw.value) for raw in log.records] for log in world.broker.ledger]
