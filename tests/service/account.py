"""What became of everything, read from the topics and from the vendor, never from what the service says of itself."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import orjson
from kafka.cluster import read_topic

from bridge.outcomes.schema import outcome_schema
from bridge.simulator.executions import ExecutionRecord

_CONTRACT = jsonschema_rs.validator_for(outcome_schema(), validate_formats=True)
Subject = tuple[str, str, str]
"""What a call is about: event, generator, topic key."""


@dataclass(frozen=True)
class Account:
    """Topics of the service as decoded records, and the vendor's own list."""

    triggers: Sequence[dict[str, Any]]
    results: Sequence[dict[str, Any]]
    ledger: Sequence[dict[str, Any]]
    dead_letters: Sequence[Any]
    executions: Sequence[ExecutionRecord]

    @property
    def final(self) -> dict[str, dict[str, Any]]:
        """By trigger the result with the highest revision, the first of equal ones."""
        best: dict[str, dict[str, Any]] = {}
        for result in self.results:
            known = best.get(result["trigger_id"])
            if known is None or result["revision"] > known["revision"]:
                best[result["trigger_id"]] = result
        return best

    @property
    def outcomes(self) -> Counter[str]:
        """How many triggers ended how."""
        return Counter(result["outcome"] for result in self.final.values())

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The ledger's records of a kind."""
        return [record for record in self.ledger if record["kind"] == kind]

    def in_flight(self) -> set[str]:
        """Events of which the ledger holds an intent and not its end."""
        begun = {record["attempt"]["nonce"]: record["about"]["event_id"] for record in self.of("intent")}
        ended = {
            record["attempt"]["nonce"] for record in self.ledger if "attempt" in record and record["kind"] != "intent"
        }
        return {event for nonce, event in begun.items() if nonce not in ended}

    def check(self) -> None:
        """Whatever happened: each trigger has one outcome, nobody was called twice, and outcomes and executions match."""
        final = self.final
        assert final.keys() == {trigger["id"] for trigger in self.triggers}, "each trigger has an outcome"
        repeated = {result["result_id"]: result for result in self.results}
        assert all(repeated[result["result_id"]] == result for result in self.results), "a repetition says the same"

        made = Counter(map(_subject_of_execution, self.executions))
        assert not [subject for subject, times in made.items() if times > 1], "nobody was called twice"
        told = {_subject_of_result(result): result for result in final.values()}
        assert len(told) == len(final), "no two triggers are about the same"
        for execution in self.executions:
            result = told[_subject_of_execution(execution)]
            if result["outcome"] != "unknown":
                assert (result["execution_id"], result["outcome"]) == (execution.execution_id, execution.status)
        ids = {execution.execution_id for execution in self.executions}
        assert {result["execution_id"] for result in final.values()} - {None} <= ids, "no execution is made up"


def _subject_of_execution(execution: ExecutionRecord) -> Subject:
    return execution.context["event"], execution.event_generator_id, execution.topic_key


def _subject_of_result(result: dict[str, Any]) -> Subject:
    return result["event_id"], result["event_generator_id"], result["topic_key"]


async def read_account(kafka: str, name: str, executions: Iterable[ExecutionRecord]) -> Account:
    """Read every topic of the service. Each result must be as the contract says, under the id of its event, and a
    CloudEvent.
    """
    results = await read_topic(kafka, f"{name}.results")
    for record in results:
        value = orjson.loads(record.value)
        _CONTRACT.validate(value)
        assert record.key.decode() == value["event_id"]
        told = {header: content.decode() for header, content in record.headers}
        assert (told["ce_id"], told["ce_subject"]) == (value["result_id"], value["trigger_id"])
        assert (told["ce_source"], told["ce_specversion"]) == (f"/campaign-bridge/{name}", "1.0")
        assert told["ce_time"] == (value["times"]["ended"] or value["times"]["called"])
    return Account(
        triggers=[orjson.loads(record.value) for record in await read_topic(kafka, f"{name}.triggers")],
        results=[orjson.loads(record.value) for record in results],
        ledger=[orjson.loads(record.value) for record in await read_topic(kafka, f"{name}.ledger")],
        dead_letters=await read_topic(kafka, f"{name}.dead-letters"),
        executions=list(executions),
    )
