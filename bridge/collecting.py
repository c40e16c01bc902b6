"""Garbage collection of a process that keeps much and makes next to no cycles."""

import gc

# New objects until the young ones are looked through, and so on. Python's own 700 has everything that waits, some hundred
# thousand objects in a burst, looked through again and again: a sixth of the CPU then, and pauses of up to half a second.
_THRESHOLDS = (50_000, 10, 10)


def collect_rarely() -> None:
    """For the rest of the process: what is there now is never looked at again, and what comes is looked at rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
