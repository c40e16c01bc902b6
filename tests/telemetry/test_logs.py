import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import CollectorRegistry

from bridge.clock import SystemClock
from bridge.events import Source
from bridge.telemetry import Telemetry, configure_logging
from bridge.telemetry.logs import Level


class Log:
    def __init__(self) -> None:
        self.stream = io.BytesIO()

    def at(self, level: Level) -> Telemetry:
        configure_logging(level, self.stream)
        return Telemetry(CollectorRegistry(), SystemClock())

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield Log()
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_each_event_is_one_line_of_json_with_level_and_time(log: Log) -> None:
    log.at("info").trigger_ended("acme", "goal", "expired", trigger_id="t1", event_id="e\n1", reason="too old")
    (line,) = log.lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("time"))
    assert line == {
        "event": "trigger ended",
        "level": "info",
        "brand": "acme",
        "route": "goal",
        "outcome": "expired",
        "trigger": "t1",
        "event_id": "e\n1",
        "reason": "too old",
    }


def test_what_lies_below_the_level_is_not_written(log: Log) -> None:
    log.at("warning").stopping("SIGTERM")
    assert log.lines() == []


@pytest.mark.parametrize(
    ("end", "level"),
    [("accepted", "debug"), ("throttled", "info"), ("unknown", "warning"), ("refused_brand", "warning")],
)
def test_the_end_of_a_call_is_as_loud_as_it_matters(log: Log, end: str, level: str) -> None:
    log.at("debug").call_ended("acme", "goal", end, trigger_id="t", event_id="e", seconds=0.1)
    assert log.lines()[0]["level"] == level


def test_a_call_that_was_accepted_is_written_at_debug_only(log: Log) -> None:
    log.at("info").call_ended("acme", "goal", "accepted", trigger_id="t", event_id="e", seconds=0.1)
    assert log.lines() == []


def test_the_end_of_a_call_says_which_and_how_long_it_took(log: Log) -> None:
    log.at("debug").call_ended("acme", "goal", "accepted", trigger_id="t", event_id="e", seconds=0.123456, status=202)
    (line,) = log.lines()
    assert (line["event"], line["brand"], line["route"], line["end"]) == ("call ended", "acme", "goal", "accepted")
    assert (line["trigger"], line["event_id"], line["seconds"], line["status"]) == ("t", "e", 0.1235, 202)


def test_an_audience_of_nobody_is_a_warning_with_a_hint(log: Log) -> None:
    log.at("info").execution_ended("a", "r", "published", trigger_id="t", execution_id="x", audience=0)
    (line,) = log.lines()
    assert line["level"] == "warning"
    assert "wrong topic key" in line["hint"]


def test_an_audience_far_below_the_usual_one_is_a_warning_with_both_numbers(log: Log) -> None:
    log.at("info").execution_ended(
        "a", "r", "published", trigger_id="t", execution_id="x", event_id="e", audience=7, usual_audience=1000
    )
    (line,) = log.lines()
    assert (line["level"], line["audience"], line["usual_audience"]) == ("warning", 7, 1000)
    assert (line["trigger"], line["event_id"], line["route"]) == ("t", "e", "r")
    assert "wrong topic key" in line["hint"]


def test_libraries_log_the_same_way(log: Log) -> None:
    log.at("info")
    logging.getLogger("some.library").warning("lost %d of %s", 3, "these")
    logging.getLogger("some.library").debug("not this")
    (line,) = log.lines()
    assert (line["event"], line["logger"], line["level"]) == ("lost 3 of these", "some.library", "warning")


def test_aiokafka_is_quiet_about_what_mends_itself(log: Log) -> None:
    log.at("info")
    logging.getLogger("aiokafka.consumer.group_coordinator").info("heartbeat failed")
    logging.getLogger("aiokafka.consumer.group_coordinator").warning("something worse")
    assert [line["event"] for line in log.lines()] == ["something worse"]


def test_what_a_library_says_again_and_again_is_written_once_in_a_while(log: Log) -> None:
    log.at("info")
    for number in range(20):
        logging.getLogger("aiokafka").error("Unable connect to node with id %s", number)
    logging.getLogger("aiokafka").error("another thing")
    assert [line["event"] for line in log.lines()] == ["Unable connect to node with id 0", "another thing"]


def test_a_failed_stage_shows_where_it_failed(log: Log) -> None:
    telemetry = log.at("info")
    try:
        _fail(b"terces-lacol-a"[::-1].decode())
    except ValueError as error:
        telemetry.stage_failed("dispatch", error)
    (line,) = log.lines()
    assert line["error"] == "broken"
    assert "in _fail" in line["exception"]
    assert "a-local-secret" not in json.dumps(line)


def _fail(key: str) -> None:
    raise ValueError("broken" if key else "")


def test_a_librarys_exception_is_written_whole(log: Log) -> None:
    log.at("info")
    try:
        _fail("x")
    except ValueError:
        logging.getLogger("lib").exception("it broke")
    assert "ValueError: broken" in log.lines()[0]["exception"]


def test_what_comes_from_outside_cannot_grow_the_log(log: Log) -> None:
    telemetry = log.at("info")
    telemetry.trigger_ended("a", "r", "rejected", trigger_id="t", event_id="x" * 1_000_000, reason="y" * 1_000_000)
    telemetry.dead_letter(Source("t", 0, 1), "z" * 1_000_000)
    assert len(log.stream.getvalue()) < 5_000


def test_text_that_is_no_unicode_is_written_all_the_same(log: Log) -> None:
    telemetry = log.at("info")
    telemetry.trigger_ended("a", "r", "rejected", trigger_id="t", event_id="\ud800", reason=None)
    telemetry.warned("large", number=2**70)
    assert [line["event"] for line in log.lines()] == ["trigger ended", "large"]


def test_start_and_end_are_told(log: Log) -> None:
    telemetry = log.at("info")
    telemetry.started("bridge", "live", brands=["acme"])
    telemetry.partition_assigned("intake", [("b", 1), ("a", 0)])
    telemetry.ledger_claimed(1, 2, 3, 0.5)
    telemetry.stopping("SIGTERM")
    telemetry.stopped()
    assert [line["event"] for line in log.lines()] == [
        "started",
        "partitions assigned",
        "ledger claimed",
        "stopping",
        "stopped",
    ]
    assert log.lines()[1]["partitions"] == ["a/0", "b/1"]
