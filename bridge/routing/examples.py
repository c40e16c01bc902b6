"""The `tests` of a route: an event each, and the triggers that it must make. Here only their shape is checked."""

import re
from typing import Any

from bridge.configfile.validation import did_you_mean
from bridge.durations import parse_instant
from bridge.routing.findings import Spot, but_is, read_shape
from bridge.routing.references import Lookups
from bridge.routing.routes import SourceConfig
from bridge.routing.shape import TestShape

_EXPECTED = ("route", "topic_key", "context", "rejected", "unmapped")


def check_examples(raw: dict[str, Any], lookups: Lookups, source: SourceConfig | None, spot: Spot) -> None:
    """Note what is wrong with the tests of the route in `raw`, whose source is `source` (None: it could not be read)."""
    given = raw.get("tests")
    if not isinstance(given, list):
        return  # not given, or the shape says it
    names: set[str] = set()
    for index, test in enumerate(given):
        at = spot["tests"][index]
        shape = read_shape(TestShape, test, at, "a test")
        if shape is None:
            continue
        if shape.name in names:
            at["name"].error(f"there is another test named {shape.name!r}")
        names.add(shape.name)
        if source is not None:
            _check_event(shape, source, at)
        for moment in ("now", "timestamp"):
            _check_moment(getattr(shape, moment), at[moment])
        for name in shape.lookups:
            if name not in lookups:
                at["lookups"][name].error(f"there is no lookup {name}{did_you_mean(name, lookups)}", key=True)
        for position, expected in enumerate(shape.expect):
            _check_expected(expected, at["expect"][position])


def _check_event(test: TestShape, source: SourceConfig, spot: Spot) -> None:
    """A CloudEvent may have no data; nothing else has attributes."""
    if source.format == "cloudevents":
        for name in test.ce:
            if name == "data" or not re.fullmatch("[a-z0-9]+", name):
                spot["ce"][name].error(f"{name} is no name of an attribute: small letters and digits", key=True)
        return
    if test.ce:
        spot["ce"].error(f"ce holds attributes of CloudEvents: source {source.name} is {source.format}", key=True)
    if test.event is None:
        spot.error("a test needs its event")


def _check_moment(text: str, spot: Spot) -> None:
    try:
        if text:
            parse_instant(text)
    except ValueError as error:
        spot.error(str(error))


def _check_expected(expected: Any, spot: Spot) -> None:
    if not isinstance(expected, dict):
        spot.error(f"expect lists triggers, as in {{topic_key: ..., context: {{...}}}}{but_is(expected)}")
        return
    for name in sorted(expected.keys() - set(_EXPECTED)):
        spot[name].error(f"unknown key {name} in expect{did_you_mean(name, _EXPECTED)}", key=True)
    verdicts = expected.keys() & {"rejected", "unmapped"}
    if verdicts and len(expected.keys() - {"route"}) > 1:
        spot.error(
            f"{min(verdicts)} stands alone: a trigger that must not be called has no topic_key or context to expect"
        )
    if not verdicts and "topic_key" not in expected:
        spot.error("expect needs the topic_key of the trigger, or rejected: REGEX, or unmapped: KEY")
    for name in expected.keys() & {"route", "topic_key", "rejected", "unmapped"}:
        if not isinstance(expected[name], str):
            spot[name].error(f'{name} must be a text{but_is(expected[name])}: quote it ("...")')
    if isinstance(expected.get("rejected"), str):
        try:
            re.compile(expected["rejected"])
        except re.error as error:
            spot["rejected"].error(f"rejected is not a regular expression: {error}")
    if "context" in expected and not isinstance(expected["context"], dict):
        spot["context"].error(f"context must be a mapping{but_is(expected['context'])}")
