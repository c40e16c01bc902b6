"""How it is known that the simulator was not what was measured: what it can do alone, and what it did meanwhile."""

import asyncio
import sys
from collections.abc import Sequence

import orjson
from chaos.vendor import Vendor
from yarl import URL

from bench.bed import Bed
from bench.scenario import Values
from bench.usage import Usage

THROTTLED = 429
TOO_LATE = 0.020
"""Seconds: what was timed while the simulator's loop was later than this, at 99 %, is void (docs/simulator.md)."""
_CONNECTIONS = 256


async def capacity(bed: Bed) -> float:
    """Calls a second that the simulator takes from a bare client with as many connections as the service, on this Kafka-free
    moment of the round.
    """
    async with bed.vendor() as vendor:
        port = str(URL(vendor.base_url).port)
        connections = min(_CONNECTIONS, bed.sizes.bare)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.bare", port, str(bed.sizes.bare), str(connections),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _ = await process.communicate()
    return float(orjson.loads(said))


async def facts(vendor: Vendor, usage: Usage) -> dict[str, float]:
    """What the simulator, Kafka and the service took, in cores, and how late the simulator's loop was."""
    lag = (await vendor.report())["loop_lag"]
    shares = {name: usage.share(name) for name in usage.cpu}
    return {**shares, "lag_p99": float(lag["p99_seconds"]), "lag_max": float(lag["max_seconds"])}


def why_void(facts: Values) -> str | None:
    """Why a round with these facts does not count, if so."""
    late = facts["lag_p99"]
    return f"the simulator's loop was {late * 1000:.0f} ms late at 99 %" if late > TOO_LATE else None


def told(facts: Values) -> Sequence[str]:
    """In words."""
    alone = f" Alone, from a bare client, it takes {facts['alone']:,.0f} calls/s." if "alone" in facts else ""
    took = f"Of a core: service {facts['service']:.2f}, simulator {facts['vendor']:.2f}, Kafka {facts['kafka']:.2f}."
    p99, most = facts["lag_p99"] * 1000, facts["lag_max"] * 1000
    return [f"{took} The simulator's loop was {p99:.1f} ms late at 99 %, {most:.0f} ms at most.{alone}"]
