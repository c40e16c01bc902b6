"""A table whose source has CloudEvents: its defaults, attributes in routes, and what check finds."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from cli.calling import Ended, call
from formats.test_cloudevents import headers
from jsonschema_rs import validator_for
from kafka.members import Read
from ruamel.yaml import YAML

from bridge.configfile import ConfigError
from bridge.durations import parse_instant
from bridge.errors import Undecodable
from bridge.formats import decode
from bridge.recorded.records import enveloped
from bridge.routing import Table, load_table
from bridge.triggers import Rejected, Trigger, trigger_id

DOCS = Path(__file__).parents[2] / "docs"
PAGE, SCHEMA = DOCS / "cloudevents.md", DOCS / "reference" / "routes.schema.json"
NOW = parse_instant("2026-02-05T20:12:01Z")
TIME = "2026-02-05T20:12:00Z"
TABLE = """\
version: 1
sources:
  matches:
    topic: sports.match-events
    format: cloudevents
defaults: {expires_after: 10m}
generators:
  goal-scored:
    brand: acme
    id: 11111111-2222-3333-4444-555555555555
    context: {player: string, match: string}
routes:
  - name: goal
    source: matches
    match: {$ce.type: com.acme.goal, kind: penalty}
    when: "ce.subject.startsWith('m') && int(ce.minute) < 121"
    generator: goal-scored
    topic_key: "{$ce.own}"
    context: {player: "{player}", match: "{$ce.subject}"}
    tests:
      - name: a goal
        event: {kind: penalty, player: Musiala}
        ce: {type: com.acme.goal, subject: m1, own: fans, minute: "12"}
        expect: [{topic_key: fans, context: {player: Musiala, match: m1}}]
