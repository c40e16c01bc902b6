"""The simulator as a process of its own."""

import asyncio
import gc
import signal

from bridge.simulator.config import SimulatorConfig
from bridge.simulator.server import Simulator


async def serve(config: SimulatorConfig, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT, and say in one line when ready. Raises OSError when it can't listen."""
    # Executions are kept and hold no cycles; looking through all of them again and again stops the loop for 70 ms.
    gc.freeze()
    gc.set_threshold(5_000, 2, 100_000)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Simulator(config, host=host, port=port) as simulator:
        print(f"simulator ready: {simulator.base_url} (report: {simulator.admin_url}/report)", flush=True)  # noqa: T201 - whoever started it waits for this line
        await stop.wait()
