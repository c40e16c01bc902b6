"""Reading the schema file that a source names."""

import json
from pathlib import Path
from typing import Any

from jsonschema_rs import ValidationError, meta

from bridge.configfile import Place, Problem, read_file
from bridge.routing.eventschemas import avro, jsonschema
from bridge.routing.eventschemas.model import EventSchema
from bridge.routing.findings import Spot

LARGEST_FILE = 4 * 1_048_576
"""Bytes."""


def load_event_schema(name: str, spot: Spot) -> EventSchema | None:
    """The schema in the file that a source names at `spot`, or None with its problem noted."""
    path = Path(spot.document.file).parent / name
    if path.suffix not in (".json", ".avsc"):
        spot.error(f"{name} must end in .json (a JSON Schema) or .avsc (an Avro schema)")
        return None
    data = _read(path, name, spot)
    if data is None:
        return None
    if path.suffix == ".json" and not meta.is_valid(data):
        spot.error(f"{name} is no valid JSON Schema: {_why(data)}")
        return None
    try:
        ways = jsonschema.ways_of(data) if path.suffix == ".json" else avro.ways_of(data)
    except RecursionError:
        spot.error(f"{name} is nested too deeply")
        return None
    if not ways:
        spot.error(f"no event can fulfil {name}")
        return None
    return EventSchema(name, ways)


def _why(schema: Any) -> str:
    try:
        meta.validate(schema)
    except ValidationError as error:
        return error.message.splitlines()[0]
    except ValueError as error:
        return str(error)
    return "it can't be read"


def _read(path: Path, name: str, spot: Spot) -> Any:
    """What the file holds, or None with its problem noted."""
    try:
        content = read_file(path, LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            spot.error(f"{name} is larger than {LARGEST_FILE} bytes")
            return None
        return json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        spot.error(f"can't read {name}: {error.strerror}")
    except UnicodeDecodeError:
        spot.error(f"{name} is not UTF-8: save it as UTF-8")
    except json.JSONDecodeError as error:
        place = Place(str(path), error.lineno, error.colno)
        spot.findings.append(Problem(f"is not JSON: {error.msg}", place))
    except RecursionError:
        spot.error(f"{name} is nested too deeply")
    return None