"""
WHOLE: dict[str, Any] = {
    "id": "e1",
    "source": "/matches",
    "specversion": "1.0",
    "type": "com.acme.goal",
    "subject": "m1",
}
DATA = orjson.dumps({"kind": "penalty", "player": "Musiala"})


def write(folder: Path, text: str = TABLE) -> Path:
    path = folder / "routes.yaml"
    path.write_text(text)
    return path


def table(folder: Path, *changes: tuple[str, str]) -> Table:
    text = TABLE
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return load_table(write(folder, text), {})


def decided(of: Table, data: bytes | None = DATA, **attributes: Any) -> list[Trigger]:
    ce = {"type": "com.acme.goal", "subject": "m1", "own": "fans", "minute": "12", "time": TIME} | attributes
    record = Read(data, headers=headers(**ce), timestamp=NOW)
    return list(of.decide("matches", decode(record, "cloudevents"), NOW).triggers)


def complaints(folder: Path, *changes: tuple[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        table(folder, *changes)
    return [problem.message for problem in refused.value.problems]


def test_attributes_and_data_decide_and_are_sent(tmp_path: Path) -> None:
    (trigger,) = decided(table(tmp_path))
    assert (trigger.topic_key, trigger.context) == ("fans", {"player": "Musiala", "match": "m1"})
    assert (trigger.event_id, trigger.event_time) == ("e1", parse_instant(TIME))
    assert decided(table(tmp_path), type="com.acme.corner") == []
    assert decided(table(tmp_path), minute="121") == []


def test_structured_and_binary_make_the_same_trigger(tmp_path: Path) -> None:
    of = table(tmp_path)
    whole = WHOLE | {"own": "fans", "minute": 12, "time": TIME, "data": orjson.loads(DATA)}
    record = Read(orjson.dumps(whole), headers=[("content-type", b"application/cloudevents+json")], timestamp=NOW)
    assert list(of.decide("matches", decode(record, "cloudevents"), NOW).triggers) == decided(of)


def test_an_event_is_the_same_when_source_and_id_are(tmp_path: Path) -> None:
    """So says the specification: two producers may both count from 1."""
    of = table(tmp_path)
    (one,), (again,), (other,) = decided(of), decided(of, time="2026-02-05T20:11:00Z"), decided(of, source="/others")
    assert one.id == again.id == trigger_id("acme", "goal", "fans", "/matches e1")
    assert other.id != one.id
    by_id = table(
        tmp_path,
        ("    generator: goal-scored\n    topic", '    dedup_key: "{$ce.id}"\n    generator: goal-scored\n    topic'),
    )
    assert decided(by_id)[0].id == decided(by_id, source="/others")[0].id == trigger_id("acme", "goal", "fans", "e1")
    assert of.identity != by_id.identity


def test_the_default_of_the_event_id_may_be_written_out_and_another_one_counts_alone(tmp_path: Path) -> None:
    format_ = "format: cloudevents"
    written = table(tmp_path, (format_, f"{format_}\n    event_id: $ce.id"))
    assert written.hash == table(tmp_path).hash
    own = table(tmp_path, (format_, f"{format_}\n    event_id: player"))
    assert decided(own)[0].dedup_key == "Musiala"


def test_an_event_without_a_time_is_as_old_as_its_record_unless_the_table_wants_its_time(tmp_path: Path) -> None:
    assert decided(table(tmp_path), time=None)[0].event_time == NOW
    strict = table(tmp_path, ("format: cloudevents", "format: cloudevents\n    event_time: $ce.time"))
    (refused,) = decided(strict, time=None)
    assert isinstance(refused.verdict, Rejected)
    assert "event_time: the event has no $ce.time" in refused.verdict.reason
    assert decided(strict)[0].event_time == parse_instant(TIME)
    assert strict.hash != table(tmp_path).hash


def test_a_route_may_do_without_data(tmp_path: Path) -> None:
    of = table(tmp_path, (", kind: penalty}", "}"), ('"{player}"', '"{$ce.own}"'))
    (trigger,) = decided(of, None)
    assert trigger.context == {"player": "fans", "match": "m1"}
    (refused,) = decided(table(tmp_path, (", kind: penalty}", "}")), None)
    assert isinstance(refused.verdict, Rejected)
    assert "the event has no player" in refused.verdict.reason


def test_check_has_nothing_against_such_a_table(tmp_path: Path) -> None:
    assert table(tmp_path).warnings == ()


@pytest.mark.parametrize("odd", ["$ce.Own", "$ce.own_name", '$ce["a.b"]', "$ce.own.name"])
def test_what_can_be_no_attribute_is_no_path(tmp_path: Path, odd: str) -> None:
    (complaint,) = complaints(tmp_path, ('"{$ce.own}"', f"'{{{odd}}}'"))
    assert "name one attribute, small letters and digits" in complaint


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("match: {type: goal}", "match: {$ce.type: goal}"),
        ("match: {type: goal}", "when: \"ce.type == 'goal'\""),
        ('match: "{match}"', 'match: "{match}/{$ce.subject}"'),
        ('match: "{match}"', 'match: {cel: "ce.subject"}'),
        ('match: "{match}"', 'match: {time: "{$ce.time}", format: HH, zone: UTC}'),
        ("topic_key: fans", "topic_key: '{$ce.own}'"),
        ("topic_key: fans", "dedup_key: '{$ce.own}'\n    topic_key: fans"),
    ],
)
def test_another_source_has_no_attributes(tmp_path: Path, before: str, after: str) -> None:
    text = """\
version: 1
sources: {matches: {topic: t, event_id: id, event_time: at}}
defaults: {expires_after: 10m}
generators: {goal-scored: {brand: acme, id: 11111111-2222-3333-4444-555555555555, context: {match: string}}}
routes:
  - name: goal
    source: matches
    match: {type: goal}
    generator: goal-scored
    topic_key: fans
    context:
      match: "{match}"
