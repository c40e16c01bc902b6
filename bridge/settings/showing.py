"""The settings in force, for people: every value as it would be written, where it comes from, and no secret. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bridge.configfile import Path_
from bridge.durations import format_duration
from bridge.settings.kinds import Kind
from bridge.settings.loading import Loaded

HIDDEN = "**********"


def shown(settings: BaseModel) -> dict[str, Any]:
    """As nested mappings: JSON's types, durations with their unit."""
    return {
        name: _shown(getattr(settings, name), duration=_is_duration(field))
        for name, field in type(settings).model_fields.items()
    }


def origins(loaded: Loaded) -> dict[Path_, str]:
    """Where each single value comes from, by its path: a variable, a place in the file, or `default`."""
    return {path: loaded.origin(path) for path in _leaves(shown(loaded.settings), ())}


def _shown(value: Any, *, duration: bool = False) -> Any:
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, BaseModel):
        return shown(value)
    if isinstance(value, Mapping):
        return {name: _shown(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner) for inner in value]
    if duration and value is not None:
        return format_duration(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_duration(field: FieldInfo) -> bool:
    """Also where there may be none: then the type says it of one member."""
    members = (metadata for member in get_args(field.annotation) for metadata in getattr(member, "__metadata__", ()))
    return Kind("duration") in (*field.metadata, *members)


def _leaves(node: Any, path: Path_) -> Iterator[Path_]:
    if isinstance(node, Mapping) and node:
        for name, inner in node.items():
            yield from _leaves(inner, (*path, name))
    else:
        yield path
