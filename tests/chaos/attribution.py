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
# Milliseconds. What was written before a replica stopped may reach the broker a moment later; a call waits for its slot.
_IN_THE_SOCKET = 500
_BEFORE_A_CALL = 1_000
_OF_KAFKA = frozenset({Kind.BROKER, Kind.LEADER, Kind.ROLLING})


def cause_of(
    attempt: Try, faults: Sequence[Happened], vendor_grace: int, ends: Sequence[SelfEnd] = ()
) -> Happened | None:
    """The fault that made this attempt unknown; None when there is none to blame.

    `vendor_grace`: how long (ms) a call that began during a fault of the vendor may go on after it.
    """
    if attempt.doubted is None:
        return None
    since, until = attempt.intent.at, attempt.doubted.at
    of_its_owner = [fault for fault in faults if fault.victim == attempt.owner and _leaves_open(fault, since, until)]
    if attempt.taken_over:
        of_kafka = [fault for fault in faults if fault.kind in _OF_KAFKA and _during(fault, since, until)]
        of_its_end = [fault for fault in faults for end in ends if _ended_in(end, fault, attempt.owner)]
        return next(iter(of_its_owner + of_kafka + of_its_end), None)
    of_the_vendor = [
        fault
        for fault in faults
        if fault.kind in _OF_THE_VENDOR
        and since <= fault.ended + _BEFORE_A_CALL
        and fault.began <= until <= fault.ended + vendor_grace
    ]
    frozen = [fault for fault in of_its_owner if fault.kind is Kind.FREEZE]
    return next(iter(of_the_vendor + frozen), None)


def _leaves_open(fault: Happened, since: int, until: int) -> bool:
    """Whether the replica that was hit may have left the attempt open: begun before, and found out about later."""
    last = fault.ended + _IN_THE_SOCKET if fault.kind is Kind.FREEZE else fault.began + _IN_THE_SOCKET
    return since <= last and fault.began <= until


def _during(fault: Happened, since: int, until: int) -> bool:
    return since <= fault.recovered and fault.began <= until


def _ended_in(end: SelfEnd, fault: Happened, owner: str) -> bool:
    return end.replica == owner and fault.began <= end.at <= fault.recovered
