"""`make bench`: how fast and how large, on a real Kafka. What matters are ratios within one run: machines are shared."""

import argparse
import asyncio
import os
import sys

from bench.deciding import deciding
from bench.following import open_executions, polls
from bench.restore import restore
from bridge.demo.kafka import EmbeddedKafka

_RUNS = 3


def main() -> int:
    """Print what is measured; 1 when a ratio is not what it must be. `ARGS="--only following --executions 1000000"` for less, or more."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=list(_PARTS), help="this part alone")
    parser.add_argument("--executions", type=int, default=100_000, help="how many are open at a time")
    chosen = parser.parse_args()
    fine = [part(chosen.executions) for name, part in _PARTS.items() if chosen.only in (None, name)]
    return 0 if all(fine) else 1


def _deciding(_executions: int) -> bool:
    cost = deciding()
    print("deciding")
    print("\n".join(cost.lines))
    return cost.fine


def _following(executions: int) -> bool:
    one = asyncio.run(open_executions(executions))
    print(f"open executions: {one.executions:,}, restored and followed")
    print(
        f"  {one.bytes_each:.0f} bytes each: 1,000,000 would take {one.bytes_each:.0f} MB; {one.read_us:.0f} us each to read from "
        f"the ledger, {one.followed_us:.0f} us to begin to follow, nothing else waited longer than {one.longest_turn * 1000:.0f} ms"
    )
    print("polls of executions that take 5 to 12 s (virtual time)")
    for told in (True, False):
        found = polls(told=told)
        says = "says when they ended" if told else "does not say when they ended"
        print(
            f"  where the vendor {says}: {found.each:.2f} each, known {found.delay:.2f} s after the end at the median, "
            f"{found.delay_95:.2f} s at 95 %"
        )
    return True


def _restore(_executions: int) -> bool:
    """Each figure of three runs, and the best."""
    with EmbeddedKafka() as kafka:
        runs = [asyncio.run(restore(kafka.bootstrap_servers, f"bench{number}")) for number in range(_RUNS)]
    print(f"restore of a ledger partition: {runs[0].triggers:,} finished triggers, {runs[0].records:,} records")
    for run in runs:
        print(
            f"  {run.rate:9,.0f} records/s from Kafka, {run.cpu_rate:9,.0f} per CPU-second, "
            f"{run.bytes_per_trigger:4.0f} bytes a remembered trigger, load {run.load:.1f}"
        )
    print(f"  best: {max(run.rate for run in runs):,.0f} records/s on {os.cpu_count()} cores")
    return True


_PARTS = {"deciding": _deciding, "restore": _restore, "following": _following}


if __name__ == "__main__":
    sys.exit(main())
