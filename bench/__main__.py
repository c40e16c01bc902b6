"""`make bench`: how fast and how large, on a real Kafka. What matters are ratios within one run: machines are shared."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial

from bench.deciding import deciding
from bench.disk import disk
from bench.following import open_executions, polls
from bench.load import overtaking, saturation, side_by_side
from bench.restore import restore
from bridge.demo.kafka import EmbeddedKafka

_RUNS = 3


def cost_of_deciding(_runs: int) -> bool:
    """What a decision costs beside reading its event."""
    cost = deciding()
    print("deciding")
    print("\n".join(cost.lines))
    return cost.fine


def following(executions: int, _runs: int) -> bool:
    """How much memory open executions take, and how often they are asked about."""
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
    "deciding": cost_of_deciding,
    "restore": restoring,
    "disk": disk,
    "saturation": saturation,
    "brands": side_by_side,
    "priority": overtaking,
}


def main() -> int:
    """Print each figure of some runs, and the best. Exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=[*PARTS, "following"], help="this part alone")
    parser.add_argument("--runs", type=int, default=_RUNS, help="of each part (3)")
    parser.add_argument("--executions", type=int, default=100_000, help="open at a time, in the part `following`")
    chosen = parser.parse_args()
    parts: dict[str, Callable[[int], bool]] = {**PARTS, "following": partial(following, chosen.executions)}
    met = [part(chosen.runs) for name, part in parts.items() if chosen.only in (None, name)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
