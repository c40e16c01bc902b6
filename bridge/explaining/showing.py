"""An explanation on a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from bridge.configfile import Place
from bridge.durations import format_duration, format_instant
from bridge.explaining.explanation import Explanation, FieldMade, KeyMade, RouteExplained
from bridge.explaining.fates import Fated, Service, fate_of
from bridge.explaining.origins import origins
from bridge.explaining.words import json_of, origin, reads_of, refused, wanted_of, why_not
from bridge.routing.places import Places
from bridge.terminal import plain
from bridge.vendor.address import run_body, run_path

_MOST_OTHERS = 12
_OF_CONTEXT = ("field", "value", "from", "contract")
_COUNTED = {"called": "would be called", "expired": "expired", "rejected": "rejected", "unmapped": "unmapped"}
_FATES = {
    "called": ("would be called", "green"),
    "expired": ("would not be called: it has expired (--now decides as of another moment)", "yellow"),
    "rejected": ("rejected, and not called", "red"),
    "unmapped": ("unmapped, and not called", "yellow"),
    "shadow": ("shadow: decided and counted, never called", "cyan"),
}


@dataclass(frozen=True, slots=True)
class Screen:
    """An explanation of the event at `where`, what its words need, and what they are printed on."""

    explanation: Explanation
    where: str
    places: Places
    service: Service
    console: Console


def show(screen: Screen, *, whole: bool) -> None:
    """What the event means: the routes that take it, with all that they make of it, then those that don't, with what keeps
    them. `whole`: all of those, with all of their conditions.
    """
    explanation, console = screen.explanation, screen.console
    console.print(_head(screen))
    console.print()
    if explanation.undecodable is not None:
        console.print(Text(f"It goes to the dead letters: {plain(explanation.undecodable)}", "bold red"))
        return
    takes = [one for one in explanation.routes if one.wanted]
    for one in takes:
        _show_route(one, screen)
    others = sorted((one for one in explanation.routes if not one.wanted), key=lambda one: len(one.unequal))
    _show_others(others, screen, whole=whole)
    console.print(_conclusion(takes, screen))


def _head(screen: Screen) -> Text:
    source, facts = screen.explanation.source, screen.explanation.facts
    text = Text()
    text.append(f"Event {plain(facts.event_id)}" if facts is not None else "An event without an id", "bold")
    text.append(f"  from {plain(screen.where)}, of source {source.name}  ")
    text.append(_at(screen.places.source(source.name)), "dim")
    if facts is None:
        return text
    if facts.event_time is not None:
        told = source.event_time is not None and not source.event_time.stands_in(screen.explanation.event)
        how = f"{source.event_time.path}" if source.event_time is not None and told else "the record's timestamp"
        text.append(f"\n  happened  {format_instant(facts.event_time)} ({how})")
    if facts.order_by is not None:
        text.append(f"\n  order_by  {plain(facts.order_by)} ({source.order_by})")
    for refusal in facts.refusals:
        text.append(f"\n  {plain(refusal)}", "red")
    return text


def _show_route(one: RouteExplained, screen: Screen) -> None:
    console, explanation = screen.console, screen.explanation
    name = Text.assemble(("● ", "green"), (one.route.name, "bold"), " takes it")
    console.print(_with_place(name, screen.places.route(one.route.name), console))
    console.print(Padding(_conditions(one, explanation), (0, 4), expand=False))
    fates = [fate_of(trigger, one, screen.service, explanation.now) for trigger in one.triggers]
    for fated in fates:
        console.print()
        _show_trigger(fated, one, screen)
    if any(made.repeats for made in one.keys):
        again = ", ".join(plain(made.trigger.topic_key) for made in one.keys if made.repeats)
        console.print(Text(f"    no further trigger for {again}: one of this route goes there already", "dim"))
    if one.fields:
        console.print(Padding(_context(one, screen), (1, 4, 0, 4), expand=False))
    console.print()


def _conditions(one: RouteExplained, explanation: Explanation) -> Table:
    table = Table.grid(Column(no_wrap=True), Column(), Column(), padding=(0, 2))
    for compared in one.conditions:
        mark = Text("yes", "green") if compared.holds else Text("no", "red")
        path = f"match {plain(str(compared.condition.path))}"
        table.add_row(
            path, mark, Text(f"{json_of(compared.actual)}" + ("" if compared.holds else f", not {wanted_of(compared)}"))
        )
    if one.when is not None:
        failed = one.when.given.refusal is not None
        mark = Text("fails", "red") if failed else Text("no", "red") if one.when.denies else Text("yes", "green")
        values = refused(one.when.given) if failed else reads_of(one.when, explanation.event)
        told = plain(one.when.expression.source.strip()) + (f"  ({values})" if values else "")
        table.add_row("when", mark, Text(told))
    if not one.conditions and one.when is None:
        table.add_row("no match and no when: it takes every event of the source", "", "")
    return table


def _show_trigger(fated: Fated, one: RouteExplained, screen: Screen) -> None:
    console = screen.console
    trigger, (words, style) = fated.trigger, _FATES[fated.fate]
    console.print(Text.assemble("  → ", (words, f"bold {style}")))
    table = Table.grid(Column(no_wrap=True, style="dim"), Column(), padding=(0, 2))
    if trigger.verdict is not None:
        table.add_row("because", Text(plain(trigger.verdict.reason), style))
    table.add_row("topic key", Text(_topic_key(fated, one, screen)))
    table.add_row("trigger id", f"{trigger.id}, partition {fated.partition} of {screen.service.partitions}")
    how = f" ({one.route.dedup_key})" if one.route.dedup_key is not None else " (the event id)"
    table.add_row("dedup key", Text(plain(trigger.dedup_key) + how))
    table.add_row("priority", f"{trigger.priority}, on_unknown {trigger.on_unknown}")
    after = format_duration(one.route.expires_after)
    table.add_row("expires", f"{format_instant(trigger.expires_at)}, {after} after it happened")
    if trigger.verdict is None:
        generator = one.route.generator
        table.add_row("generator", f"{generator.name} of brand {generator.brand}")
        table.add_row("request", Text(f"POST {run_path(trigger.event_generator_id)}"))
    console.print(Padding(table, (0, 4), expand=False))
    if trigger.verdict is None:
        # As it is sent, byte for byte: not broken, so that it can be copied.
        console.print(Text(plain(run_body(trigger.topic_key, trigger.context).decode())), soft_wrap=True)


def _topic_key(fated: Fated, one: RouteExplained, screen: Screen) -> str:
    made = _key_of(fated, one)
    (where,) = origins(made.key, screen.explanation.event)
    value = plain(fated.trigger.topic_key) or "?"
    return f"{value}  {'constant' if not where.reads else origin(where, screen.places)}"


def _key_of(fated: Fated, one: RouteExplained) -> KeyMade:
    return next((made for made in one.keys if made.trigger.id == fated.trigger.id and not made.repeats), one.keys[0])


def _context(one: RouteExplained, screen: Screen) -> Table:
    columns = (Column(name, overflow="fold", no_wrap=name in ("field", "contract")) for name in _OF_CONTEXT)
    table = Table(*columns, box=None, padding=(0, 2, 0, 0), header_style="dim")
    generator = one.route.generator
    for made in one.fields:
        place = screen.places.field(generator.name, made.name)
        where = "\n".join(origin(part, screen.places) for part in origins(made.how, screen.explanation.event))
        contract = f"{generator.contract.fields[made.name].type}"
        at = "" if place is None else f"  {Path(place.file).name}:{place.line}"
        optional = "" if made.required else "\noptional"
        table.add_row(plain(made.name), _made(made), Text(where, "dim"), Text(contract + at + optional, "dim"))
    return table


def _made(made: FieldMade) -> Text:
    if made.left_out:
        return Text(f"left out: {refused(made.given)}", "dim")
    if made.wrong is not None:
        value = "" if made.given.refusal is not None else f"{json_of(made.given.value)}: "
        return Text(f"{value}{plain(made.wrong)}", "red")
    return Text(json_of(made.given.value))


def _show_others(others: Sequence[RouteExplained], screen: Screen, *, whole: bool) -> None:
    console, event = screen.console, screen.explanation.event
    shown = others if whole else others[:_MOST_OTHERS]
    for one in shown:
        name = Text.assemble(("○ ", "dim"), one.route.name)
        if whole:
            console.print(_with_place(name, screen.places.route(one.route.name), console))
            console.print(Padding(_conditions(one, screen.explanation), (0, 4), expand=False))
        else:
            console.print(Text.assemble(name, ("  " + why_not(one, event), "dim")))
    if len(others) > len(shown):
        console.print(Text(f"  and {len(others) - len(shown)} further from taking it: --route NAME shows one", "dim"))
    if shown:
        console.print()


def _conclusion(takes: Sequence[RouteExplained], screen: Screen) -> Text:
    fates = [
        fate_of(trigger, one, screen.service, screen.explanation.now).fate for one in takes for trigger in one.triggers
    ]
    if not fates:
        return Text("No route takes it: it is counted, nothing more.", "bold")
    counts = ", ".join(f"{fates.count(fate)} {_COUNTED.get(fate, fate)}" for fate in _FATES if fate in fates)
    return Text(f"{len(fates)} {'trigger' if len(fates) == 1 else 'triggers'}: {counts}.", "bold")


def _with_place(text: Text, place: Place | None, console: Console) -> RenderableType:
    grid = Table.grid(
        Column(no_wrap=True), Column(justify="right", style="dim"), expand=console.is_terminal, padding=(0, 2)
    )
    grid.add_row(text, _at(place))
    return grid


def _at(place: Place | None) -> str:
    return "" if place is None else f"{place.file}:{place.line}"
