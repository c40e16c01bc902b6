"""Foreign text made fit for outcomes and logs: bounded, and without the brand's keys."""

from collections.abc import Iterable
from urllib.parse import quote

import orjson

TEXT_LIMIT = 500
"""Characters kept of a text that the vendor, or something before it, wrote."""

_REDACTED = "[redacted]"


def readable(body: bytes, secrets: Iterable[str]) -> str:
    """The text with every secret replaced, at most 500 characters long; what is not UTF-8 becomes U+FFFD.

    A secret is found as it is, as JSON writes it, and percent-encoded. Replaced before cutting: a key that lies across
    the cut must not show half.
    """
    text = body.decode("utf-8", "replace")
    spellings = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, _REDACTED)
    text = text.strip()
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def _spellings(secret: str) -> Iterable[str]:
    in_json = orjson.dumps(secret).decode()[1:-1]
    return (secret, in_json, in_json.replace("/", "\\/"), quote(secret, safe=""))
