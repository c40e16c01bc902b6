"""Whether files have changed, by what the file system says of them: also where a folder is swapped as a whole, as mounted
ConfigMaps are.
"""

from collections.abc import Iterable
from pathlib import Path

Look = frozenset[tuple[str, int, int, int]]


def look_at(paths: Iterable[Path]) -> Look:
    """What identifies the content of these files, and of the *.yaml in those that are folders. What is not there is left out."""
    found = set()
    for file in {file for path in paths for file in (path.glob("*.yaml") if path.is_dir() else (path,))}:
        try:
            there = file.stat()
        except OSError:
            continue
        found.add((str(file), there.st_ino, there.st_size, there.st_mtime_ns))
    return frozenset(found)
