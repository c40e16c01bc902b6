"""Times and numbers as people write them: what is sent, what is refused, what is found before any event."""

from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.dates import parse_pattern
from babel.localedata import locale_identifiers
from routing.tables import TABLE, event, only, problems, reason, spoiled, table

from bridge.routing.refusals import Refusal
from bridge.routing.templates import parse_template
from bridge.routing.written import WrittenNumber, WrittenTime, gaps

TIME = '{time: "{occurred_at}", format: "HH:mm", zone: Europe/Berlin}'
PRICE = '{number: "{price}", decimals: 2}'


def with_value(written: str) -> str:
    """The table, sending this in the place of the team's name."""
    return spoiled('"{team.name}"', written)


def sent(folder: Path, written: str, **changes: Any) -> Any:
    trigger = only(table(folder, with_value(written)), event(**changes))
    assert trigger.verdict is None, trigger.verdict
    return trigger.context["team_name"]


@pytest.mark.parametrize(
    ("written", "changes", "text"),
    [
        (TIME, {}, "21:12"),
        (TIME, {"occurred_at": "2026-02-05T20:12:00.5+05:30"}, "15:42"),
        (TIME.replace("Europe/Berlin", "UTC"), {}, "20:12"),
        (TIME.replace("HH:mm", "EEEE d MMMM y, HH:mm"), {}, "Thursday 5 February 2026, 21:12"),
        (TIME.replace("HH:mm", "EEEE, d. MMMM").replace("}}", "}, locale: de}").replace("Berlin}", "Berlin, locale: de}"), {}, "Donnerstag, 5. Februar"),
        (TIME.replace("HH:mm", "'Kick-off at' h:mm a").replace("Europe/Berlin", "America/New_York"), {}, "Kick-off at 3:12\u202fPM"),
        ('{time: "{at}", unit: epoch_ms, format: "HH:mm", zone: Asia/Kolkata}', {"at": 1_770_322_320_000}, "01:42"),
        ('{time: "{at}", unit: epoch_s, format: "HH:mm", zone: UTC}', {"at": 1_770_322_320}, "20:12"),
        ("{time: {cel: event.occurred_at}, format: yyyy, zone: UTC}", {}, "2026"),
        (PRICE, {"price": 1299.5}, "1,299.50"),
        (PRICE, {"price": 2.675}, "2.68"),
        (PRICE, {"price": -0.001}, "0.00"),
        (PRICE.replace("2}", "0}"), {"price": 2.5}, "3"),
        (PRICE.replace("2}", "1, locale: de}"), {"price": 1234567.25}, "1.234.567,3"),
        ('{number: "{price}", currency: EUR, locale: de}', {"price": 12.9}, "12,90\u00a0€"),
        ('{number: "{price}", currency: EUR, decimals: 0}', {"price": 12.9}, "€13"),
        ('{number: "{price}", currency: JPY}', {"price": 1200}, "¥1,200"),
        ('{number: {cel: "event.cents / 100.0"}, currency: USD}', {"cents": 1999.0}, "$19.99"),
    ],
)  # fmt: skip
def test_a_time_or_a_number_is_written_as_the_table_says(
    tmp_path: Path, written: str, changes: dict[str, Any], text: str
) -> None:
    got = sent(tmp_path, written, **changes)
    assert got.replace("\u202f", " ") == text.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("written", "changes", "why"),
    [
        ('{time: "{at}", format: "HH:mm", zone: UTC}', {}, "field team_name: the event has no at"),
        ('{time: "{at}", format: "HH:mm", zone: UTC}', {"at": ""}, "field team_name: at is empty"),
        ('{time: "{at}", format: "HH:mm", zone: UTC}', {"at": "20:12"}, 'at should be an RFC 3339 time with a zone, is string "20:12"'),
        ('{time: "{at}", format: "HH:mm", zone: UTC}', {"at": 5}, "at should be a time as RFC 3339 writes it, is integer 5"),
        ('{time: "{at}", unit: epoch_s, format: "HH:mm", zone: UTC}', {"at": 1e300}, "at is no time since 1970"),
        ('{time: "{at}", format: "HH:mm", zone: Asia/Tokyo}', {"at": "9999-12-31T23:00:00Z"}, "at is a time that no calendar has in Asia/Tokyo"),
        ('{time: {cel: "event.at"}, format: "HH:mm", zone: UTC}', {"at": True}, '"event.at" should be a time as RFC 3339 writes it, is boolean true'),
        (PRICE, {}, "field team_name: the event has no price"),
        (PRICE, {"price": None}, "field team_name: price is null"),
        (PRICE, {"price": "12.90"}, 'price should be a number, is string "12.90"'),
        (PRICE, {"price": True}, "price should be a number, is boolean true"),
        (PRICE, {"price": 1e16}, "price is too large to be written out"),
    ],
)  # fmt: skip
def test_what_is_no_time_or_no_number_is_rejected(
    tmp_path: Path, written: str, changes: dict[str, Any], why: str
) -> None:
    assert why in reason(table(tmp_path, with_value(written)), event(**changes))


