"""How much a record says of one attempt. Pure."""

from bridge.ledger.records import Accepted, Ended, Intent, OfAttempt, Refused, Released, Unknown

_CERTAINTY: dict[type[OfAttempt], int] = {Intent: 0, Unknown: 1, Released: 2, Accepted: 2, Refused: 2, Ended: 3}


def certainty(record: OfAttempt) -> int:
    """A fact beats an unknown, an end beats an acceptance."""
    return _CERTAINTY[type(record)]
