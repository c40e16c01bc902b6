"""What a running replica can't take from another table. Pure."""

from bridge.durations import format_duration
from bridge.routing.table import Table


def other_topics(old: Table, new: Table) -> list[str]:
    """Why `new` must wait for a restart where it reads other topics than `old`; empty when it does not."""
    before, after = ({source.topic for source in table.sources.values()} for table in (old, new))
    if before == after:
        return []
    changed = ", ".join(sorted(before ^ after))
    return [f"other topics are read ({changed}), and a replica reads those that it started with"]


def beyond_memory(new: Table, window: int, limit: int) -> list[str]:
    """Why `new` must wait for a restart where ledgers remember what was called for `window` ms, and count for `limit` ms."""
    reasons = []
    if new.dedup_window > window:
        reasons.append(
            f"a dedup_window of {format_duration(new.dedup_window)} is longer than what this replica remembers "
            f"({format_duration(window)}): what it has forgotten would be called again"
        )
    if new.longest_limit > limit:
        reasons.append(
            f"a limit per {format_duration(new.longest_limit)} is longer than what this replica counts "
            f"({format_duration(limit)})"
        )
    return reasons
