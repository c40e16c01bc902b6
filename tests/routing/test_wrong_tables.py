"""Every wrong table that the schema of the files can think of: an error where the mistake is, that says what to do."""

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest
from routing.wrong_tables import (
    DATA,
    FILES,
    PUBLISHED,
    SCHEMA,
    Wrong,
    at,
    dangling,
    emitted,
    missing,
    paths,
    unknown,
    wrong_values,
)

from bridge.configfile import ConfigError, Path_, Problem
from bridge.routing import load_table

WRONG = [*wrong_values(), *missing(), *unknown(), *dangling()]
BY_PLACE: list[tuple[Path_, list[Wrong]]] = [
    (path, list(wrong)) for path, wrong in groupby(sorted(WRONG, key=lambda one: str(one.path)), lambda one: one.path)
]
SAYS_WHAT_TO_DO = re.compile(
    r"must be|must have|must be a|required|unknown (setting|key)|did you mean|: write|give it|quote|needs|remove|should be"
    r"|there is no|is already|no column|can't read|lacks|has no field|stands alone|is empty|is blank|never|refer to|as in|say |must end in|use when|name "
)
PYTHON = re.compile(r"Input|Traceback|<class|NoneType|dict\b|\bstr\b|\bint\b|object at 0x|pydantic|\bNone\b|\bTrue\b")


def write(folder: Path, text: str) -> Path:
    for name, content in FILES.items():
        (folder / name).write_text(content)
    path = folder / "routes.yaml"
    path.write_text(text)
    return path


def errors(path: Path) -> Sequence[Problem]:
    try:
        load_table(path, {})
    except ConfigError as error:
        return [problem for problem in error.problems if problem.severity == "error"]
    return []


def test_the_table_that_is_spoiled_is_fine_and_uses_every_key_of_the_schema(tmp_path: Path) -> None:
    assert list(SCHEMA.iter_errors(DATA)) == []
    assert load_table(write(tmp_path, emitted(DATA)[0]), {}).warnings == ()
    known = {name for one in (PUBLISHED, *PUBLISHED["$defs"].values()) for name in one.get("properties", {})}
    used = {name for path in paths(DATA) for name in path}
    assert known <= used, known - used


def test_there_are_some_hundreds_of_each_kind() -> None:
    assert len(list(wrong_values())) > 900
    assert len(list(missing())) > 40
    assert len(list(unknown())) > 100
    assert len(list(dangling())) >= 20


def check(folder: Path, path: Path_, one: Wrong) -> None:
    text, values, keys = emitted(one.data)
    found = errors(write(folder, text))
    right = {keys[path], values[path]}
    if one.of_value:
        right |= {where for inner, where in [*keys.items(), *values.items()] if inner[: len(path)] == path}
    if one.kind == "is null" and len(at(one.data, path[:-1])) == 1:
        right.add(values[path[:-1]])  # {name: } is taken for a reference without quotes
    said = [f"{problem.place.line}:{problem.place.column} {problem.message}" for problem in found if problem.place]
    places = {(problem.place.line, problem.place.column) for problem in found if problem.place}
    assert places & right, (one.kind, right, said)
    for problem in found:
        assert SAYS_WHAT_TO_DO.search(problem.message), (one.kind, problem.message)
        assert not PYTHON.search(problem.message), (one.kind, problem.message)
        assert len(problem.message) < 500


IDS = [".".join(map(str, path)) for path, _ in BY_PLACE]


@pytest.mark.parametrize(("path", "wrong"), BY_PLACE, ids=IDS)
def test_a_mistake_is_an_error_at_its_place_that_says_what_to_do(
    tmp_path: Path, path: Path_, wrong: list[Wrong]
) -> None:
    check(tmp_path, path, wrong[len(str(path)) % len(wrong)])


@pytest.mark.slow
@pytest.mark.parametrize(("path", "wrong"), BY_PLACE, ids=IDS)
def test_each_mistake_is_an_error_at_its_place_that_says_what_to_do(
    tmp_path: Path, path: Path_, wrong: list[Wrong]
) -> None:
    for one in wrong:
        check(tmp_path, path, one)
