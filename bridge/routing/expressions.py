"""CEL, behind one small module: what may be named in an expression is checked once, and little is passed to it.

The library compiles unknown names and fails at the first event; so they are compared with what is allowed, at load.
Converting a whole event for CEL costs more than evaluating, so only the top-level fields that are used are passed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cel
from cel.stdlib import STDLIB_FUNCTIONS

from bridge.configfile.validation import did_you_mean
from bridge.events import Event
from bridge.routing.bounds import LONGEST, MACROS, TooCostlyError, allowance, bounded, level_of, measured, patterns_of
from bridge.routing.paths import record_of
from bridge.routing.refusals import Absent, Refusal, is_blank, is_finite, shown, type_name

VARIABLES = ("event", "headers", "key", "ce", "record")
_LONGEST_REASON = 120
_NATIVE = (
    *("bytes", "contains", "double", "duration", "dyn", "endsWith", "int", "matches", "size", "startsWith", "string"),
    *(
        "timestamp",
        "type",
        "uint",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getFullYear",
        "getHours",
    ),
    *("getMilliseconds", "getMinutes", "getMonth", "getSeconds"),
)
# Those of the library's own extensions that have no namespace: text and lists. Each costs only who uses it.
_EXTENSIONS: dict[str, Callable[..., Any]] = {
    name: function for name, function in STDLIB_FUNCTIONS.items() if "." not in name
}
_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*)
    |(?P<text>[rRbB]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|\"(?:\\.|[^"\\\n])*\"|'(?:\\.|[^'\\\n])*'))
    |(?P<name>[A-Za-z_]\w*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class BadExpression(ValueError):
    """An expression that can't be used; the text says why, and at which character where CEL tells."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. `fields` are the event's top-level fields that it uses; None means all. `level`:
    how many loops it has inside one another, which bounds what it may look at (bridge.routing.bounds).
    """

    source: str
    program: cel.Program
    variables: tuple[str, ...]
    fields: tuple[str, ...] | None
    functions: Mapping[str, Callable[..., Any]]
    level: int

    def value(self, event: Event) -> Any:
        """What it makes of an event, as JSON values. Raises Refusal; Absent when a field is not there or is null."""
        seen = {
            variable: self._event(event) if variable == "event" else _around(variable, event)
            for variable in self.variables
        }
        count, characters = measured(seen.values())
        room = allowance(self.level, characters)
        if count > room:
            raise Refusal(
                f"{shown(self.source)} would look at more values than can be looked at in time: there are {count} or more, "
                f"beside texts of {characters} characters, and it may look at {room}"
            )
        functions = bounded(self.functions, room) if self.functions else {}
        try:
            value = self.program.execute({**functions, **seen})
        except KeyError as error:
            raise Absent(f"{shown(self.source)} fails: there is no {error.args[0]}") from error
        except Exception as error:  # the library raises whatever fits, its extensions too
            raise Refusal(f"{shown(self.source)} fails: {_first_sentence(error)}") from error
        if is_blank(value):
            raise Absent(f"{shown(self.source)} is {'null' if value is None else 'empty'}")
        _check_json(value, self.source)
        return value

    def holds(self, event: Event) -> bool:
        """Whether the condition is true. Raises Refusal, also when it gives no boolean."""
        value = self.value(event)
        if not isinstance(value, bool):
            raise Refusal(f"{shown(self.source)} should be true or false, is {type_name(value)} {shown(value)}")
        return value

    def _event(self, event: Event) -> Any:
        body = event.body
        if self.fields is None or not isinstance(body, dict):
            return body
        return {field: body[field] for field in self.fields if field in body}


def _around(variable: str, event: Event) -> Any:
    match variable:
        case "headers":
            return dict(event.headers)
        case "key":
            return event.key
        case "ce":
            return dict(event.ce)
        case _:
            return record_of(event)


def _check_json(value: Any, source: str) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case float() if is_finite(value):
            return
        case list():
            for item in value:
                _check_json(item, source)
        case dict():
            for key, item in value.items():
                _check_json(key if isinstance(key, str) else object(), source)
                _check_json(item, source)
        case _:
            raise Refusal(f"{shown(source)} gives a {type_name(value)}, which JSON has not: wrap it in string(...)")


def _first_sentence(error: Exception) -> str:
    text = str(error).split(". ")[0]
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"


def compile_expression(source: str) -> Expression:
    """The expression that `source` writes. Raises BadExpression."""
    if len(source) > LONGEST:
        raise BadExpression(f"is longer than {LONGEST} characters: split it up")
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise BadExpression(_syntax_error(str(error))) from error
    written = tokens(source)
    names = set(program.variables()) - _bound(written)
    for name in sorted(names - set(VARIABLES)):
        raise BadExpression(f"unknown variable {name}{did_you_mean(name, VARIABLES)}: {', '.join(VARIABLES)} are known")
    functions = {name for name in program.functions() if name.isidentifier()}
    known = {*_NATIVE, *_EXTENSIONS}
    for name in sorted(functions - known):
        raise BadExpression(f"unknown function {name}{did_you_mean(name, known)}")
    extensions = {name: _EXTENSIONS[name] for name in functions & set(_EXTENSIONS) if name not in _NATIVE}
    try:
        level = level_of(written)
        patterns = patterns_of(written)
    except TooCostlyError as error:
        raise BadExpression(str(error)) from error
    for pattern in patterns:
        _check_pattern(pattern)
    return Expression(source, program, tuple(sorted(names)), _fields(written), extensions, level)


def _check_pattern(written: str) -> None:
    try:
        cel.evaluate(f"''.matches({written})")
    except (ValueError, RuntimeError) as error:
        raise BadExpression(f"the pattern {written} can't be used: {_last_line(error)}") from error


def _last_line(error: Exception) -> str:
    return str(error).strip().splitlines()[-1].strip()[:_LONGEST_REASON]


def tokens(source: str) -> list[tuple[str | None, str]]:
    """What an expression is written with: `text`, `name` or `other`, and how it stands there."""
    return [(match.lastgroup, match.group()) for match in _TOKEN.finditer(source) if match.lastgroup != "skip"]


def references(source: str) -> Iterator[tuple[str, ...]]:
    """The paths into the event that an expression writes with dots, as far as they are written so: `event.a.b[0].c` and
    `has(event.a.b)` refer to a.b, `event.name.startsWith("x")` to name.
    """
    end = (None, "")
    written = [end, *tokens(source), end, end]
    for index, token in enumerate(written[1:-2], start=1):
        if token != ("name", "event") or written[index - 1][1] == ".":
            continue
        names: list[str] = []
        while written[index + 1][1] == "." and written[index + 2][0] == "name":
            index += 2  # noqa: PLW2901 - on along the chain
            names.append(written[index][1])
        if written[index + 1][1] == "(":
            names = names[:-1]
        if names:
            yield tuple(names)


def constant(expression: Expression) -> Any:
    """What an expression that reads no variable always gives. Raises BadExpression when it always fails."""
    try:
        return expression.program.execute(dict(expression.functions))
    except Exception as error:  # the library raises whatever fits
        raise BadExpression(f"always fails: {_first_sentence(error)}") from error


def _syntax_error(text: str) -> str:
    where = re.search(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)", text)
    if where is None:
        return f"is not CEL: {text.splitlines()[-1][:_LONGEST_REASON]}"
    line, column, reason = where.groups()
    spot = f"character {column}" if line == "1" else f"line {line}, character {column} of it"
    return f"is not CEL, at {spot}: {reason.split(' expecting ')[0]}"


def _bound(tokens: list[tuple[str | None, str]]) -> set[str]:
    """Names that a macro binds: the `g` of `event.goals.exists(g, g.minute > 90)`. The library lists them too."""
    texts = [text for _, text in tokens]
    return {
        name
        for dot, macro, bracket, name, comma in zip(texts, texts[1:], texts[2:], texts[3:], texts[4:], strict=False)
        if dot == "." and macro in MACROS and bracket == "(" and comma == "," and name not in VARIABLES
    }


def _fields(tokens: list[tuple[str | None, str]]) -> tuple[str, ...] | None:
    """The top-level fields that `event` is followed by, or None where it is used otherwise."""
    end = (None, "")
    padded = [end, *tokens, end, end, end]
    found: dict[str, None] = {}
    for before, here, dot, field, after in zip(padded, padded[1:], padded[2:], padded[3:], padded[4:], strict=False):
        if here != ("name", "event") or before[1] == ".":
            continue
        if dot[1] != "." or field[0] != "name" or after[1] == "(":
            return None
        found[field[1]] = None
    return tuple(found)
