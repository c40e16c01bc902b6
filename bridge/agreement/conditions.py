"""Conditions in words. What can't be said simply is not said: the exact condition always stands beside it."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from bridge.routing.matching import Condition

_COMPARED = {
    "==": "is",
    "!=": "is not",
    "<=": "is at most",
    ">=": "is at least",
    "<": "is below",
    ">": "is above",
}
_PATH = r"event(?P<path>(?:\.[A-Za-z_]\w*)+)"
_VALUE = r"""(?P<value>-?\d+(?:\.\d+)?|true|false|"[^"\\]*"|'[^'\\]*')"""
_COMPARISON = re.compile(rf"{_PATH}\s*(?P<sign>==|!=|<=|>=|<|>)\s*{_VALUE}")
_HAS = re.compile(rf"(?P<no>!?)\s*has\({_PATH}\)")
_FLAG = re.compile(rf"(?P<no>!?)\s*{_PATH}")
_AMONG = re.compile(rf"{_PATH}\s+in\s+\[(?P<list>[^\[\]]*)\]")
_CALL = re.compile(rf"(?P<no>!?)\s*{_PATH}\.(?P<call>startsWith|endsWith|contains)\({_VALUE}\)")
_CALLS = {
    "startsWith": ("begins with", "does not begin with"),
    "endsWith": ("ends with", "does not end with"),
    "contains": ("contains", "does not contain"),
}


def match_in_words(condition: Condition) -> str:
    """As in `type is "goal"`."""
    said = [_said(value) for value in condition.values]
    return f"{_spaced(str(condition.path))} is {_listed(said, 'or')}"


def match_as_written(condition: Condition) -> str:
    """As in `type: goal`, the values as JSON."""
    values = [orjson.dumps(value).decode() for value in condition.values]
    return f"{condition.path}: {values[0] if len(values) == 1 else '[' + ', '.join(values) + ']'}"


def when_in_words(source: str) -> str | None:
    """A CEL condition in words, or None when it is too involved for that."""
    source = _unwrapped(source)
    either = _split(source, "||")
    if len(either) > 1:
        said = _all_said(either)
        return None if said is None else f"either {' or '.join(said)}"
    both = _split(source, "&&")
    if len(both) == 1:
        return _simple(source)
    if any(len(_split(_unwrapped(part), "||")) > 1 for part in both):
        return None  # "a and b or c" can be read in two ways
    said = _all_said(both)
    return None if said is None else " and ".join(said)


def _all_said(parts: list[str]) -> list[str] | None:
    said = [when_in_words(part) for part in parts]
    whole = [one for one in said if one is not None]
    return whole if len(whole) == len(said) else None


def _simple(source: str) -> str | None:
    if found := _COMPARISON.fullmatch(source):
        return f"{_path(found)} {_COMPARED[found['sign']]} {_literal(found['value'])}"
    if found := _CALL.fullmatch(source):
        return f"{_path(found)} {_CALLS[found['call']][bool(found['no'])]} {_literal(found['value'])}"
    if found := _HAS.fullmatch(source):
        return f"{_path(found)} is {'missing' if found['no'] else 'given'}"
    if found := _AMONG.fullmatch(source):
        parts = [part.strip() for part in found["list"].split(",")]
        if all(re.fullmatch(_VALUE, part) for part in parts):
            return f"{_path(found)} is {_listed([_literal(part) for part in parts], 'or')}"
    if found := _FLAG.fullmatch(source):
        return f"{_path(found)} is {'no' if found['no'] else 'yes'}"
    return None


def _path(found: re.Match[str]) -> str:
    return _spaced(found["path"].lstrip("."))


def _literal(text: str) -> str:
    if text in ("true", "false"):
        return _said(text == "true")
    return _said(text[1:-1]) if text[0] in "\"'" else text


def _said(value: Any) -> str:
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case None:
            return "null"
        case str():
            return f"“{value}”"
        case _:
            return str(value)


def _spaced(path: str) -> str:
    return re.sub(r"[._]", " ", path)


def _listed(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _split(source: str, sign: str) -> list[str]:
    """The parts between `sign`, where it stands outside of quotes and brackets."""
    parts, start = [], 0
    for position in _outside(source):
        if source.startswith(sign, position):
            parts.append(source[start:position])
            start = position + len(sign)
    return [*parts, source[start:]]


def _outside(source: str) -> Iterator[int]:
    depth, quote, position = 0, "", 0
    while position < len(source):
        letter = source[position]
        if quote:
            position += letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif depth == 0:
            yield position
        position += 1


def _unwrapped(source: str) -> str:
    """Without brackets around the whole."""
    source = source.strip()
    while source.startswith("(") and source.endswith(")") and not any(_outside(source)):
        source = source[1:-1].strip()
    return source