@pytest.mark.parametrize(
    ("written", "where", "message"),
    [
        (TIME.replace(", zone: Europe/Berlin", ""), "time:", "zone: required"),
        (TIME.replace("Europe/Berlin", "Europe/Berlim"), "Europe/Berlim", "there is no zone Europe/Berlim; did you mean 'Europe/Berlin'?"),
        (TIME.replace("Europe/Berlin", "../etc"), "../etc", "there is no zone ../etc: write it as in Europe/Berlin"),
        (TIME.replace("HH:mm", "YYYY"), '"YYYY', "Y is the year of a calendar of weeks, wrong around New Year: write yyyy"),
        (TIME.replace("HH:mm", "DD.MM"), '"DD', "D is the day of the year: write d or dd"),
        (TIME.replace("HH:mm", "HH:mm Uhr"), '"HH', "U, r are no parts of a time: put words in single quotes"),
        (TIME.replace("HH:mm", "HH'h"), '"HH', "a quote that is not closed"),
        (TIME.replace("HH:mm", "'noon'"), "\"'noon", "no part of the time"),
        (TIME.replace("HH:mm", "HHHHHH"), '"HHH', "Invalid length for field"),
        (TIME.replace("}}", "}").replace("Berlin}", "Berlin, locale: deutsch}"), "deutsch", "there is no locale deutsch"),
        (TIME.replace("HH:mm", "h:mm b").replace("Berlin}", "Berlin, locale: fy}"), '"h:mm', "format can't be written in the locale fy: Could not format period am in fy; write it with numbers"),
        (TIME.replace("Berlin}", "Berlin, unit: days}"), "days", "unit: must be 'rfc3339', 'epoch_ms' or 'epoch_s'"),
        (TIME.replace("Berlin}", "Berlin, zonee: x}"), "zonee", "unknown setting; did you mean 'zone'?"),
        (TIME.replace('"{occurred_at}"', '"at {occurred_at}"'), '"at', "time is one reference alone"),
        (TIME.replace('"{occurred_at}"', "{cel: 1 +}"), "1 +", "cel: is not CEL"),
        (PRICE.replace("2}", "11}"), "11}", "decimals: must be less than or equal to 10"),
        (PRICE.replace("2}", "2, currency: EURO}"), "EURO", "there is no currency EURO; did you mean 'EUR'?"),
        (PRICE.replace("2}", "2, locale: 5}"), "5}", "locale: must be a text"),
        ('{time: "{at}"}', "{time", 'is an object: a time is written by {time: ..., format: "HH:mm", zone: Europe/Berlin}'),
        ('{number: "{at}"}', "{number", "is an object: a number is written by {number: ..., decimals: 2}"),
    ],
)  # fmt: skip
def test_a_format_that_can_not_work_is_found_before_any_event(
    tmp_path: Path, written: str, where: str, message: str
) -> None:
    text = with_value(written)
    start = text.index(written)
    column = start + written.index(where.rstrip(":")) - text.rfind("\n", 0, start)
    (problem,) = problems(tmp_path, text)
    assert problem.place is not None
    assert message in problem.message
    assert problem.severity == "error"
    if where != "time:":
        assert problem.place.column == column


def test_a_clock_that_counts_to_12_is_warned_of(tmp_path: Path) -> None:
    (warning,) = problems(tmp_path, with_value(TIME.replace("HH:mm", "h:mm")))
    assert (warning.severity, "write HH, or add a" in warning.message) == ("warning", True)


def test_what_is_written_is_a_string_and_nothing_else(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, spoiled('minute: "{minute}"', f"minute: {PRICE}"))
    assert "minute should be integer, but what is written by a format is a string" in problem.message


def test_an_optional_time_that_the_event_lacks_is_left_out(tmp_path: Path) -> None:
    of = table(tmp_path, spoiled('"{assist.name}"', '{time: "{ends_at}", format: "HH:mm", zone: UTC}'))
    assert "assist" not in only(of, event()).context
    assert only(of, event(ends_at="2026-02-05T22:00:00Z")).context["assist"] == "22:00"


def test_how_it_is_written_is_part_of_what_the_table_means(tmp_path: Path) -> None:
    tables = [table(tmp_path, with_value(one)) for one in (TIME, TIME.replace("Berlin", "Rome"), PRICE)]
    tables.append(table(tmp_path, TABLE))
    assert len({of.hash for of in tables}) == 4
    assert len({of.identity["goal"] for of in tables}) == 1


def test_no_language_makes_a_decision_fail() -> None:
    """Some have no words for parts of a day: found before any event, and no crash even if it were not."""
    happened = event({"at": "2026-02-05T20:12:00Z", "price": -1e15})
    at, price = parse_template("{at}"), parse_template("{price}")
    patterns = [parse_pattern(one) for one in ("EEEE d MMMM y HH:mm:ss zzzz", "h:mm a", "GGGG QQQQ LLLL cccc B b")]
    gapless = 0
    for name in [*locale_identifiers()[::25], "fy"]:
        locale = Locale.parse(name)
        for decimals, currency in ((10, ""), (0, "EUR"), (3, "KWD")):
            assert WrittenNumber(price, decimals, currency, locale).value(happened).strip()
        for pattern in patterns:
            written = WrittenTime(at, "rfc3339", pattern, ZoneInfo("Europe/Berlin"), locale)
            if gaps(pattern, locale) is None:
                gapless += 1
                assert written.value(happened).strip()
            else:
                with suppress(Refusal):
                    written.value(happened)
    assert gapless > 40
