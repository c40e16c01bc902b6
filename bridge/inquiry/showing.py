"""Stories and tables on a terminal, and stories as JSON."""

from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from bridge.durations import format_instant
from bridge.inquiry.searching import Found
from bridge.inquiry.story import closing, moments
from bridge.inquiry.table import counts, row
from bridge.outcomes.reading import WrittenResult
from bridge.terminal import plain

_SHOWN = ("time", "route", "outcome", "audience", "generator", "topic_key", "event_id", "reason")
_CUT = ("generator", "topic_key", "event_id", "reason")
_WIDE_ENOUGH = 140


def show_stories(found: Sequence[Found], console: Console) -> None:
    """A timeline for each trigger, with its end in a sentence."""
    for one in found:
        console.print(Text(f"Trigger {one.story.trigger_id}", "bold"))
        console.print(Text(plain(_about(one))), soft_wrap=True)
        table = Table.grid(Column(no_wrap=True), Column(no_wrap=True), Column(), padding=(0, 2))
        for moment in moments(one.story):
            where = "" if moment.where is None else f"  {moment.where}"
            text = Text.assemble(plain(moment.text), (where, "dim"))
            table.add_row(format_instant(moment.time), moment.what, text)
        console.print(Padding(table, (1, 2), expand=False))
        console.print(Text(plain(closing(one.story, one.why_open)), "bold"))
        console.print()


def _about(one: Found) -> str:
    about = one.story.about
    if about is None:
        return "Only its results are kept."
    return (
        f"of event {about.event_id}, route {about.route}, brand {about.brand}, generator {about.event_generator_id}, "
        f"topic key {about.topic_key or '?'}"
    )


def stories_as_json(found: Sequence[Found]) -> str:
    """An array of stories."""
    return orjson.dumps([_plain_story(one) for one in found], option=orjson.OPT_INDENT_2).decode()


def _plain_story(one: Found) -> dict[str, Any]:
    result = one.story.outcome()
    return {
        "trigger_id": one.story.trigger_id,
        "moments": [
            {
                "time": format_instant(moment.time),
                "what": moment.what,
                "text": moment.text,
                "where": None if moment.where is None else str(moment.where),
            }
            for moment in moments(one.story)
        ],
        "result": None if result is None else result.fields,
        "closing": closing(one.story, one.why_open),
    }


def show_table(results: Sequence[WrittenResult], console: Console) -> None:
    """A line for each outcome, and how many ended how. What is long is cut where the window ends; CSV and JSON have all."""
    shown = [name for name in _SHOWN if name != "generator" or console.width >= _WIDE_ENOUGH]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in shown:
        table.add_column(
            name.replace("_", " "), no_wrap=name not in _CUT, justify="right" if name == "audience" else "left"
        )
    for result in results:
        cells = row(result)
        if cells["test"]:
            cells["outcome"] = f"{cells['outcome']}, a test"
        table.add_row(*(Text(_cell(cells[name]), no_wrap=True, overflow="ellipsis") for name in shown))
    if results:
        console.print(table)
        console.print()
    console.print(counts(results))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else plain(str(value))
