"""`make bench`: how fast and how large, on a real Kafka. What matters are ratios within one run: machines are shared."""

import asyncio
import os
import sys

from bench.deciding import deciding
from bench.restore import restore
from bridge.demo.kafka import EmbeddedKafka

_RUNS = 3


def main() -> int:
    """Print each figure, of restores those of three runs and the best. 1 when deciding costs more than it may."""
    cost = deciding()
    print("deciding")
    print("\n".join(cost.lines))
    with EmbeddedKafka() as kafka:
        runs = [asyncio.run(restore(kafka.bootstrap_servers, f"bench{number}")) for number in range(_RUNS)]
    print(f"restore of a ledger partition: {runs[0].triggers:,} finished triggers, {runs[0].records:,} records")
    for run in runs:
        print(
            f"  {run.rate:9,.0f} records/s from Kafka, {run.cpu_rate:9,.0f} per CPU-second, "
            f"{run.bytes_per_trigger:4.0f} bytes a remembered trigger, load {run.load:.1f}"
        )
    print(f"  best: {max(run.rate for run in runs):,.0f} records/s on {os.cpu_count()} cores")
    return 0 if cost.fine else 1


if __name__ == "__main__":
    sys.exit(main())
