"""A comparison on a terminal, and as JSON."""

from typing import Any

import orjson
from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from bridge.diffing.comparing import Change
from bridge.diffing.report import Example, Report, RouteReport
from bridge.explaining.words import json_of
from bridge.routing.paths import MISSING
from bridge.terminal import plain
from bridge.testing.comparing import Difference
from bridge.triggers import Trigger

_STYLES = {"only in old": "red", "only in new": "green"}


def show(report: Report, console: Console) -> None:
    """For people: what changes of each route, then the whole in a sentence."""
    for name, of_route in sorted(report.routes.items(), key=lambda one: -one[1].counts.total()):
        _show_route(name, of_route, console)
    _show_dead_letters(report, console)
    _show_identities(report, console)
    if report.untouched:
        names = ", ".join(report.untouched)
        console.print(Text(f"Changed, but of no trigger of these events: {names}\n", "yellow"))
    console.print(_read(report))
    console.print(_conclusion(report))


def _show_route(name: str, of_route: RouteReport, console: Console) -> None:
    console.print(Text(name, "bold"))
    for kind, count in of_route.counts.most_common():
        console.print(Padding(Text(f"{count:,}  {plain(kind)}", _STYLES.get(kind, "yellow")), (0, 2), expand=False))
        table = Table.grid(Column(no_wrap=True, style="dim"), Column(overflow="fold"), padding=(0, 2))
        for one in of_route.examples[kind]:
            table.add_row(plain(one.where), _told(one, kind))
        console.print(Padding(table, (0, 0, 0, 6), expand=False))
    console.print()


def _told(one: Example, kind: str) -> Text:
    change = one.change
    made = change.old or change.new
    if change.old is not None and change.new is not None:
        text = Text()
        for part in change.parts:
            if f"other {part.what}" == kind:
                text.append(_value(part.what, part.expected), "red")
                text.append(" → ", "dim")
                text.append(_value(part.what, part.actual), "green")
        if kind == "other verdict":
            reasons = (one.verdict.reason for one in (change.old, change.new) if one.verdict is not None)
            text.append(f"  {plain('; '.join(reasons))}", "dim")
        return text
    topic_key = "no topic key" if made is None or not made.topic_key else f"topic key {plain(made.topic_key)}"
    other = "new" if change.new is None else "old"
    return Text.assemble(topic_key, (f"; in {other} {one.why}" if one.why else "", "dim"))


def _value(what: str, value: Any) -> str:
    if what.startswith("context: "):
        return json_of(value)
    return "none" if value is None else plain(str(value))


def _show_dead_letters(report: Report, console: Console) -> None:
    for only_in, count in report.dead_letters.items():
        console.print(Text(f"{_count(count, 'event')} that only the {only_in} table can read", "bold red"))
        for one in report.dead_letter_examples:
            if one.only_in == only_in:
                console.print(Padding(Text(f"{plain(one.where)}  {plain(one.reason)}"), (0, 0, 0, 6), expand=False))
        console.print()


def _show_identities(report: Report, console: Console) -> None:
    for route, parts in report.identities.items():
        console.print(
            Text(f"The identity of route {route} changes: what was called already may be called again", "bold red")
        )
        for part, (before, after) in parts.items():
            console.print(Padding(Text(f"{part}: {_listed(before)} → {_listed(after)}"), (0, 0, 0, 6), expand=False))
        console.print(Text("      give it a new name, or start once with --accept-forgetting\n", "dim"))


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "the event id" if value is None else plain(str(value))


def _read(report: Report) -> str:
    old, new = report.triggers
    parts = [f"{_count(report.events, 'event')} read, {_count(old, 'trigger')} of the old table, {new:,} of the new"]
    if report.no_event:
        parts.append(f"{_count(report.no_event, 'record')} that neither can read")
    if report.unread:
        parts.append(f"{report.unread:,} of topics that neither has a source for")
    return "; ".join(parts)


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _conclusion(report: Report) -> Text:
    if not report.differs and report.events == report.unread:
        return Text("There was no event of a source, so nothing is known of what would be sent.", "bold yellow")
    if not report.differs:
        return Text("Nothing would be sent differently.", "bold green")
    said = []
    if report.differing:
        said.append(f"{report.differing:,} {'event means' if report.differing == 1 else 'events mean'} something else")
    if report.identities:
        said.append(f"identities change: {', '.join(report.identities)}")
    return Text("; ".join(said) + ".", "bold red")


def as_json(report: Report) -> str:
    """All of it, as one JSON object."""
    value = {
        "differs": report.differs,
        "events": report.events,
        "differing": report.differing,
        "no_event": report.no_event,
        "unread": report.unread,
        "triggers": {"old": report.triggers[0], "new": report.triggers[1]},
        "routes": {
            name: {
                "counts": dict(one.counts),
                "examples": {kind: list(map(_example, found)) for kind, found in one.examples.items()},
            }
            for name, one in report.routes.items()
        },
        "dead_letters": {
            "counts": dict(report.dead_letters),
            "examples": [
                {"from": one.where, "only_in": one.only_in, "reason": one.reason} for one in report.dead_letter_examples
            ],
        },
        "identities": {
            route: {part: {"old": before, "new": after} for part, (before, after) in parts.items()}
            for route, parts in report.identities.items()
        },
        "changed_without_triggers": list(report.untouched),
    }
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _example(one: Example) -> dict[str, Any]:
    change: Change = one.change
    return {
        "from": one.where,
        "event_id": one.event_id,
        "old": _trigger(change.old),
        "new": _trigger(change.new),
        "differences": [_difference(part) for part in change.parts],
        "why": one.why,
    }


def _difference(part: Difference) -> dict[str, Any]:
    values = (("old", part.expected), ("new", part.actual))
    return {"what": part.what} | {name: value for name, value in values if value is not MISSING}


def _trigger(trigger: Trigger | None) -> dict[str, Any] | None:
    if trigger is None:
        return None
    return {
        "trigger_id": trigger.id,
        "topic_key": trigger.topic_key or None,
        "context": trigger.context,
        "not_called": None if trigger.verdict is None else trigger.verdict.reason,
    }
