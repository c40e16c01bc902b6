"""The whole demo, as a user starts it."""

import asyncio
import re
import sys

import pytest


@pytest.mark.slow
async def test_the_demo_adds_up_with_a_replica_killed_on_the_way() -> None:
    demo = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bridge",
        "demo",
        "--seconds",
        "20",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert demo.stdout is not None
    said = (await demo.stdout.read()).decode()
    assert await demo.wait() == 0, said
    assert "was killed with SIGKILL" in said
    assert "It adds up" in said
    assert re.search(r"duplicates +0 ", said), said
