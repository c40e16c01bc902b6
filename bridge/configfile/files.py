"""Reading files that somebody else may have put there: never more than asked for, and never waiting for a writer."""

import errno
import os
import stat
from pathlib import Path

_STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""How a shell hands over what it has made: `--routes <(...)`. Who writes that wants to be waited for."""


def read_file(path: Path, most: int) -> bytes:
    """The first `most` bytes of a file. Raises OSError, also for what is no file: opening a pipe would wait for whoever
    writes into it, and a device never ends.
    """
    if str(path).startswith(_STREAMS):
        with path.open("rb") as stream:
            return stream.read(most)
    # Without O_NONBLOCK the opening itself waits. A symbolic link counts as what it leads to.
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as stream:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return stream.read(most)
