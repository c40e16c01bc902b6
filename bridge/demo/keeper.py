"""Runs one command and ends it when whoever asked for it is gone.

A script of its own, started as `python -I -S keeper.py SCRATCH GRACE COMMAND...` and free of everything but the standard
library. Its stdin is a pipe that only the parent holds: when the parent dies, however it dies, the pipe ends, and so does
the command. Until then the parent writes one letter a wish:

    t   ask the command to end (SIGTERM)
    k   end it now (SIGKILL)

The command's process id goes to stdout, its output to the keeper's stderr. SCRATCH, unless empty, is a folder to remove
when the parent died; GRACE is how many seconds the command has after SIGTERM. Ends with the command's exit code, or 128
plus the signal that ended it.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _die_with_the_keeper() -> None:
    """In the child: be killed when the keeper is, where the system can do that (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _obey(command: "subprocess.Popen[bytes]", grace: float, orphaned: threading.Event) -> None:
    while wish := os.read(0, 1):
        command.send_signal(signal.SIGKILL if wish == b"k" else signal.SIGTERM)
    orphaned.set()
    command.terminate()
    try:
        command.wait(grace)
    except subprocess.TimeoutExpired:
        command.kill()


def main() -> int:
    """Run the command until it ends by itself, by wish, or because the parent is gone."""
    scratch, grace, *arguments = sys.argv[1:]
    command = subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=_die_with_the_keeper,  # noqa: PLW1509 - no second thread yet
    )
    orphaned = threading.Event()
    obeying = threading.Thread(target=_obey, args=(command, float(grace), orphaned), daemon=True)
    os.write(1, b"%d\n" % command.pid)
    os.close(1)
    obeying.start()
    code = command.wait()
    if scratch and orphaned.is_set():
        shutil.rmtree(scratch, ignore_errors=True)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
