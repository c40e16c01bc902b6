"""How long work stood still around a fault. Pure. Seconds, from times in ms since 1970 UTC."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from chaos.evidence import Happened, Made
from chaos.history import History


def goes_on_after(ledgers: Iterable[History], fault: Happened) -> float | None:
    """From the fault until each ledger partition of its victim held an attempt by a later owner.

    By the broker's times. 0 when the victim owned nothing; None when a partition was left lying.
    """
    longest = 0.0
    for ledger in ledgers:
        if ledger.owner_at(fault.began) != fault.victim:
            continue
        starts = [one.intent.at for one in ledger.tries.values() if one.owner != fault.victim]
        later = [at for at in starts if at >= fault.began]
        if not later:
            return None
        longest = max(longest, (min(later) - fault.began) / 1000)
    return longest


def longest_pause(ledgers: Iterable[History], fault: Happened) -> float:
    """The longest time between two attempts in one partition that lies, at least in part, within the fault's time."""
    longest = 0
    for ledger in ledgers:
        times = sorted(one.intent.at for one in ledger.tries.values())
        gaps = [after - before for before, after in pairwise(times) if after > fault.began and before < fault.recovered]
        longest = max(longest, *gaps, 0)
    return longest / 1000


def worst_delay(published: Mapping[str, int], made: Mapping[str, Sequence[Made]], fault: Happened) -> float | None:
    """The longest time from an event to its arrival at the vendor, of events that waited during the fault's time."""
    delays = [
        executions[0].at - published[event]
        for event, executions in made.items()
        if event in published and published[event] <= fault.recovered and executions[0].at >= fault.began
    ]
    return max(delays) / 1000 if delays else None
