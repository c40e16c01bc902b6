"""A request as it leaves: one piece, head and body. Pure."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

Headers = tuple[tuple[str, str], ...]

_PORTS = {"http": 80, "https": 443}
# What RFC 3986 allows in a path; what is percent-encoded stays so.
_IN_A_PATH = "/%!$&'()*+,;=:@"


class Request(NamedTuple):
    """`path` lies below the base URL; `headers` are all but those that HTTP itself asks for. `body` is None for a GET."""

    method: str
    path: str
    headers: Headers
    body: bytes | None


class Origin:
    """The base URL, taken apart once. It must have passed `check_base_url`."""

    __slots__ = ("_host_line", "_path", "host", "port", "secure")

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or _PORTS[parts.scheme]
        named = f"[{self.host}]" if ":" in self.host else self.host
        there = named if self.port == _PORTS[parts.scheme] else f"{named}:{self.port}"
        self._path = quote(parts.path, safe=_IN_A_PATH)
        self._host_line = f" HTTP/1.1\r\nHost: {there}\r\nConnection: keep-alive\r\n"

    def written(self, request: Request) -> bytes:
        """The bytes of `request`. Raises ValueError for what would be more than one request, or no ASCII."""
        method, path, headers, body = request
        if "\n" in path or "\r" in path:
            raise ValueError("the path holds a line break")
        length = "" if body is None else f"Content-Length: {len(body)}\r\n"
        head = f"{method} {self._path}{path}{self._host_line}{_lines(headers)}{length}\r\n"
        return head.encode("ascii") + (body or b"")


@lru_cache(maxsize=64)  # they are the brand's, and the same for each of its calls but for those that are traced
def _lines(headers: Headers) -> str:
    """Raises ValueError for what would be more lines than headers."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers):
        raise ValueError("a header holds a line break")
    return lines
