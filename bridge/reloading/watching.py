"""Watching files: whether they have changed, and when it is time to read them again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path

from bridge.configfile import Noted, noting, read_file

Look = frozenset[tuple[str, int, int, int]]

EVERY = 2.0
"""Seconds between two looks. Files are read when they have stayed the same between two: not while somebody writes them."""
LARGEST_FILE = 64 * 1_048_576
"""Bytes. No file of a table or of settings may be larger: what is cut off here was never read."""
# What was refused may depend on what is not watched: a file that was not there, an environment file.
_TRY_AGAIN = 30.0


def look_at(paths: Iterable[Path]) -> Look:
    """What identifies the content of these files, and of the *.yaml in those that are folders. What is not there is left out.

    By what the file system says of them: also where a folder is swapped as a whole, as mounted ConfigMaps and Secrets are.
    """
    found = set()
    for file in _files_of(paths):
        try:
            there = file.stat()
        except OSError:
            continue
        found.add((str(file), there.st_ino, there.st_size, there.st_mtime_ns))
    return frozenset(found)


def still_hold(paths: Iterable[Path], noted: Noted) -> bool:
    """Whether these files, and all that were read when this was noted, hold what was read then. Takes its time: reads them."""
    with noting() as now:
        for file in _files_of(paths) | {file for file, _ in noted}:
            with suppress(OSError):
                read_file(file, LARGEST_FILE + 1)
    return now == noted


def _files_of(paths: Iterable[Path]) -> set[Path]:
    return {file for path in paths for file in (path.glob("*.yaml") if path.is_dir() else (path,))}


class Watch:
    """`run()` until cancelled."""

    def __init__(
        self,
        files: Callable[[], Iterable[Path]],
        read_again: Callable[[bool], Awaitable[bool]],
        noted: Noted,
        *,
        every: float = EVERY,
    ) -> None:
        """`files()`: those that matter now. `read_again(asked)` reads them, and says whether all is well: when it is not, it
        comes again half a minute later. `asked`: somebody wants it, changed or not. `noted`: what was read at the start, by
        `noting`. `every`: seconds between two looks.
        """
        self._files = files
        self._read_again = read_again
        self._noted = noted
        self._every = every
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Read them now, changed or not."""
        self._asked.set()

    async def run(self) -> None:
        """Look at the files, again and again."""
        # How the files looked when they were read at the start is not known: which they are, only reading them tells. So once
        # their content is compared, which is cheap beside making a table of it, and right whatever their times say.
        known, seen = None, look_at(self._files())
        refused_for: float | None = None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._asked.wait()
            asked = self._asked.is_set()
            self._asked.clear()
            before, seen = seen, look_at(self._files())
            settled = seen == before != known
            if refused_for is not None:
                refused_for += self._every
            if asked or settled or (refused_for is not None and refused_for >= _TRY_AGAIN):
                first, known = known is None, seen
                if first and not asked and await asyncio.to_thread(still_hold, self._files(), self._noted):
                    continue
                refused_for = None if await self._read_again(asked) else 0.0
