"""Tests as JUnit XML, which every CI reads."""

import re
from collections.abc import Sequence
from pathlib import Path

from junitparser import Failure, JUnitXml, TestCase, TestSuite

from bridge.errors import BridgeError
from bridge.testing.running import Tested
from bridge.testing.words import lines_of

# What XML 1.0 can't hold.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(tested: Sequence[Tested], path: Path) -> None:
    """Write a suite for each route that has tests. Raises BridgeError when the file can't be written."""
    suites: dict[str, TestSuite] = {}
    for one in tested:
        suite = suites.setdefault(one.case.route, TestSuite(one.case.route))
        suite.add_testcase(_case(one))
    document = JUnitXml("bridge test")
    for suite in suites.values():
        document.add_testsuite(suite)
    try:
        document.write(str(path), pretty=True)
    except OSError as error:
        raise BridgeError(f"can't write {path}: {error.strerror}") from error


def _case(one: Tested) -> TestCase:
    case = TestCase(_clean(one.case.said.name), one.case.route)
    case._elem.set("file", one.case.place.file)  # noqa: SLF001 - the library knows the attribute of xunit2 only
    case._elem.set("line", str(one.case.place.line))  # noqa: SLF001
    if not one.passed:
        lines = list(lines_of(one))
        failure = Failure(_clean(lines[0].text))
        failure.text = _clean("\n".join(f"{'  ' * line.depth}{line.text}{_at(line.place)}" for line in lines))
        case.result = [failure]
    return case


def _at(place: object) -> str:
    return "" if place is None else f"  ({place})"


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
