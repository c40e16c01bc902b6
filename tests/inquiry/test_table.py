"""Outcomes for spreadsheets and programs."""

import csv
import io
from typing import Any

import orjson

from bridge.inquiry.table import COLUMNS, as_csv, as_json, chosen, counts, row
from bridge.outcomes.reading import WrittenResult, read_result

FIELDS = {
    "result_id": "0" * 32,
    "revision": 6,
    "trigger_id": "1" * 32,
    "outcome": "published",
    "reason": None,
    "brand": "acme",
    "route": "goal",
    "event_generator_id": "gen-1",
    "topic_key": "topic-1",
    "event_id": "e1",
    "execution_id": "x1",
    "audience_size": 1200,
    "possible_duplicate": False,
    "times": {"received": "2026-02-05T20:00:00.000Z"},
}


def written(**changes: Any) -> WrittenResult:
    return read_result(orjson.dumps(FIELDS | changes))


def cells(**changes: Any) -> dict[str, str]:
    (found,) = csv.DictReader(io.StringIO("".join(as_csv([written(**changes)])), newline=""))
    return found


def test_a_row_says_when_which_whom_and_how_many() -> None:
    assert list(row(written()).values()) == [
        "2026-02-05T20:00:00.000Z", "acme", "goal", "gen-1", "topic-1", 1200, "published", False, None, "e1", None, "x1", "1" * 32, None,
    ]  # fmt: skip


def test_csv_begins_with_its_header_also_when_there_is_nothing() -> None:
    assert "".join(as_csv([])) == ",".join(COLUMNS) + "\r\n"


def test_what_is_not_known_is_an_empty_cell() -> None:
    told = cells(audience_size=None, topic_key=None)
    assert (told["audience"], told["topic_key"], told["reason"]) == ("", "", "")
    assert told["possible_duplicate"] == "false"


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert cells(event_id=text)["event_id"] == f"'{text}"
        assert cells(reason=text)["reason"] == f"'{text}"
    assert cells(event_id="1=1")["event_id"] == "1=1"


def test_commas_quotes_and_lines_stay_in_their_cell() -> None:
    text = 'a, "b"\nc; Ä'
    assert cells(reason=text)["reason"] == text


def test_json_is_an_array_of_the_results_as_they_are() -> None:
    for results in ([], [written()], [written(), written(event_id="e2")]):
        assert orjson.loads("".join(as_json(results))) == [result.fields for result in results]


def test_results_are_chosen_by_route_and_outcome() -> None:
    assert chosen(None, None)(written())
    assert chosen("goal", "published")(written())
    assert not chosen("start", None)(written())
    assert not chosen("goal", "failed")(written())


def test_a_line_counts_how_many_ended_how() -> None:
    assert counts([]) == "0 outcomes"
    assert counts([written(), written(), written(outcome="failed")]) == "3 outcomes: 2 published, 1 failed"


def test_tests_are_told_apart_in_the_line_and_in_the_cells() -> None:
    one = written(test=True)
    assert counts([written(test=False), one]) == "2 outcomes: 2 published (1 of them a test)"
    assert counts([one, one]) == "2 outcomes: 2 published (2 of them tests)"
    assert (cells(test=True)["test"], cells(test=False)["test"], cells()["test"]) == ("true", "false", "")
