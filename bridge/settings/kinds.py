"""The types of settings: read from YAML's own types, and from text, which is what the environment and `${...}` give."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from bridge.durations import DURATION, parse_duration
from bridge.provisioning.request import RequestTemplate
from bridge.routing.paths import parse_path

_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_LONGEST_INTEGER = 19
_BRAND = re.compile(r"[a-z][a-z0-9_]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_SERVER = re.compile(r"[^\s,:]+:[0-9]{1,5}|\[[0-9a-fA-F:.]+\]:[0-9]{1,5}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")
_REDIS_PATH = re.compile(r"/?|/[0-9]{1,4}", re.ASCII)
_REDIS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,100}", re.ASCII)
_HEADER_VALUE = re.compile(r"[\x21-\x7e]+")


def _duration(value: Any) -> int:
    if not isinstance(value, str):
        raise PydanticCustomError(
            "duration", "must be a duration: a number and a unit, as in 250ms, 10s, 5m, 24h or 7d"
        )
    return parse_duration(value)


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= _LONGEST_INTEGER and _INTEGER.fullmatch(value):
        return int(value)
    raise PydanticCustomError("int_type", "must be a whole number")


def _number(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("float_type", "must be a number") from None


def _switch(value: Any) -> bool:
    found = {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
    if isinstance(found, bool):
        return found
    raise PydanticCustomError("bool_type", "must be true or false")


def _brand(value: str) -> str:
    if not _BRAND.fullmatch(value):
        raise ValueError(
            "a brand's name begins with a-z and goes on with a-z, 0-9 and _ (it is part of variables' names)"
        )
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(
            "topics begin with it: at most 200 letters, digits, dots, dashes and underscores, a letter or digit first"
        )
    return value


def _servers(value: str) -> str:
    if not all(_SERVER.fullmatch(server.strip()) for server in value.split(",")):
        raise ValueError("must be host:port, or several of them with commas between")
    return value


def _client_id(value: str) -> str:
    if not _CLIENT_ID.fullmatch(value):
        raise ValueError("must be at most 200 letters, digits, dots, dashes and underscores")
    return value


def _header_value(value: SecretStr) -> SecretStr:
    # The value itself must not be shown; the likely mistakes are a line end inside and an unexpanded reference.
    if not _HEADER_VALUE.fullmatch(value.get_secret_value()):
        raise ValueError("must be visible ASCII characters without spaces, and not empty")
    return value


def _password(value: SecretStr) -> SecretStr:
    if not value.get_secret_value() or "\0" in value.get_secret_value():
        raise ValueError("must not be empty, nor hold a NUL")
    return value


def _header_line(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or text != text.strip() or not text:
        raise ValueError("must be printable ASCII characters in one line, and not empty")
    return value


def _header_name(value: str) -> str:
    if not _HEADER_NAME.fullmatch(value):
        raise ValueError("must be the name of an HTTP header: letters, digits and dashes")
    return value


def _body(value: Any) -> Any:
    RequestTemplate(value)  # a BadTemplate is a ValueError
    return value


def _topic_key(value: str) -> str:
    parse_path(value)  # a BadPath is a ValueError
    return value


def _base_url(value: str) -> str:
    return _url(value).rstrip("/")


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("must be a URL, as in https://opti-x.optimove.net/smart-campaigns/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be a URL without user, query and fragment")
    # docs/vendor.md #25: the keys travel in the headers.
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(
            "must begin with https: the keys would travel unencrypted (http is for loopback addresses only)"
        )
    return value


def _trace_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or parts.fragment:
        raise ValueError("must be a URL without user and fragment, as in http://otel-collector:4318/v1/traces")
    return value


def plain_elsewhere(url: str) -> bool:
    """Whether what is sent there leaves this machine unencrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def _redis_url(value: SecretStr) -> SecretStr:
    # The value itself must not be shown: there is a password in it.
    try:
        parts = urlsplit(value.get_secret_value())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("redis", "rediss") or not host or not _REDIS_PATH.fullmatch(parts.path) or parts.fragment:
        raise ValueError(
            "must be redis://HOST:PORT, or rediss://USER:PASSWORD@HOST:PORT with TLS; "
            "signs like @, / and # in a password are written %40, %2F and %23"
        )
    if unknown := sorted(parse_qs(parts.query, keep_blank_values=True).keys() - _REDIS_OPTIONS):
        raise ValueError(f"takes {', '.join(sorted(_REDIS_OPTIONS))} after the ?, and not {len(unknown)} other(s)")
    return value


def is_loopback(host: str) -> bool:
    """Is it this machine?"""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Kind:
    """What the reference page calls a type."""

    name: str


Text = Annotated[str, Kind("text")]
Duration = Annotated[
    int, BeforeValidator(_duration), Kind("duration"), WithJsonSchema({"type": "string", "pattern": f"^{DURATION}$"})
]
"""Milliseconds, written as a number with a unit."""
Whole = Annotated[int, BeforeValidator(_whole), Kind("whole number")]
Number = Annotated[float, BeforeValidator(_number), Kind("number")]
Switch = Annotated[bool, BeforeValidator(_switch), Kind("true or false")]
BrandName = Annotated[str, AfterValidator(_brand)]
ServiceName = Annotated[str, AfterValidator(_name), Kind("text")]
Servers = Annotated[str, AfterValidator(_servers), Kind("host:port, ...")]
ClientId = Annotated[str, AfterValidator(_client_id), Kind("text")]
Key = Annotated[SecretStr, AfterValidator(_header_value), Kind("secret")]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderLine = Annotated[SecretStr, AfterValidator(_header_line), Kind("secret")]
RequestBody = Annotated[Any, AfterValidator(_body), Kind("JSON")]
AnswerPath = Annotated[str, AfterValidator(_topic_key), Kind("path")]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Password = Annotated[SecretStr, AfterValidator(_password), Kind("secret")]
Url = Annotated[str, AfterValidator(_url), Kind("URL")]
BaseUrl = Annotated[str, AfterValidator(_base_url), Kind("URL")]
TraceUrl = Annotated[str, AfterValidator(_trace_url)]
