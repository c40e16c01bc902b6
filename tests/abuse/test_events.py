"""Events that somebody wrote to do harm, up to what becomes of them. Without Kafka."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from intake.conftest import Judged, judge_of
from intake.workbench import Workbench, goal
from kafka.members import Read
from msgspec import structs
from prometheus_client import CollectorRegistry
from routing.tables import event, only, problems, spoiled, table

from bridge.clock import SystemClock
from bridge.durations import EARLIEST, LATEST, format_instant, parse_instant
from bridge.errors import Undecodable
from bridge.events import Source
from bridge.formats import decode
from bridge.formats.bounds import LARGEST_EVENT
from bridge.intake.judging import Judgement
from bridge.provisioning.request import RequestTemplate
from bridge.routing import load_table, paths
from bridge.routing.paths import parse_path
from bridge.telemetry import Telemetry
from bridge.triggers import Rejected, Trigger, Unmapped

NASTY = "\x00\x1b[2J\x1b]0;owned\x07\u202eevil\u2066\r\nX-Evil: yes\u2028"


def reason_of(trigger: Trigger) -> str:
    assert isinstance(trigger.verdict, Rejected)
    return trigger.verdict.reason


def refusal_of(judgement: Judgement) -> str:
    """Of the only record that is no event."""
    ((_, reason),) = judgement.refusals
    return reason


@pytest.mark.parametrize(
    "number", [b"1e400", b"-1e400", b"NaN", b"Infinity", b"0x10", b"1" * 400, b"18446744073709551616"]
)
def test_a_number_that_json_or_64_bits_do_not_hold_is_a_dead_letter(judged: Judged, number: bytes) -> None:
    value = orjson.dumps(goal(1)).replace(b'"minute":12', b'"minute":' + number)
    judgement, triggers = judged(value)
    assert triggers == []
    assert len(refusal_of(judgement)) < 300


@pytest.mark.parametrize("text", [b'"\\ud800"', b'"\\udfff x"', b'"\xed\xa0\x80"', b'"\xc0\xaf"'])
def test_half_a_character_is_a_dead_letter(judged: Judged, text: bytes) -> None:
    judgement, triggers = judged(orjson.dumps(goal(1, note="?")).replace(b'"?"', text))
    assert triggers == []
    assert "not JSON in UTF-8" in refusal_of(judgement)


def test_of_a_key_that_is_there_twice_the_last_counts_everywhere(judged: Judged) -> None:
    value = orjson.dumps(goal(1)).replace(b'"minute":12', b'"minute":12,"minute":"x","minute":13')
    _, (trigger,) = judged(value)
    assert trigger.context["minute"] == 13


def test_names_that_mean_something_to_other_languages_are_names(judged: Judged) -> None:
    extra = {"__proto__": {"admin": True}, "constructor": 1, "__class__": "x", "": 1, "$ref": "x", "{id}": "y"}
    _, (trigger,) = judged(orjson.dumps(goal(1, extra=extra)))
    assert trigger.verdict is None
    assert trigger.context["extra"] == extra


def test_a_path_leads_to_no_attribute_of_what_holds_the_event() -> None:
    for path in ("__class__", "team.__class__", "team.keys", "team.name.upper", "$headers.__class__"):
        assert repr(parse_path(path).read(event())) == "MISSING"


@pytest.mark.parametrize("value", [b"[" * 500_000, b'{"a":' * 100_000, b'{"a":' * 101 + b"1" + b"}" * 101])
def test_what_is_nested_without_end_is_a_dead_letter(judged: Judged, value: bytes) -> None:
    judgement, _ = judged(value)
    assert refusal_of(judgement)


def test_templates_inside_of_an_event_are_text(judged: Judged, tmp_path: Path) -> None:
    note = "{team.name} {{id}} ${HOME} ${file:/etc/passwd} {{7*7}} %s {0.__class__}"
    _, (trigger,) = judged(orjson.dumps(goal(1, note=note)))
    assert trigger.context["note"] == note
    of = table(tmp_path, spoiled('"{team.name}"', '"Goal for {team.name}!"'))
    assert only(of, event(team={"id": "GER", "name": note})).context["team_name"] == f"Goal for {note}!"


def test_templates_inside_of_an_event_are_text_for_the_provisioner_too(judged: Judged) -> None:
    _, (trigger,) = judged(orjson.dumps(goal(1, note="{brand}{key}")))
    filled = RequestTemplate({"note": "<{context.note}>"}).filled(trigger, Unmapped("teams", "{lookup}", "why"))
    assert filled == {"note": "<{brand}{key}>"}


def test_control_characters_go_to_the_vendor_as_json_writes_them_and_nowhere_else(judged: Judged) -> None:
    _, (trigger,) = judged(orjson.dumps(goal(1, note=NASTY)))
    assert trigger.context["note"] == NASTY
    encoded = trigger.encode()
    assert not any(byte < 0x20 for byte in encoded)


@pytest.mark.parametrize("where", ["id", "team", "match"])
def test_an_id_or_a_key_of_a_megabyte_is_refused_and_not_repeated(judged: Judged, where: str) -> None:
    much = "x" * 1_000_000
    body = goal(1) | {where: much if where == "id" else {"id": much, "name": "x"}}
    judgement, triggers = judged(orjson.dumps(body))
    told = reason_of(triggers[0]) if triggers else refusal_of(judgement)
    assert "longer than 1000 characters" in told
    assert len(told) < 300
    assert all(len(trigger.encode()) < 3_000 for trigger in triggers)


@pytest.mark.parametrize("value", [True, 1.5, None, [], {}, "", " ", "\u00a0"])
def test_an_event_id_that_is_no_text_and_no_integer_is_a_dead_letter(judged: Judged, value: Any) -> None:
    judgement, triggers = judged(orjson.dumps(goal(1) | {"id": value}))
    assert triggers == []
    assert "no event id" in refusal_of(judgement)


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T23:59:60Z",
        "0001-01-01T00:00:00+23:59",
        "2026-02-30T00:00:00Z",
        "9" * 5_000,
    ],
)
def test_a_time_that_no_clock_shows_is_rejected(judged: Judged, moment: str) -> None:
    _, (trigger,) = judged(orjson.dumps(goal(1, occurred_at=moment)))
    assert "event_time" in reason_of(trigger)


def test_every_time_that_is_read_can_be_written() -> None:
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59.5Z"):
        assert parse_instant(format_instant(parse_instant(moment))) == parse_instant(moment)
    for milliseconds in (EARLIEST - 1, LATEST + 1, 2**63 - 1, -(2**63)):
        parse_instant(format_instant(milliseconds))


@pytest.mark.parametrize("timestamp", [-1, -5, -(2**63), LATEST + 1, 2**62, 2**63 - 1])
def test_a_record_with_a_time_of_its_own_that_is_none_is_rejected_and_has_a_result(
    tmp_path: Path, timestamp: int
) -> None:
    bench = Workbench("", "unit", tmp_path)
    bench.load()
    routes = tmp_path / "routes.yaml"
    routes.write_text(routes.read_text().replace("    event_time: occurred_at\n", ""))
    bench.table = load_table(routes, {})
    record = Read(orjson.dumps(goal(1)), topic=bench.topic, timestamp=timestamp)
    judgement = judge_of(bench).judge([record], SystemClock().now())
    (write,) = judgement.writes
    trigger = Trigger.decode(write.value or b"")
    assert "timestamp" in reason_of(trigger) or "ahead" in reason_of(trigger)
    format_instant(trigger.expires_at)
    orjson.dumps(trigger.expires_at)


def test_a_hundred_thousand_headers_are_read_once() -> None:
    headers = {f"h{number}": "x" for number in range(100_000)}
    happened = structs.replace(event(), headers=headers)
    assert parse_path("$headers.h99999").read(happened) == "x"
    # No copy is made of them for each path that is read.
    assert paths._root("headers", happened) is headers


def test_an_event_of_more_than_16_mib_is_not_even_parsed() -> None:
    value = b'{"a":"' + b"x" * LARGEST_EVENT + b'"}'
    with pytest.raises(Undecodable, match="more than 16777216"):
        decode(Read(value), "json")


def tell(telemetry: Telemetry, judgement: Judgement, number: int) -> None:
    for (source, decision), count in judgement.counts.items():
        telemetry.event_decided(source, decision, count)
    for _, reason in judgement.refusals:
        telemetry.dead_letter(Source("t", 0, number), reason)


def test_as_many_ids_keys_and_types_as_anybody_likes_make_no_further_series(judged: Judged) -> None:
    registry = CollectorRegistry()
    telemetry = Telemetry(registry, SystemClock())

    def series() -> int:
        return sum(len(family.samples) for family in registry.collect())

    seen = set()
    for number in range(3_000):
        odd = {"id": f"id-{number}", "type": ["goal", f"type-{number}"][number % 2], f"field-{number}": number}
        judgement, triggers = judged(orjson.dumps(goal(number, team={"id": f"team-{number}", "name": NASTY}) | odd))
        tell(telemetry, judgement, number)
        for trigger in triggers:
            telemetry.trigger_ended("acme", trigger.route, "unmapped", trigger_id=trigger.id, event_id=trigger.event_id)
        if number >= 10:
            seen.add(series())
    assert len(seen) == 1


def test_two_dedup_keys_that_would_run_together_are_warned_of(tmp_path: Path) -> None:
    text = spoiled('dedup_key: "{match.id}/{id}"', 'dedup_key: "{match.id}{id}"')
    assert any("dedup_key" in one.message and one.severity == "warning" for one in problems(tmp_path, text))


def test_a_separator_inside_of_a_key_can_make_two_keys_one_and_then_nobody_is_called_twice(tmp_path: Path) -> None:
    of = table(tmp_path)
    one = only(of, event(match={"id": "a/b"}, id="c"))
    other = only(of, event(match={"id": "a"}, id="b/c"))
    assert one.id == other.id


def test_a_bad_event_cannot_take_the_place_of_the_good_one(judged: Judged) -> None:
    _, (bad,) = judged(orjson.dumps(goal(1, minute="x")))
    _, (good,) = judged(orjson.dumps(goal(1)))
    assert isinstance(bad.verdict, Rejected)
    assert good.verdict is None
    assert bad.context == {}
