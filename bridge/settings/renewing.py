"""What a running replica takes from settings that were read again: secrets, and nothing else. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from bridge.configfile import Path_
from bridge.settings.model import Settings

_REDIS: Path_ = ("budget", "redis_url")


@dataclass(frozen=True, slots=True)
class Renewal:
    """`settings` are those in force with the secrets that were read. `secrets`: the paths of those that changed; `waiting`: of
    what else did, which counts after a restart only.
    """

    settings: Settings
    secrets: tuple[Path_, ...]
    waiting: tuple[Path_, ...]


def renewal(in_force: Settings, read: Settings) -> Renewal:
    """What of `read` counts while the service runs."""
    changes = list(_changes(in_force, read, ()))
    secrets = {path: value for path, value in changes if value is not None}
    waiting = tuple(path for path, value in changes if value is None)
    return Renewal(_with(in_force, secrets, ()) if secrets else in_force, tuple(secrets), waiting)


def _changes(old: Any, new: Any, path: Path_) -> Iterator[tuple[Path_, SecretStr | None]]:
    """The path of each difference, with the new secret where it is one that can be taken."""
    if isinstance(old, SecretStr) and isinstance(new, SecretStr):
        if old != new:
            yield path, new if _may_change(path, old, new) else None
    elif isinstance(old, BaseModel) and type(old) is type(new):
        for name in type(old).model_fields:
            yield from _changes(getattr(old, name), getattr(new, name), (*path, name))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in {**old, **new}:
            if name in old and name in new:
                yield from _changes(old[name], new[name], (*path, name))
            else:
                yield (*path, name), None
    elif old != new:
        yield path, None


def _may_change(path: Path_, old: SecretStr, new: SecretStr) -> bool:
    """Replicas that share a budget must share one Redis, so of its URL only user and password may change."""
    return path != _REDIS or _without_user(old) == _without_user(new)


def _without_user(url: SecretStr) -> str:
    parts = urlsplit(url.get_secret_value())
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _with(node: Any, secrets: Mapping[Path_, SecretStr], path: Path_) -> Any:
    """A copy of what lies at `path`, with these secrets in it."""
    if path in secrets:
        return secrets[path]
    if isinstance(node, BaseModel):
        names = type(node).model_fields
        return node.model_copy(update={name: _with(getattr(node, name), secrets, (*path, name)) for name in names})
    if isinstance(node, Mapping):
        return {name: _with(value, secrets, (*path, name)) for name, value in node.items()}
    return node
