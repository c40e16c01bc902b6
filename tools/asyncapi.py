"""The AsyncAPI document of the topics that the service reads and writes, made from what writes and checks them."""

from collections.abc import Collection, Iterable, Mapping
from inspect import cleandoc
from typing import Any

from pydantic import TypeAdapter

from bridge.holds.model import Hold
from bridge.intake import deadletters
from bridge.kafka.topics import TopicNames, TopicPlan, specs
from bridge.outcomes import cloudevents
from bridge.outcomes.model import Outcome
from bridge.outcomes.schema import OfRecords, outcome_schema
from tools.readable import as_yaml

_SCHEMAS = "#/components/schemas/{model}"
_BINDING = {"bindingVersion": "0.5.0"}
_INTERNAL = "Internal: it may change with any release. `bridge audit` and `bridge outcomes` read it."
_NAMES = TopicNames("{name}")

_Tree = dict[str, Any]


def asyncapi() -> str:
    """AsyncAPI 3.0, as YAML."""
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Campaign bridge",
            # That of the results contract: the major number is the one in ce_type and in the schema's $id.
            "version": "1.0.0",
            "description": "The topics that the service reads and writes. The public ones are the source topics, the results "
            "and the dead letters; docs/consuming.md shows how to read results.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrapServers}",
                "protocol": "kafka",
                "variables": {
                    "bootstrapServers": {
                        "default": "localhost:9092",
                        "description": "The setting kafka.bootstrap_servers.",
                    }
                },
            }
        },
        "channels": _channels(),
        "operations": _operations(),
        "components": {"messages": _messages(), "schemas": _schemas()},
    }
    return as_yaml(document)


def _channels() -> _Tree:
    source = {
        "address": "{sourceTopic}",
        "description": "Events of other services. Which topics, and what in them means a campaign, says the routing table.",
        "parameters": {"sourceTopic": {"description": "A `topic` under `sources` of the routing table."}},
        "messages": _references(["event"]),
    }
    return {
        "source": source,
        "triggers": _own(_NAMES.triggers, "Decided by intake, to be called by dispatch. " + _INTERNAL, ["trigger"]),
        "ledger": _own(_NAMES.ledger, "What is known of each trigger. " + _INTERNAL, ["ledgerRecord"]),
        "results": _own(_NAMES.results, "What became of each trigger: the public contract.", ["outcome"]),
        "deadLetters": _own(_NAMES.dead_letters, "Records of source topics that are no events.", ["deadLetter"]),
        "control": _own(
            _NAMES.control,
            "What all replicas must know: holds, and fingerprints of what decides the ids of triggers. "
            "Write to it with `bridge hold` and `bridge release`.",
            ["hold", "fingerprint"],
        ),
    }


def _own(address: str, description: str, messages: Iterable[str]) -> _Tree:
    plan = TopicPlan(names=_NAMES)
    spec = next(one for one in specs(plan, 0) if one.name == address)
    settings = spec.creation_settings()
    configuration: _Tree = {"cleanup.policy": [settings["cleanup.policy"]]}
    if "retention.ms" in settings:
        configuration["retention.ms"] = int(settings["retention.ms"])
    return {
        "address": address,
        "description": description,
        "parameters": {"name": {"default": "bridge", "description": "The service's name, the setting `name`."}},
        "messages": _references(messages),
        "bindings": {
            "kafka": {
                "partitions": spec.partitions,
                "replicas": spec.replication,
                "topicConfiguration": configuration,
                **_BINDING,
            }
        },
    }


def _references(messages: Iterable[str]) -> _Tree:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in messages}


def _operations() -> _Tree:
    return {
        "readEvents": _operation("receive", "source", "Intake, in the consumer group `<name>.intake`."),
        "writeTriggers": _operation("send", "triggers", "Intake, and `bridge resend` and `bridge redrive`."),
        "readTriggers": _operation("receive", "triggers", "Dispatch, in the consumer group `<name>.dispatch`."),
        "writeLedger": _operation("send", "ledger", "The replica that owns the triggers partition of the same number."),
        "readLedger": _operation("receive", "ledger", "The replica that takes a partition over."),
        "writeOutcomes": _operation("send", "results", "Dispatch and reconcile, once it is known how a trigger ended."),
        "writeDeadLetters": _operation("send", "deadLetters", "Intake. `bridge redrive --dead-letters` reads them."),
        "writeControl": _operation(
            "send", "control", "Start-up, dispatch, reconcile, and `bridge hold` and `release`."
        ),
        "readControl": _operation("receive", "control", "Every replica reads the whole topic, and follows it."),
    }


def _operation(action: str, channel: str, description: str) -> _Tree:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "description": description}


def _messages() -> _Tree:
    return {
        "event": {
            "description": "JSON, of any shape: the routing table says where event id and time are.",
            "payload": {"description": "The event, as its producer defines it."},
        },
        "trigger": _internal("The trigger's id.", "One call to make, or one that must not be made and why."),
        "ledgerRecord": _internal("The trigger's id; none for a claim.", "What was decided, or what came of it."),
        "outcome": {
            "description": cleandoc(Outcome.__doc__ or ""),
            "headers": _headers(cloudevents.MEANINGS, optional=cloudevents.OPTIONAL),
            "payload": {"$ref": "#/components/schemas/Outcome"},
            "bindings": _key("The event's id, as its producer gave it."),
        },
        "deadLetter": {
            "description": "The record's own key, value and headers, and headers that say why it is here.",
            "contentType": "application/octet-stream",
            "headers": _headers(deadletters.MEANINGS, optional=[deadletters.CUT]),
            "payload": {"description": "The bytes of the record, whatever they are."},
            "bindings": _key("The record's own key."),
        },
        "hold": {
            "description": "What must wait, and why. Without a value: it is released.",
            "payload": {"$ref": "#/components/schemas/Hold"},
            "bindings": _key("`operator/` for a person's hold or `hold/` for the service's own, then the scope."),
        },
        "fingerprint": {
            "description": "What decides ids and partitions of triggers, hashed: a change is refused at start.",
            "contentType": "text/plain",
            "payload": {"type": "string"},
            "bindings": _key("`route/` and the route's name, or `partitions`."),
        },
    }


def _internal(key: str, description: str) -> _Tree:
    return {
        "description": f"{description} {_INTERNAL}",
        "payload": {"type": "object"},
        "bindings": _key(key),
        "x-internal": True,
    }


def _key(description: str) -> _Tree:
    return {"kafka": {"key": {"type": "string", "description": description}, **_BINDING}}


def _headers(meanings: Mapping[str, str], optional: Collection[str]) -> _Tree:
    fixed = cloudevents.FIXED
    return {
        "type": "object",
        "required": [name for name in meanings if name not in optional],
        "properties": {
            name: {"type": "string", **({"const": fixed[name]} if name in fixed else {}), "description": meaning}
            for name, meaning in meanings.items()
        },
    }


def _schemas() -> _Tree:
    outcome = outcome_schema(_SCHEMAS)
    hold = TypeAdapter(Hold).json_schema(ref_template=_SCHEMAS, schema_generator=OfRecords)
    found = outcome.pop("$defs") | hold.pop("$defs") | {"Outcome": outcome, "Hold": hold}
    for name in ("$schema", "$id"):
        del outcome[name]
    return dict(sorted(found.items()))
