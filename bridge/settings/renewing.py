"""What a running replica takes from settings that were read again: secrets, and nothing else. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from bridge.configfile import Path_
from bridge.settings.kafka import SecuritySettings
from bridge.settings.model import Settings

_ABSENT = object()
_SECURITY: Path_ = ("kafka", "security")
_REDIS: Path_ = ("budget", "redis_url")
RENEWED: tuple[Path_, ...] = (
    ("brands",),
    ("provisioner", "headers"),
    ("registry", "password"),
    ("registry", "token"),
    ("tracing", "headers"),
    _REDIS,
    _SECURITY,
)
"""Where secrets lie that somebody takes while the service runs (bridge.app)."""
# Of a section that is taken as a whole, what can't be another: clients would have to be made anew.
_LASTING = ("protocol", "sasl_mechanism")


@dataclass(frozen=True, slots=True)
class Renewal:
    """`settings` are those in force with the secrets that were read. `taken`: the paths of those that changed; `waiting`: of
    what else did, which counts after a restart only.
    """

    settings: Settings
    taken: tuple[Path_, ...]
    waiting: tuple[Path_, ...]


def renewal(in_force: Settings, read: Settings) -> Renewal:
    """What of `read` counts while the service runs."""
    changes = list(_changes(in_force, read, ()))
    taken = tuple(path for path in changes if _is_taken(path, in_force, read))
    waiting = tuple(path for path in changes if path not in taken)
    replaced = {_replaced(path): _at(read, _replaced(path)) for path in taken}
    return Renewal(_with(in_force, replaced, ()) if replaced else in_force, taken, waiting)


def named_files(settings: Settings) -> dict[Path_, Path]:
    """The files that settings name by their path (certificates and keys: the names of these settings end in `_file`)."""
    return {
        path: Path(value)
        for path, value in _values(settings, ())
        if isinstance(value, str) and str(path[-1]).endswith("_file")
    }


def _is_taken(path: Path_, old: Settings, new: Settings) -> bool:
    if not any(path[: len(renewed)] == renewed for renewed in RENEWED):
        return False
    if path[: len(_SECURITY)] == _SECURITY:
        return _may_follow(old.kafka.security, new.kafka.security)
    before, after = _at(old, path), _at(new, path)
    if not (isinstance(before, SecretStr) and isinstance(after, SecretStr)):
        return False
    return path != _REDIS or _without_user(before) == _without_user(after)


def _may_follow(old: SecuritySettings, new: SecuritySettings) -> bool:
    """A user comes with a password and a certificate with a key, so that section is taken as a whole or not at all."""
    return all(getattr(old, name) == getattr(new, name) for name in _LASTING)


def _without_user(url: SecretStr) -> str:
    """Replicas that share a budget must share one Redis, so of its URL only user and password may change."""
    parts = urlsplit(url.get_secret_value())
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _replaced(path: Path_) -> Path_:
    return _SECURITY if path[: len(_SECURITY)] == _SECURITY else path


def _changes(old: Any, new: Any, path: Path_) -> Iterator[Path_]:
    """The path of each difference, as deep as it goes."""
    before, after = _parts(old), _parts(new)
    if before is not None and after is not None:
        for name in {**before, **after}:
            yield from _changes(before.get(name, _ABSENT), after.get(name, _ABSENT), (*path, name))
    elif old is _ABSENT or new is _ABSENT or old != new:
        yield path


def _values(node: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:
    parts = _parts(node)
    if parts is None:
        yield path, node
    else:
        for name, inner in parts.items():
            yield from _values(inner, (*path, name))


def _parts(node: Any) -> Mapping[str, Any] | None:
    if isinstance(node, BaseModel):
        return {name: getattr(node, name) for name in type(node).model_fields}
    return node if isinstance(node, Mapping) else None


def _at(node: Any, path: Path_) -> Any:
    for part in path:
        node = (_parts(node) or {}).get(str(part), _ABSENT)
    return node


def _with(node: Any, replaced: Mapping[Path_, Any], path: Path_) -> Any:
    """A copy of what lies at `path`, with these values in it."""
    if path in replaced:
        return replaced[path]
    parts = _parts(node)
    if parts is None:
        return node
    made = {name: _with(value, replaced, (*path, name)) for name, value in parts.items()}
    return node.model_copy(update=made) if isinstance(node, BaseModel) else made
