"""What a hostile text does where it comes out again: in logs, on terminals, in tables and pages."""

import logging
from pathlib import Path

import orjson
import pytest
from abuse.test_events import NASTY
from cli.calling import call
from inquiry.test_table import cells
from rich.console import Console
from routing.tables import GOAL, event, write
from telemetry.test_logs import Log

from bridge.cli.holding import table_of
from bridge.events import Source
from bridge.holds.model import Hold, Reason
from bridge.routing.expressions import compile_expression
from bridge.routing.refusals import Refusal
from bridge.telemetry.logs import _Forwarding
from bridge.vendor.errortext import TEXT_LIMIT, readable

OBEYED = "\x1b\x07\x00\x08\x9b\u202e\u2066"
"""What a terminal obeys, or what turns the order of letters round."""


def test_a_text_with_line_ends_is_one_line_of_the_log(log: Log) -> None:
    telemetry = log.at("info")
    telemetry.trigger_ended("acme", "goal", "rejected", trigger_id="t", event_id=NASTY, reason=f"x\n{{}}\r\n{NASTY}")
    written = log.stream.getvalue()
    assert written.count(b"\n") == 1
    assert not any(byte < 0x20 for byte in written[:-1])
    assert log.lines()[0]["event_id"] == NASTY


def test_a_line_of_the_log_has_a_bounded_length(log: Log) -> None:
    telemetry = log.at("info")
    much = "x" * 1_000_000
    telemetry.dead_letter(Source("t", 0, 1), much)
    telemetry.table_refused([much] * 1_000, again=False)
    telemetry.warned("much", deep={much: [much] * 1_000})
    telemetry.stage_failed("intake", ValueError(much))
    assert all(len(line) < 150_000 for line in log.stream.getvalue().splitlines())
    assert len(log.lines()) == 4


def test_an_event_that_makes_an_expression_fail_writes_nothing_of_itself_into_the_log(log: Log) -> None:
    log.at("debug")
    for number in range(100):
        with pytest.raises(Refusal):
            compile_expression("event.a.split(',')").value(event({"a": number}))
        with pytest.raises(Refusal):
            compile_expression("bool(event.a)").value(event({"a": f"s3cret {number}"}))
    assert b"s3cret" not in log.stream.getvalue()
    assert len(log.lines()) == 0


def test_what_libraries_say_is_remembered_up_to_a_bound() -> None:
    forwarding = _Forwarding()
    for number in range(5_000):
        forwarding.filter(logging.LogRecord("lib", logging.WARNING, "", 0, f"said {number}", (), None))
    assert len(forwarding._said) <= 1_000


def test_what_a_vendor_says_is_cut_and_stays_one_line_of_the_log(log: Log) -> None:
    text = readable((NASTY * 100_000).encode(), ())
    assert len(text) <= TEXT_LIMIT
    log.at("info").trigger_ended("acme", "goal", "rejected", trigger_id="t", event_id="e", reason=text)
    assert log.stream.getvalue().count(b"\n") == 1


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_no_terminal_obeys_an_event_that_is_explained(tmp_path: Path, form: tuple[str, ...]) -> None:
    path = write(tmp_path)
    odd = GOAL | {"id": NASTY, "team": {"id": "GER", "name": f"[red]{NASTY}[/red]"}, "minute": NASTY}
    (tmp_path / "event.json").write_bytes(orjson.dumps(odd))
    ended = call("explain", tmp_path / "event.json", "--routes", path, *form)
    assert ended.code in (0, 1)
    letters = set(ended.said + ended.complaint)
    # JSON is for programs; what a terminal obeys at once is escaped in it, too.
    assert not letters & set("\x1b\x07\x00\x08" if form else OBEYED)
    assert "[red]" in ended.said


def test_no_terminal_obeys_a_hold(capsys: pytest.CaptureFixture[str]) -> None:
    odd = Hold(f"route/{NASTY}", Reason.OPERATOR, f"[link=https://evil.example]{NASTY}[/link]", NASTY, 0)
    Console(width=400).print(table_of([odd]))
    said = capsys.readouterr().out
    assert not set(OBEYED) & set(said)
    assert "[link=https://evil.example]" in said


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_spreadsheet_runs_an_event(text: str) -> None:
    row = cells(event_id=text, topic_key=text, reason=f'",\n{text}')
    assert row["event_id"] == f"'{text}"
    assert row["topic_key"] == f"'{text}"
    assert row["reason"].startswith('",\n')
