"""The simulator as a process of its own."""

import asyncio
import signal

from bridge.collecting import collect_rarely
from bridge.simulator.config import SimulatorConfig
from bridge.simulator.server import Simulator


async def serve(config: SimulatorConfig, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, and say in one line when ready. Raises OSError when it can't listen."""
    collect_rarely()  # executions are kept
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Simulator(config, host=host, port=port) as simulator:
        print(f"simulator ready: {simulator.base_url} (report: {simulator.admin_url}/report)", flush=True)  # noqa: T201 - whoever started it waits for this line
        await stop.wait()
