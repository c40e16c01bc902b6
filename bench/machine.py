"""Where it runs, and what processes take of it: as Linux accounts for them, all their threads included."""

import os
import platform
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(process: int) -> float:
    """CPU time, user and system, that a running process has used. Raises ProcessLookupError when it has ended."""
    fields = _told(process, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_mb(process: int) -> float:
    """The most memory that a running process ever held (VmHWM), in MB of 1,000,000 bytes. Raises ProcessLookupError when it
    has ended.
    """
    for line in _told(process, "status").splitlines():
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) * 1024 / 1e6
    raise _ended(process)


def _told(process: int, what: str) -> str:
    try:
        return Path(f"/proc/{process}/{what}").read_text()
    except FileNotFoundError as error:
        raise _ended(process) from error


def _ended(process: int) -> ProcessLookupError:
    return ProcessLookupError(f"process {process} was to be measured, and has ended by itself")


def load() -> float:
    """Of the last minute."""
    return os.getloadavg()[0]


def cpu_model() -> str:
    """As the kernel names it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or "unknown"


def memory_mb() -> int:
    """Of the whole machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1_000_000
