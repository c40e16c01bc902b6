"""What an expression may cost, whatever the event holds. Pure.

The library evaluates without a limit of time, and what it does with lists grows with their square: `map` and `filter`
copy what they have so far at each step, and `event.x` inside of them copies x. So how much an expression may look at is
bounded by how it is written: the levels of its loops, counted once, when it is compiled. docs/abuses.md has the figures.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bridge.routing.refusals import Refusal

MACROS = ("all", "exists", "exists_one", "filter", "map")
LONGEST = 2_000
"""Characters of an expression."""
MOST_LOOPS = 8
DEEPEST = 2
"""Loops inside one another."""
MOST_VALUES = 20_000
"""What may be looked at without a loop; a text counts one more for every 64 characters."""
STEPS = 1_000_000
"""What may be done with loops, at 20 to 70 ns each."""
_COPIED = 1_024  # characters that are copied in the time of a step
_HELD = 64
_LONGEST_TEXT = 1_048_576

# What goes through a list or a text itself: inside a loop, another one.
_LOOPING = frozenset(
    {
        *(
            "distinct",
            "first",
            "flatten",
            "join",
            "last",
            "matches",
            "max",
            "min",
            "replace",
            "reverse",
            "slice",
            "sort",
        ),
        *("split", "sum"),
    }
)
# Compares each with each.
_SQUARE = frozenset({"distinct"})

Token = tuple[str | None, str]


class TooCostlyError(ValueError):
    """An expression whose cost nobody can bound; the text says why, and what to write."""


def level_of(tokens: Sequence[Token]) -> int:
    """How many loops an expression has inside one another: 0 to 3. Raises TooCostlyError."""
    loops, deepest, level = 0, 0, 0
    open_loops: list[bool] = []  # for each bracket that is open, whether it is a loop's
    for index, (kind, text) in enumerate(tokens):
        before = tokens[index - 1][1] if index else ""
        name = before if index and tokens[index - 1][0] == "name" else ""
        if kind == "other" and text in "([{":
            loop = text == "(" and name in MACROS and index > 1 and tokens[index - 2][1] == "."
            open_loops.append(loop)
            inside = sum(open_loops)
            if loop:
                loops += 1
                deepest, level = max(deepest, inside), max(level, inside)
            elif text == "(" and name in _LOOPING and (inside or name in _SQUARE):
                level = max(level, inside + 1)
        elif kind == "other" and text in ")]}" and open_loops:
            open_loops.pop()
    if deepest > DEEPEST:
        raise TooCostlyError(f"has more than {DEEPEST} of {', '.join(MACROS)} inside one another: split it up")
    if loops > MOST_LOOPS:
        raise TooCostlyError(f"has more than {MOST_LOOPS} of {', '.join(MACROS)}: split it up")
    return level


def patterns_of(tokens: Sequence[Token]) -> list[str]:
    """The patterns of `matches`, as written with their quotes. Raises TooCostlyError for one that an event could choose."""
    found = []
    for index, token in enumerate(tokens):
        if token != ("name", "matches") or index + 1 == len(tokens) or tokens[index + 1][1] != "(":
            continue
        end = _closing(tokens, index + 1)
        kind, text = tokens[end - 1]
        if kind != "text" or tokens[end - 2][1] not in "(,":
            raise TooCostlyError(
                "the pattern of matches(...) must be written out: an event could hold one that takes too long"
            )
        found.append(text)
    return found


def _closing(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for index in range(at, len(tokens)):
        kind, text = tokens[index]
        if kind == "other" and text in "([{":
            depth += 1
        elif kind == "other" and text in ")]}":
            depth -= 1
            if not depth:
                return index
    return len(tokens)


def allowance(level: int, characters: int) -> int:
    """How many values an expression of this level may look at, beside texts of so many characters in all.

    n values in `level` loops make n to the power of level + 1 steps, and each may copy the texts.
    """
    if level == 0:
        return max(MOST_VALUES - characters // _HELD, 0)
    return int((STEPS / (1 + characters / _COPIED)) ** (1 / (level + 1)) + 1e-6)


def measured(values: Iterable[Any]) -> tuple[int, int]:
    """How many values there are, with those inside of them, and how many characters all texts have. Stops counting above
    what any expression may look at.
    """
    count, characters = 0, 0
    level = list(values)
    while level and count <= MOST_VALUES:
        count += len(level)
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str):
                characters += len(value)
            elif isinstance(value, dict):
                characters += sum(map(len, value))
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            if len(inner) > MOST_VALUES:
                break
        level = inner
    return count, characters


def bounded(functions: Mapping[str, Callable[..., Any]], room: int) -> dict[str, Callable[..., Any]]:
    """The functions, where one can make more than it was given: with a bound to what it makes."""
    return {
        name: _BOUNDS[name](function, room) if name in _BOUNDS else function for name, function in functions.items()
    }


def _pieces(function: Callable[..., Any], room: int) -> Callable[..., Any]:
    def of(text: Any, *more: Any) -> Any:
        separator = more[0] if more and isinstance(more[0], str) else ""
        if isinstance(text, str) and (text.count(separator) if separator else len(text)) > room:
            raise Refusal(f"it makes more than {room} pieces")
        return function(text, *more)

    return of


def _flat(function: Callable[..., Any], room: int) -> Callable[..., Any]:
    def of(*given: Any) -> Any:
        if measured(given)[0] > room + 1:
            raise Refusal(f"it makes a list of more than {room} values")
        return function(*given)

    return of


def _joined(function: Callable[..., Any], _room: int) -> Callable[..., Any]:
    def of(texts: Any, *more: Any) -> Any:
        between = len(more[0]) if more and isinstance(more[0], str) else 0
        if (
            isinstance(texts, list)
            and sum(len(text) + between for text in texts if isinstance(text, str)) > _LONGEST_TEXT
        ):
            raise Refusal(f"it makes a text of more than {_LONGEST_TEXT} characters")
        return function(texts, *more)

    return of


def _replaced(function: Callable[..., Any], _room: int) -> Callable[..., Any]:
    def of(*given: Any) -> Any:
        match given:
            case (str(text), str(old), str(new), *_):
                if len(text) + (text.count(old) * (len(new) - len(old))) > _LONGEST_TEXT:
                    raise Refusal(f"it makes a text of more than {_LONGEST_TEXT} characters")
            case _:
                pass
        return function(*given)

    return of


_BOUNDS = {"split": _pieces, "flatten": _flat, "join": _joined, "replace": _replaced}
