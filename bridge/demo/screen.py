"""What the demo shows while it runs: a live screen in a terminal, now and then a line elsewhere. Pure but for printing."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bridge.demo.news import Headlines
from bridge.demo.progress import Health, Progress
from bridge.demo.watching import NAMES

_STYLES = {"published": "green", "failed": "red", "unmapped": "yellow", "unknown": "magenta"}
_HEALTH = {Health.STARTING: "yellow", Health.RUNNING: "green", Health.KILLED: "bold red"}
_BAR = 40


def screen(progress: Progress, headlines: Headlines) -> RenderableType:
    """Everything at a glance."""
    return Panel(
        Group(_counts(progress), Text(), _replicas(progress), Text(), _news(progress, headlines)),
        title=Text.assemble(("campaign bridge", "bold"), f": {progress.title} as campaigns"),
        subtitle=progress.phase,
        padding=(1, 2),
    )


def line(progress: Progress) -> str:
    """The same in one line, for logs."""
    outcomes = " ".join(f"{name}={count}" for name, count in sorted(progress.by_outcome().items()))
    living = sum(replica.health is Health.RUNNING for replica in progress.replicas)
    return (
        f"{progress.phase}: events {progress.published}/{len(progress.story)}, triggers {len(progress.trigger_ids)}, "
        f"executions {progress.vendor.executions}, outcomes {len(progress.told)}/{progress.expected_calls} ({outcomes}), "
        f"replicas {living}"
    )


def _counts(progress: Progress) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(width=_BAR)
    table.add_column(justify="right")
    table.add_column(style="dim")
    told, expected = len(progress.told), progress.expected_calls
    rows = (
        ("events", progress.published, len(progress.story), "published, some of them twice"),
        ("triggers", len(progress.trigger_ids), expected, f"on {NAMES.triggers}"),
        ("executions", progress.vendor.executions, expected, f"at the vendor, {progress.vendor.duplicates} duplicates"),
        ("outcomes", told, expected, f"on {NAMES.results}"),
    )
    for name, done, total, remark in rows:
        table.add_row(name, ProgressBar(total=max(total, 1), completed=done, width=_BAR), f"{done}/{total}", remark)
    kinds = Text("  ").join(
        Text(f"{count} {name}", style=_STYLES.get(name, "red")) for name, count in progress.by_outcome().most_common()
    )
    table.add_row("", kinds, "", "")
    return table


def _replicas(progress: Progress) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(4):
        table.add_column()
    for replica in progress.replicas:
        calls = replica.metrics["bridge_calls_total", "accepted"]
        table.add_row(
            Text(f"replica {replica.name}", style="bold"),
            f"pid {replica.pid}",
            Text(replica.health, style=_HEALTH[replica.health]),
            f"{calls} calls" if replica.health is not Health.STARTING else "",
        )
    return table


def _news(progress: Progress, headlines: Headlines) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=3)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=2)
    told = [(*headlines.line(outcome), outcome.outcome) for outcome in progress.news]
    told += [("", "", "")] * ((progress.news.maxlen or 0) - len(told))
    for what, became, outcome in told:
        table.add_row(Text(what), Text(became, style=_STYLES.get(outcome, "red")))
    return table
