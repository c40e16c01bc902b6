"""A plan on a terminal: a row for each line, and what it comes to in a few sentences."""

from collections.abc import Iterator
from typing import assert_never

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from bridge.repeating.plan import Asked, Fate, Left, Line, Plan, Send
from bridge.terminal import plain

_COLUMNS = ("event", "trigger", "route", "topic key", "age", "was", "now")
# What somebody copies or compares is not folded.
_WHOLE = ("event", "trigger", "age")
_LONGEST = 100
# Of those that are left alone: whoever means them names them.
_MOST_LEFT = 50
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
# A file or a pipe has no width, and there a folded id is one that nobody finds.
_WIDTH_OF_NO_TERMINAL = 220


def console() -> Console:
    """Where plans are shown."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=_WIDTH_OF_NO_TERMINAL)


def show(plan: Plan, now: int, screen: Console) -> None:
    """All lines and their counts, and what is known of none of them."""
    if plan.lines:
        screen.print(_table(plan, now))
        screen.print()
        for sentence in _sentences(plan):
            screen.print(sentence)
    if plan.missing:
        screen.print(Text(plain(f"Nothing was found of {', '.join(plan.missing)}: --from looks further back.")))


def _table(plan: Plan, now: int) -> Table:
    columns = (Column(name, no_wrap=name in _WHOLE, overflow="fold") for name in _COLUMNS)
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    left = 0
    for line in plan.lines:
        left += isinstance(line.fate, Left)
        if left <= _MOST_LEFT or not isinstance(line.fate, Left):
            table.add_row(*_cells(line, now), style="" if isinstance(line.fate, Send) else "dim")
    if left > _MOST_LEFT:
        table.add_row("...", style="dim")
    return table


def _cells(line: Line, now: int) -> Iterator[Text]:
    subject = line.subject
    age = "" if subject.at is None else _age(now - subject.at)
    for text in (subject.event_id, subject.trigger_id, subject.route, subject.topic_key, age, _short(subject.was)):
        yield Text(plain(text))
    yield Text(plain(_words(line.fate, now)))


def _short(text: str) -> str:
    """`bridge outcomes` tells all of it."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _words(fate: Fate, now: int) -> str:
    match fate:
        case Send(trigger):
            expiry = f"expires in {_age(trigger.expires_at - now)}"
            if trigger.repeats is None:
                return f"SEND, {expiry}"
            doubt = ", may be a duplicate" if trigger.repeats.doubtful else ""
            return f"SEND as repetition {trigger.repeats.number}, {expiry}{doubt}"
        case Asked(trigger_id):
            return f"asked for already, as {trigger_id}, which has no outcome yet"
        case Left(why):
            return f"no: {why}"
    assert_never(fate)


def _sentences(plan: Plan) -> Iterator[Text]:
    left = len(plan.lines) - len(plan.sends) - len(plan.asked)
    yield Text(f"{len(plan.sends):,} to send, {len(plan.asked):,} asked for already, {left:,} left alone.")
    if plan.doubtful:
        yield Text(
            f"{plan.doubtful:,} of them may reach the same people twice: nobody knows whether an earlier call went out.",
            "bold yellow",
        )


def _age(milliseconds: int) -> str:
    """In the largest unit of which there are two, or else seconds."""
    for unit, letter in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if milliseconds >= 2 * unit:
            return f"{milliseconds // unit}{letter}"
    return f"{max(milliseconds, 0) // _SECOND}s"
