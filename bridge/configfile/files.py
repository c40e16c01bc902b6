"""Reading files that somebody else may have put there: never more than asked for, and never waiting for a writer."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

Noted = set[tuple[Path, bytes]]
"""Files, and a digest of what was read of each: two of them where it was another the second time."""

_STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""How a shell hands over what it has made: `--routes <(...)`. Who writes that wants to be waited for."""
# Not an argument of all that reads: each file of a table is read by another part, and none of them has a use for it.
_noted: ContextVar[Noted | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[Noted]:
    """What `read_file` reads meanwhile, in this thread or task: to tell later whether the files still hold it."""
    noted: Noted = set()
    before = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(before)


def read_file(path: Path, most: int) -> bytes:
    """The first `most` bytes of a file. Raises OSError, also for what is no file: opening a pipe would wait for whoever
    writes into it, and a device never ends.
    """
    content = _read(path, most)
    noted = _noted.get()
    if noted is not None:
        noted.add((path, hashlib.sha256(content).digest()))
    return content


def _read(path: Path, most: int) -> bytes:
    if str(path).startswith(_STREAMS):
        with path.open("rb") as stream:
            return stream.read(most)
    # Without O_NONBLOCK the opening itself waits. A symbolic link counts as what it leads to.
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as stream:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return stream.read(most)