"""
    assert load_table(write(tmp_path, text), {}).routes.keys() == {"goal"}
    assert before in text
    with pytest.raises(ConfigError) as refused:
        load_table(write(tmp_path, text.replace(before, after)), {})
    (problem,) = refused.value.problems
    assert "is an attribute of a CloudEvent, and source matches is json: its events have none" in problem.message


def test_only_a_cloudevent_has_an_id_by_itself(tmp_path: Path) -> None:
    assert any(
        "event_id: required, but not set" in one
        for one in complaints(tmp_path, ("format: cloudevents", "format: json"))
    )


def run(folder: Path, *words: str | Path, text: str = TABLE, given: bytes = b"") -> Ended:
    return call(*words, "--routes", write(folder, text), given=given)


def test_a_test_has_attributes_beside_its_event(tmp_path: Path) -> None:
    assert run(tmp_path, "test") == (0, "1 passed\n", "")
    failed = run(tmp_path, "test", text=TABLE.replace("subject: m1", "subject: x1"))
    assert failed.code == 1
    # Required ones are there by default; an event without data is one, too.
    less = TABLE.replace("com.acme.goal, kind: penalty", "test").replace(
        "        event: {kind: penalty, player: Musiala}\n", ""
    )
    less = less.replace("ce: {type: com.acme.goal, ", "ce: {").replace(
        'player: "{player}"', 'player: "{$ce.id} {$ce.source}"'
    )
    assert run(tmp_path, "test", text=less.replace("player: Musiala", "player: test /test")) == (0, "1 passed\n", "")


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("own: fans", "Own: fans", "Own is no name of an attribute"),
        ("own: fans", "own: 5", "must be a text"),
        ("format: cloudevents", "event_id: id", "ce holds attributes of CloudEvents: source matches is json"),
    ],
)
def test_a_test_with_other_attributes_is_an_error(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    assert any(complaint in one for one in complaints(tmp_path, (before, after)))


def test_a_test_of_another_source_needs_its_event(tmp_path: Path) -> None:
    found = complaints(
        tmp_path, ("format: cloudevents", "event_id: id"), ("        event: {kind: penalty, player: Musiala}\n", "")
    )
    assert "a test needs its event" in found


def test_explain_reads_a_file_as_structured_an_envelope_in_either_mode_and_what_kcat_writes(tmp_path: Path) -> None:
    whole = WHOLE | {"own": "fans", "minute": 12, "time": TIME}
    data = orjson.loads(DATA)
    said = {f"ce_{name}": str(value) for name, value in whole.items()}
    kcat = [one for pair in said.items() for one in pair]
    for given, options in (
        (whole | {"data": data}, []),
        ({"value": data, "headers": said}, ["--envelope"]),
        (
            {"value": whole | {"data": data}, "headers": {"content-type": "application/cloudevents+json"}},
            ["--envelope"],
        ),
        ({"topic": "sports.match-events", "headers": kcat, "payload": DATA.decode(), "ts": 5}, ["--envelope"]),
    ):
        ended = run(tmp_path, "explain", "-", "--now", "2026-02-05T20:12:01Z", *options, given=orjson.dumps(given))
        assert ended.code == 0, ended
        assert '{"topic_key":"fans","context":{"player":"Musiala","match":"m1"}}' in ended.said
        assert "happened 2026-02-05T20:12:00.000Z ($ce.time)" in ended.words
    bare = run(tmp_path, "explain", "-", "--envelope", given=orjson.dumps({"value": data}))
    assert "neither a content-type header" in " ".join(bare.words)


def test_diff_tells_what_differs_between_cloudevents(tmp_path: Path) -> None:
    whole = WHOLE | {"own": "fans", "minute": 12, "time": TIME, "data": orjson.loads(DATA)}
    (tmp_path / "events.jsonl").write_bytes(orjson.dumps(whole) + b"\n")
    (tmp_path / "new").mkdir()
    new = write(
        tmp_path / "new",
        TABLE.replace('"{$ce.subject}"}', '"match {$ce.subject}"}').replace("match: m1", "match: match m1"),
    )
    ended = call("diff", write(tmp_path), new, "--events", tmp_path / "events.jsonl")
    assert ended.code == 1
    assert "match m1" in ended.said


def test_the_table_of_the_page_is_one_and_its_test_passes(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert run(tmp_path, "test", text=text) == (0, "1 passed\n", "")
    assert load_table(write(tmp_path, text), {}).warnings == ()
    assert list(validator_for(orjson.loads(SCHEMA.read_bytes())).iter_errors(YAML(typ="safe").load(text))) == []


def test_the_document_for_marketing_has_an_example_from_the_test(tmp_path: Path) -> None:
    ended = run(tmp_path, "contract", "--output", tmp_path / "campaigns.md")
    assert ended.code == 0, ended
    page = (tmp_path / "campaigns.md").read_text()
    assert "“a goal”" in page
    assert '"player": "Musiala"' in page


def test_a_null_value_in_an_envelope_is_a_tombstone() -> None:
    for envelope in (b'{"value": null}', b'{"topic": "t", "key": "k", "payload": null}'):
        with pytest.raises(Undecodable, match="tombstone"):
            decode(enveloped(envelope, "f:1", NOW), "cloudevents")
