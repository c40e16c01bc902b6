"""Producers that are not ours: Confluent's serializers over librdkafka."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc_tools
import orjson
from confluent_kafka import Producer
from confluent_kafka.schema_registry import (
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    header_schema_id_serializer,
    prefix_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc
from registry.apicurio import PASSWORD, USER

Serialize = Callable[[Mapping[str, Any], list[tuple[str, Any]]], bytes]
"""An event, and the headers to which it may add: the value of a record."""


_open: list[SchemaRegistryClient] = []


def client(url: str) -> SchemaRegistryClient:
    """One that lasts until `close_clients`."""
    # Now and then, on a busy machine, Apicurio never answers a POST; by default this client waits for ever.
    conf = {"url": url, "basic.auth.user.info": f"{USER}:{PASSWORD}", "timeout": 10}
    _open.append(SchemaRegistryClient(conf))
    return _open[-1]


def close_clients() -> None:
    """At the end of a test."""
    while _open:
        _open.pop().close()


def _framing(*, in_header: bool) -> Any:
    return header_schema_id_serializer if in_header else prefix_schema_id_serializer


def avro(url: str, topic: str, *, extra: Sequence[Mapping[str, Any]] = (), in_header: bool = False) -> Serialize:
    """Events of tests/service as Avro, whose team is a schema of its own; `extra` fields are a later version."""
    registry = client(url)
    team = {
        "type": "record",
        "name": "Team",
        "namespace": "sports",
        "fields": [{"name": "id", "type": "string"}, {"name": "name", "type": "string"}],
    }
    registry.register_schema("sports.Team", Schema(orjson.dumps(team).decode(), "AVRO"))
    time = {"type": "long", "logicalType": "timestamp-millis"}
    fields = [
        *({"name": name, "type": "string"} for name in ("id", "type", "brand")),
        {"name": "occurred_at", "type": time},
        {"name": "team", "type": "sports.Team"},
        {"name": "minute", "type": ["null", "int"], "default": None},
        *extra,
    ]
    schema = {"type": "record", "name": "Event", "namespace": "sports", "fields": fields}
    serializer = AvroSerializer(
        registry,
        Schema(orjson.dumps(schema).decode(), "AVRO", [SchemaReference("sports.Team", "sports.Team", 1)]),
        conf={"schema.id.serializer": _framing(in_header=in_header)},
    )

    def serialize(event: Mapping[str, Any], headers: list[tuple[str, Any]]) -> bytes:
        return bytes(serializer(dict(event), SerializationContext(topic, MessageField.VALUE, headers)) or b"")

    return serialize


def json_schema(url: str, topic: str, *, in_header: bool = False) -> Serialize:
    """As JSON, whose team is a schema of its own."""
    registry = client(url)
    draft = "http://json-schema.org/draft-07/schema#"
    team = {"$schema": draft, "type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    registry.register_schema("team.json", Schema(orjson.dumps(team).decode(), "JSON"))
    schema = {
        "$schema": draft,
        "title": "Event",
        "type": "object",
        "properties": {"id": {"type": "string"}, "minute": {"type": "integer"}, "team": {"$ref": "team.json"}},
        "required": ["id", "team"],
    }
    serializer = JSONSerializer(
        Schema(orjson.dumps(schema).decode(), "JSON", [SchemaReference("team.json", "team.json", 1)]),
        registry,
        conf={"schema.id.serializer": _framing(in_header=in_header), "validate": False},
    )

    def serialize(event: Mapping[str, Any], headers: list[tuple[str, Any]]) -> bytes:
        return bytes(serializer(dict(event), SerializationContext(topic, MessageField.VALUE, headers)) or b"")

    return serialize


_TEAM = 'syntax = "proto3"; package sports; message Team { string id = 1; string name = 2; }'
_EVENT = """
syntax = "proto3";
package sports;
import "sports/team.proto";
import "google/protobuf/timestamp.proto";
message Other { string x = 1; }
message Event {
  string id = 1; string type = 2; string brand = 3; google.protobuf.Timestamp occurred_at = 4; Team team = 5; int64 minute = 6;
}
"""


def protobuf(url: str, topic: str, *, in_header: bool = False) -> Serialize:
    """As Protobuf, in the second message of a file that imports another."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "sports").mkdir()
        (folder / "sports" / "team.proto").write_text(_TEAM)
        (folder / "event.proto").write_text(_EVENT)
        known = Path(grpc_tools.__file__).parent / "_proto"
        words = ["protoc", f"-I{folder}", f"-I{known}", "--include_imports", f"--descriptor_set_out={folder / 'out'}"]
        assert protoc.main([*words, "event.proto"]) == 0
        described = FileDescriptorSet.FromString((folder / "out").read_bytes())
    pool = DescriptorPool()
    for file in described.file:
        pool.AddSerializedFile(file.SerializeToString())
    message = GetMessageClass(pool.FindMessageTypeByName("sports.Event"))
    serializer = ProtobufSerializer(
        message,
        client(url),
        conf={"use.deprecated.format": False, "schema.id.serializer": _framing(in_header=in_header)},
    )

    def serialize(event: Mapping[str, Any], headers: list[tuple[str, Any]]) -> bytes:
        made = json_format.ParseDict(dict(event), message())
        return bytes(serializer(made, SerializationContext(topic, MessageField.VALUE, headers)) or b"")

    return serialize


def produce(kafka: str, topic: str, serialize: Serialize, events: Sequence[Mapping[str, Any]], partition: int) -> None:
    """Publish events, each acknowledged, through librdkafka."""
    producer = Producer({"bootstrap.servers": kafka, "acks": "all"})
    failed: list[Any] = []
    for event in events:
        headers: list[tuple[str, Any]] = []
        value = serialize(event, headers)
        producer.produce(
            topic, value, headers=headers, partition=partition, on_delivery=lambda error, _: failed.append(error)
        )
    producer.flush(30)
    assert not any(failed), failed
    assert len(failed) == len(events)
