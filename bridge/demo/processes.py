"""Child processes that end when this one does, also when this one is killed."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from bridge.demo import keeper

_GRACE = 10.0


class ChildProcess:
    """One command under a keeper (keeper.py says how), with its output in a file.

    `scratch` is a folder to remove when this process dies without stopping the child. Raises OSError when the command
    can't be started.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        environ: Mapping[str, str] | None = None,
        scratch: Path | None = None,
        grace: float = _GRACE,
    ) -> None:
        arguments = [str(part) for part in command]
        with log.open("ab") as output:
            # A session of its own: Ctrl-C in the terminal is for us, and we stop our children in order.
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, str(scratch or ""), str(grace), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                env=None if environ is None else dict(environ),
                start_new_session=True,
            )
        self._wishes = cast("IO[bytes]", self._keeper.stdin)
        with cast("IO[bytes]", self._keeper.stdout) as answer:
            said = answer.readline()
        if not said:
            self._keeper.wait()
            self._wishes.close()
            raise OSError(f"{arguments[0]} could not be started; {log} says why")
        self.log = log
        self.pid = int(said)

    @property
    def returncode(self) -> int | None:
        """The exit code, 128 plus the number of a signal that ended it, or None while it runs."""
        return self._keeper.poll()

    def terminate(self) -> None:
        """Ask it to end (SIGTERM). Does not wait."""
        self._wish(b"t")

    def kill(self) -> None:
        """End it now (SIGKILL). Does not wait."""
        self._wish(b"k")

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, as in `returncode`. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        code = self._keeper.wait(timeout)
        self._wishes.close()
        return code

    def stop(self, timeout: float = _GRACE) -> int:
        """SIGTERM, and SIGKILL after `timeout` seconds. Its exit code, as in `returncode`."""
        self.terminate()
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wish(self, letter: bytes) -> None:
        if self.returncode is None:
            try:
                os.write(self._wishes.fileno(), letter)
            except BrokenPipeError:
                self._keeper.wait()  # it ended by itself a moment ago
