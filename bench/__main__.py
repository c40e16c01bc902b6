"""`make bench`: how fast and how large, on a real Kafka. What matters are ratios within one run: machines are shared."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping

from bench.load import overtaking, saturation, side_by_side
from bench.restore import restore
from bridge.demo.kafka import EmbeddedKafka

_RUNS = 3


def restoring(runs: int) -> bool:
    """How fast a claim reads a ledger partition; there is no goal."""
    with EmbeddedKafka() as kafka:
        made = [asyncio.run(restore(kafka.bootstrap_servers, f"bench{number}")) for number in range(runs)]
    print(f"restore of a ledger partition: {made[0].triggers:,} finished triggers, {made[0].records:,} records")
    for run in made:
        print(
            f"  {run.rate:9,.0f} records/s from Kafka, {run.cpu_rate:9,.0f} per CPU-second, "
            f"{run.bytes_per_trigger:4.0f} bytes a remembered trigger, load {run.load:.1f}"
        )
    print(f"  best: {max(run.rate for run in made):,.0f} records/s on {os.cpu_count()} cores")
    return True


PARTS: Mapping[str, Callable[[int], bool]] = {
    "restore": restoring,
    "saturation": saturation,
    "brands": side_by_side,
    "priority": overtaking,
}


def main() -> int:
    """Print each figure of some runs, and the best. Exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=list(PARTS), help="this part alone")
    parser.add_argument("--runs", type=int, default=_RUNS, help="of each part (3)")
    chosen = parser.parse_args()
    met = [part(chosen.runs) for name, part in PARTS.items() if chosen.only in (None, name)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
