"""Media types, as far as they say how data is read."""

import re
from dataclasses import dataclass
from functools import lru_cache

from bridge.errors import Undecodable

_WRITTEN = re.compile(r"[!#$%&'*+.^_`|~\w-]+/[!#$%&'*+.^_`|~\w-]+", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]*)", re.IGNORECASE)
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type in small letters, without its parameters; what it describes is UTF-8."""

    name: str

    @property
    def is_json(self) -> bool:
        """Whether it is JSON, or something that is written as JSON (RFC 6839)."""
        return self.name in ("application/json", "text/json") or self.name.endswith("+json")

    @property
    def is_text(self) -> bool:
        """Whether it is text for people."""
        return self.name.startswith("text/")


@lru_cache(maxsize=256)
def media_type(text: str, what: str) -> MediaType:
    """The media type that `text` writes (RFC 2045). `what` names it to people. Raises Undecodable."""
    name = text.partition(";")[0].strip().lower()
    if _WRITTEN.fullmatch(name) is None:
        raise Undecodable(f"{what} is no media type, such as application/json")
    charset = _CHARSET.search(text)
    if charset is not None and charset[1].lower() not in _UTF_8:
        raise Undecodable(f"{what} says the charset {charset[1][:_LONGEST_SHOWN]!a}: only UTF-8 is read")
    return MediaType(name)
