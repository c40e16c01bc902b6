"""How much a record says of one attempt. Pure."""

from typing import assert_never

from bridge.ledger.records import Accepted, Ended, Intent, OfAttempt, Refused, Released, Unknown


def certainty(record: OfAttempt) -> int:
    """A fact beats an unknown, an end beats an acceptance."""
    match record:
        case Intent():
            return 0
        case Unknown():
            return 1
        case Released() | Accepted() | Refused():
            return 2
        case Ended():
            return 3
    assert_never(record)
