"""Settings with a canary in every secret: none is forgotten, because they are looked for in the model."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from canary import CANARY, quoted
from pydantic import BaseModel, SecretStr

from bridge.settings import Settings

ANY = "*"
"""In a path: whatever name the user gives."""


def secret_settings(annotation: Any = Settings, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every setting that is a secret, by its type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from secret_settings(get_args(annotation)[0], path)
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from secret_settings(member, path)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from secret_settings(get_args(annotation)[1], (*path, ANY))
    elif isinstance(origin, type) and issubclass(origin, list | tuple):
        yield from secret_settings(get_args(annotation)[0], (*path, ANY))
    elif isinstance(annotation, type) and issubclass(annotation, SecretStr):
        yield path
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from secret_settings(field.annotation, (*path, name))


def full_settings() -> dict[str, Any]:
    """Settings that have every part there is, as far as parts go together. No file is read for them."""
    keys = {"api_key": CANARY.in_secret("api"), "brand_key": CANARY.in_secret("brand")}
    return {
        "brands": {"acme": keys, "beta": dict(keys)},
        "budget": {"redis_url": f"redis://bridge:{quoted(CANARY.in_secret('redis'))}@127.0.0.1:1"},
        "provisioner": {
            "url": "http://127.0.0.1:1/topics",
            "headers": {"authorization": f"Bearer {CANARY.in_secret('header')}", "x-token": CANARY.in_secret("token")},
        },
        "registry": {"url": "http://127.0.0.1:1", "user": "bridge", "password": CANARY.in_secret("registry")},
        "tracing": {
            "endpoint": "http://127.0.0.1:1/v1/traces",
            "headers": {"authorization": f"Bearer {CANARY.in_secret('collector')}"},
        },
        "kafka": {
            "bootstrap_servers": "127.0.0.1:1",
            "security": {
                "protocol": "SASL_SSL",
                "sasl_mechanism": "SCRAM-SHA-512",
                "username": "bridge",
                "password": CANARY.in_secret("password"),
            },
        },
    }


def with_oauth() -> dict[str, Any]:
    """What can't stand beside a password."""
    security = {
        "protocol": "SASL_SSL",
        "sasl_mechanism": "OAUTHBEARER",
        "oauth": {
            "token_url": "http://127.0.0.1:1/token",
            "client_id": "bridge",
            "client_secret": CANARY.in_secret("client"),
        },
    }
    registry = {"url": "http://127.0.0.1:1", "token": CANARY.in_secret("registry-token")}
    kafka = {"bootstrap_servers": "127.0.0.1:1", "security": security}
    return full_settings() | {"kafka": kafka, "registry": registry}


def with_key(cert_file: str, key_file: str) -> dict[str, Any]:
    """Mutual TLS, by a key that is encrypted with `key_password()`."""
    tls = {"cert_file": cert_file, "key_file": key_file, "key_password": key_password()}
    return full_settings() | {
        "kafka": {"bootstrap_servers": "127.0.0.1:1", "security": {"protocol": "SSL", "tls": tls}}
    }


def key_password() -> str:
    return CANARY.in_secret("key")


def filled(data: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every canary in this data, as names only."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from filled(value, (*path, name))
    elif isinstance(data, str) and CANARY.found_in("", data):
        yield path


def replaced(data: Any, path: tuple[str, ...], value: Any) -> Any:
    """The data with another value at this path; what is not there is made."""
    if not path:
        return value
    name, *rest = path
    below = data.get(name, {}) if isinstance(data, Mapping) else {}
    return {**(data if isinstance(data, Mapping) else {}), name: replaced(below, tuple(rest), value)}


def shape_of(path: tuple[str, ...], known: set[tuple[str, ...]]) -> tuple[str, ...]:
    """The path as the model knows it: with ANY for names that users give."""
    for one in known:
        if len(one) == len(path) and all(part in (ANY, name) for part, name in zip(one, path, strict=True)):
            return one
    return path
