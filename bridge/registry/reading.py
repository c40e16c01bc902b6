"""From what a registry keeps to what reads payloads."""

from bridge.formats.avro import avro_reader
from bridge.formats.protobuf import protobuf_reader
from bridge.formats.registeredjson import json_schema_reader
from bridge.formats.schemas import Reader, Unfit, Written
from bridge.registry.protoc import MAIN, compiled


async def reader_of(schema: Written) -> Reader:
    """Raises Unfit."""
    match schema.kind:
        case "AVRO":
            return avro_reader(schema)
        case "PROTOBUF":
            return protobuf_reader(schema.kind, await compiled(schema), MAIN)
        case "JSON":
            return json_schema_reader(schema)
        case other:
            raise Unfit(f"its type {other[:50]} is none of AVRO, PROTOBUF and JSON")
