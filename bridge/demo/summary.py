"""The table at the end: each number, and where anyone can see it. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bridge.demo.progress import Health, Progress, ReplicaView
from bridge.demo.system import System
from bridge.demo.verdict import Verdict
from bridge.demo.watching import NAMES

_MEANINGS = {
    "published": "handed to the delivery pipeline",
    "failed": "the vendor's worker failed; one topic key does so here on purpose",
    "unmapped": "no topic key, so no call: one team is missing in config/lookups/teams.csv on purpose",
    "unknown": "its call was under way when the replica was killed: never repeated by itself",
}
_SHOWN_DIFFERENCES = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One line: indented when it is a part of the line above."""

    name: str
    count: int
    where: str
    part: bool = False


def rows(progress: Progress, verdict: Verdict, vendor_url: str) -> Iterator[Row]:
    """Every number, from its own source."""
    own = (NAMES.triggers, NAMES.results, NAMES.dead_letters)
    sources = {topic: count for topic, count in progress.records.items() if topic not in own}
    repeats = sum(publication.repeat for publication in progress.story[: progress.published])
    yield Row("events", sum(sources.values()), f"records in {', '.join(sorted(sources))}")
    yield Row("published again by the producer", repeats, "same event id: nobody is called twice", part=True)
    yield Row("no event at all", progress.records[NAMES.dead_letters], f"topic {NAMES.dead_letters}", part=True)
    metrics = _metrics(progress.replicas)
    yield Row(
        "decisions",
        _sum(metrics, "bridge_events_total"),
        "bridge_events_total at /metrics *: a match start is two, a repetition counts again",
    )
    for decision, count in _parts(metrics, "bridge_events_total"):
        what = {"none": "no route wants it", "trigger": "a trigger"}.get(decision, decision)
        yield Row(what, count, f'bridge_events_total{{decision="{decision}"}}', part=True)
    asked = "2 for each match start, 1 for each goal and for each creator going live: from the data alone"
    yield Row("campaigns that the events ask for", progress.expected_calls, asked)
    yield Row("triggers", len(progress.trigger_ids), f"ids in topic {NAMES.triggers}, one for each campaign")
    outcomes = progress.by_outcome()
    yield Row("outcomes", outcomes.total(), f"topic {NAMES.results}, keyed by event id; one for each trigger")
    for outcome, count in outcomes.most_common():
        yield Row(outcome, count, _MEANINGS.get(outcome, ""), part=True)
    vendor = progress.vendor
    yield Row("executions at the vendor", vendor.executions, f"{vendor_url}/_simulator/report")
    yield Row("duplicates", vendor.duplicates, "the same campaign executed twice", part=True)
    yield Row(
        "behind an unknown", verdict.behind_unknown, "executed, but the answer never reached the bridge", part=True
    )
    yield Row("worst rolling second", vendor.worst_second, "requests, runs and polls; the limit is 500", part=True)


def table(rows_: Sequence[Row]) -> Table:
    """As it is shown."""
    shown = Table(
        box=SIMPLE_HEAD, title="What happened, each number counted where it can be seen", title_justify="left"
    )
    shown.add_column("what")
    shown.add_column("count", justify="right")
    shown.add_column("where, or why", style="dim", overflow="fold")
    for row in rows_:
        name = Text(f"  {row.name}") if row.part else Text(row.name, style="bold")
        shown.add_row(name, Text(str(row.count), style="" if row.part else "bold"), Text(row.where))
    return shown


def closing(progress: Progress, verdict: Verdict) -> list[str]:
    """What it comes to, in sentences; the first says whether it adds up."""
    if verdict.differences:
        shown = [f"  - {difference}" for difference in verdict.differences[:_SHOWN_DIFFERENCES]]
        more = len(verdict.differences) - len(shown)
        shown += [f"  ... and {more} more"] if more else []
        return [f"It does NOT add up: {len(verdict.differences)} differences.", *shown]
    called = sum(count for name, count in progress.by_outcome().items() if name in {"published", "failed"})
    unknown = progress.by_outcome()["unknown"]
    sums = f"{called} published or failed"
    if unknown:
        sums += f" + {verdict.behind_unknown} of {unknown} unknown that were executed"
    campaigns = f"every one of {progress.expected_calls} campaigns has its outcome"
    return [
        f"It adds up: {progress.vendor.executions} executions at the vendor = {sums}; no duplicates, and {campaigns}."
    ]


def _metrics(replicas: Sequence[ReplicaView]) -> Counter[tuple[str, str]]:
    return sum((replica.metrics for replica in replicas), Counter())


def _sum(metrics: Counter[tuple[str, str]], name: str) -> int:
    return sum(count for (metric, _), count in metrics.items() if metric == name)


def _parts(metrics: Counter[tuple[str, str]], name: str) -> list[tuple[str, int]]:
    return sorted((label, count) for (metric, label), count in metrics.items() if metric == name and count)


def remarks(progress: Progress) -> list[str]:
    """What the table's star means, and where the replicas' own numbers are."""
    killed = [replica for replica in progress.replicas if replica.health is Health.KILLED]
    lines = [
        f"* /metrics of replica {replica.name}: {replica.url}/metrics"
        for replica in progress.replicas
        if replica not in killed
    ]
    lines += [
        f"  replica {replica.name} was killed: what it said last. Events that it had read but not committed were read again: "
        "they count twice in this metric, and nowhere else"
        for replica in killed
    ]
    return lines


def addresses(progress: Progress, system: System) -> Iterator[tuple[str, str]]:
    """Of a system that stays: where everything is, and what to try."""
    yield "Kafka", f"{system.kafka.bootstrap_servers} (topics: {', '.join(sorted(progress.records))})"
    yield "the vendor", f"{system.vendor_url}/_simulator/report"
    fault = '{"kind": "reset", "made": true, "count": 3}'
    yield "make it fail", f"curl -d '{fault}' {system.vendor_url}/_simulator/faults (docs/simulator.md)"
    for replica in progress.replicas:
        yield f"replica {replica.name}", f"{replica.url}/metrics, {replica.url}/readyz"
    yield "one more replica", system.replica_command
    yield "logs", str(system.folder)
