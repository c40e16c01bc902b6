"""The limit of this process's memory, as the kernel tells a container."""

from pathlib import Path

# Version 2 of the control groups, then version 1, as a container sees its own.
_FILES = ("memory.max", "memory/memory.limit_in_bytes")
# Version 1 says "no limit" by a number near 2**63; nobody has an exbibyte.
_NO_LIMIT = 1 << 60


def memory_limit(groups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes; None where there is no limit, or none that can be read."""
    for name in _FILES:
        try:
            told = (groups / name).read_text("ascii").strip()
        except OSError:
            continue
        return int(told) if told.isdigit() and int(told) < _NO_LIMIT else None
    return None
