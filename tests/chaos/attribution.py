"""Which fault an unknown comes of: what may cause one is said here, and nothing else may. Pure.

An unknown of which the owner itself was in doubt (its record bears the claim of the intent) comes of the vendor. One that
a later owner found without an end comes of what happened to the replica that made the attempt.
"""

from collections.abc import Sequence

from chaos.evidence import Happened, SelfEnd
from chaos.history import Try
from chaos.plan import Kind

MAY_LEAVE_UNKNOWN = frozenset({Kind.KILL, Kind.FREEZE, Kind.OUTAGE, Kind.CUT, Kind.BROKER})
_OF_THE_VENDOR = frozenset({Kind.OUTAGE, Kind.CUT})
_OF_KAFKA = frozenset({Kind.BROKER, Kind.LEADER, Kind.ROLLING})


def cause_of(
    attempt: Try, faults: Sequence[Happened], vendor_grace: int, ends: Sequence[SelfEnd] = ()
) -> Happened | None:
    """The fault that made this attempt unknown; None when there is none to blame."""
    if attempt.doubted is None:
        return None
    since, until = attempt.intent.at, attempt.doubted.at
    hit = [fault for fault in faults if fault.victim == attempt.owner and _touches(fault, since, until)]
    if attempt.taken_over:
        during = [fault for fault in faults if fault.kind in _OF_KAFKA and _touches(fault, since, until)]
        during += [fault for fault in faults for end in ends if _ended_in(end, fault, attempt.owner)]
        return next(iter(hit or during), None)
    frozen = [fault for fault in hit if fault.kind is Kind.FREEZE]
    vendor = [
        fault
        for fault in faults
        if fault.kind in _OF_THE_VENDOR and since <= fault.ended + vendor_grace and fault.began <= until
    ]
    return next(iter(vendor or frozen), None)


def _touches(fault: Happened, since: int, until: int) -> bool:
    """Whether the attempt was open at some time between the fault's beginning and the recovery from it.

    A replica that was killed or ended is found out about only when its successor claims, which may be after others recovered.
    """
    if fault.kind in {Kind.KILL, Kind.TERM}:
        return fault.began <= until
    return since <= fault.recovered and fault.began <= until


def _ended_in(end: SelfEnd, fault: Happened, owner: str) -> bool:
    return end.replica == owner and fault.began <= end.at <= fault.recovered
