"""The Retry-After header (docs/vendor.md #14)."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

SHORTEST_MS = 1_000
LONGEST_MS = 300_000
"""No answer makes a brand wait for less or more than this: a header that says a day is a mistake somewhere."""

# RFC 9110 has whole seconds; some send fractions. More digits than these are more than the clamp anyway.
_SECONDS = re.compile(r"(\d{1,9})\d*(?:\.\d+)?", re.ASCII)


def retry_after_ms(header: str | None, now: int) -> int | None:
    """Milliseconds to wait, between 1 s and 5 min; None where the header is absent or unreadable.

    Seconds, or an HTTP date, which is counted from `now` (ms since 1970 UTC).
    """
    if header is None:
        return None
    text = header.strip()
    if match := _SECONDS.fullmatch(text):
        # A fraction is rounded up: too early costs another 429.
        whole = int(match[1]) + ("." in text)
        return _clamp(LONGEST_MS if len(text.split(".")[0]) > len(match[1]) else whole * 1000)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # HTTP dates are GMT, also where they don't say so
            moment = moment.replace(tzinfo=UTC)
        return _clamp(int(moment.timestamp() * 1000) - now)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _clamp(milliseconds: int) -> int:
    return min(max(milliseconds, SHORTEST_MS), LONGEST_MS)
