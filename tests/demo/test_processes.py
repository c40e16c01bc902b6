"""Child processes end when their parent does; the wishes of the parent reach them."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from waiting import eventually

from bridge.demo.processes import ChildProcess

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
PARENT = """
import sys, time
from pathlib import Path
from bridge.demo.processes import ChildProcess
folder = Path(sys.argv[1])
child = ChildProcess([sys.executable, "-c", "import time; time.sleep(600)"], log=folder / "log", scratch=folder / "scratch")
print(child.pid, flush=True)
time.sleep(600)
"""


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def child(folder: Path, program: str) -> ChildProcess:
    return ChildProcess([sys.executable, "-c", program], log=folder / "log")


def test_its_exit_code_and_output_are_kept(tmp_path: Path) -> None:
    ended = child(tmp_path, "import sys; print('said'); sys.exit(3)")
    assert ended.wait(30) == 3
    assert ended.log.read_text(encoding="utf-8") == "said\n"


def test_a_kill_shows_as_the_signal(tmp_path: Path) -> None:
    with child(tmp_path, "import time; time.sleep(600)") as killed:
        killed.kill()
        assert killed.wait(30) == 128 + 9
    assert not runs(killed.pid)


async def test_stop_kills_what_does_not_listen(tmp_path: Path) -> None:
    stubborn = child(tmp_path, STUBBORN)
    await eventually(lambda: stubborn.log.read_text(encoding="utf-8") == "up\n")
    assert stubborn.stop(timeout=0.2) == 128 + 9


def test_wishes_after_the_end_are_harmless(tmp_path: Path) -> None:
    ended = child(tmp_path, "pass")
    ended.wait(30)
    ended.kill()
    assert ended.stop() == 0


def test_a_command_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere could not be started"):
        ChildProcess([tmp_path / "nowhere"], log=tmp_path / "log")


async def test_the_child_and_its_scratch_folder_go_with_a_killed_parent(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert runs(pid)
    parent.kill()
    await parent.wait()
    await eventually(lambda: not runs(pid) and not scratch.exists())
