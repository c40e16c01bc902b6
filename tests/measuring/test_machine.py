import os
import subprocess
import sys
import time

import pytest

from bench.machine import cpu_seconds, peak_mb
from bench.usage import Watch

_BUSY = "import time\nheld = bytearray(50_000_000)\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"


def test_cpu_and_memory_of_another_process_are_counted() -> None:
    with subprocess.Popen([sys.executable, "-c", _BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as busy:
        assert busy.stdout is not None
        assert busy.stdin is not None
        busy.stdout.readline()
        assert cpu_seconds(busy.pid) >= 0.28
        assert 50 <= peak_mb(busy.pid) <= 150
        busy.stdin.close()


def test_only_what_is_used_from_the_watch_on_counts() -> None:
    _use(0.2)
    watch = Watch(me=[os.getpid()], nobody=[])
    _use(0.1)
    used = watch.usage()
    assert 0.08 <= used.cpu["me"] <= 0.19
    assert (used.cpu["nobody"], used.peak["nobody"]) == (0, 0)
    assert used.share("me") <= 1.1


def test_a_process_that_ended_is_an_error() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with pytest.raises(ProcessLookupError, match="has ended by itself"):
        cpu_seconds(ended.pid)
    with pytest.raises(ProcessLookupError, match="has ended by itself"):
        peak_mb(ended.pid)


def _use(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
