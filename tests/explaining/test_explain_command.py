"""`bridge explain`, as a person meets it."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from cli.calling import Ended, call
from kafka.cluster import make_topic
from routing.tables import GOAL, TABLE, spoiled, write

NOW = "2026-02-05T20:12:01Z"


def explain(*arguments: str | Path, given: bytes = b"", env: Mapping[str, str] = {}) -> Ended:
    return call("explain", *arguments, given=given, env=env)


def of(tmp_path: Path, text: str = TABLE, **changes: Any) -> str:
    """The output for the goal of the routing tests, a second after it fell."""
    body = {name: value for name, value in (GOAL | changes).items() if value is not ...}
    code, said, complaint = explain(written(tmp_path, body), "--routes", write(tmp_path, text), "--now", NOW)
    assert (code, complaint) == (0, "")
    return said


def written(tmp_path: Path, body: Any) -> Path:
    path = tmp_path / "event.json"
    path.write_bytes(orjson.dumps(body))
    return path


def words(said: str) -> list[str]:
    """The lines, with single spaces."""
    return [" ".join(line.split()) for line in said.splitlines()]


def test_the_request_is_shown_as_it_is_sent_to_the_byte(tmp_path: Path) -> None:
    lines = of(tmp_path).splitlines()
    assert (
        '{"topic_key":"00000000-abcd","context":{"team_name":"Germany","minute":12,"url":"https://example.com/m/m1",'
        '"assist":"Wirtz"}}'
    ) in lines
    assert "request POST /event-generators/11111111-2222-3333-4444-555555555555/run" in words("\n".join(lines))


def test_a_topic_key_comes_with_the_line_of_its_lookup(tmp_path: Path) -> None:
    expected = f'topic key 00000000-abcd lookup teams, key "GER" from {{team.id}} {tmp_path}/teams.csv:2'
    assert expected in words(of(tmp_path))


def test_a_field_comes_with_its_origin_and_the_line_of_its_contract(tmp_path: Path) -> None:
    assert "minute 12 {minute} integer routes.yaml:15" in words(of(tmp_path))


def test_a_condition_comes_with_the_values_that_it_refers_to(tmp_path: Path) -> None:
    assert "when yes event.minute <= 120 (minute = 12)" in words(of(tmp_path))


def test_a_route_that_does_not_take_it_says_which_condition_keeps_it_away(tmp_path: Path) -> None:
    assert '○ goal type is "corner", and match wants "goal"' in words(of(tmp_path, type="corner"))
    assert '○ goal the event has no type, and match wants "goal"' in words(of(tmp_path, type=...))
    assert "○ goal when is false: event.minute <= 120 (minute = 121)" in words(of(tmp_path, minute=121))
    assert "○ goal its mode is off" in words(of(tmp_path, TABLE + "    mode: off\n"))


def test_one_route_is_shown_alone_with_all_of_its_conditions(tmp_path: Path) -> None:
    text = spoiled("{type: goal}", "{type: goal, half: 2}") + (
        "  - {name: other, source: matches, generator: goal-scored, topic_key: x, mode: off,"
        ' context: {team_name: a, minute: 1, url: "https://example.com"}}\n'
    )
    path = written(tmp_path, GOAL | {"type": "corner"})
    said = explain(path, "--routes", write(tmp_path, text), "--route", "goal").words
    assert 'match type no "corner", not "goal"' in said
    assert "match half no nothing, not 2" in said
    assert not any("other" in line for line in said)


def test_of_many_routes_that_do_not_take_it_the_nearest_are_shown(tmp_path: Path) -> None:
    text = TABLE + "".join(
        f"  - {{name: r{number}, source: matches, match: {{a: 1, b: {number}}}, generator: goal-scored, topic_key: x,"
        ' context: {team_name: a, minute: 1, url: "https://example.com"}}\n'
        for number in range(20)
    )
    said = words(of(tmp_path, text, type="corner"))
    assert '○ goal type is "corner", and match wants "goal"' in said
    assert "and 9 further from taking it: --route NAME shows one" in said


def test_an_event_of_a_file_is_taken_for_one_of_the_sources_topic(tmp_path: Path) -> None:
    assert '"team_name":"sports.match-events"' in of(tmp_path, spoiled('"{team.name}"', '"{$record.topic}"'))


def test_what_is_rejected_says_why(tmp_path: Path) -> None:
    said = words(of(tmp_path, team={"id": "GER"}))
    assert "→ rejected, and not called" in said
    assert "because route goal: field team_name: the event has no team.name" in said
    assert said[-1] == "1 trigger: 1 rejected."


def test_what_is_unmapped_says_which_key_is_missing(tmp_path: Path) -> None:
    said = words(of(tmp_path, team={"id": "BRA", "name": "Brazil"}))
    assert 'because route goal: lookup teams has no entry for "BRA"' in said


def test_what_has_expired_says_so(tmp_path: Path) -> None:
    code, said, _ = explain(
        written(tmp_path, GOAL), "--routes", write(tmp_path), "--now", "2026-02-05T20:17:00Z", "--source", "matches"
    )
    assert code == 0
    assert "would not be called: it has expired" in said


@pytest.mark.parametrize(
    ("text", "variables"), [(TABLE + "    mode: shadow\n", {}), (TABLE, {"BRIDGE__MODE": "shadow"})]
)
def test_shadow_of_a_route_and_of_the_service_is_told(tmp_path: Path, text: str, variables: dict[str, str]) -> None:
    _, said, _ = explain(written(tmp_path, GOAL), "--routes", write(tmp_path, text), "--now", NOW, env=variables)
    assert "shadow: decided and counted, never called" in said


def test_an_event_without_an_id_goes_to_the_dead_letters(tmp_path: Path) -> None:
    assert "It goes to the dead letters: no event id: the event has no id" in of(tmp_path, id=...)


def test_what_is_no_json_goes_to_the_dead_letters_too(tmp_path: Path) -> None:
    code, said, _ = explain("-", "--routes", write(tmp_path), given=b"goal!")
    assert code == 0
    assert "It goes to the dead letters: the value is not JSON in UTF-8" in said


def test_a_trigger_that_its_topic_does_not_take_is_rejected_as_intake_would(tmp_path: Path) -> None:
    said = of(tmp_path, team={"id": "GER", "name": "G" * 2_000_000})
    assert "the trigger takes" in said
    assert "1 trigger: 1 rejected." in said


def test_json_has_all_of_it(tmp_path: Path) -> None:
    _, said, _ = explain(written(tmp_path, GOAL), "--routes", write(tmp_path), "--now", NOW, "--json")
    (found,) = json.loads(said)
    assert found["source"] == {
        "name": "matches",
        "topic": "sports.match-events",
        "place": f"{tmp_path}/routes.yaml:3:3",
    }
    (route,) = found["routes"]
    assert route["match"] == [{"path": "type", "wanted": ["goal"], "present": True, "actual": "goal", "holds": True}]
    assert route["when"]["reads"] == [{"path": "minute", "present": True, "actual": 12}]
    assert [field["field"] for field in route["context"]] == ["team_name", "minute", "url", "assist"]
    assert route["context"][1]["contract"] == f"{tmp_path}/routes.yaml:15:7"
    assert route["topic_keys"][0]["from"]["place"] == f"{tmp_path}/teams.csv:2:1"
    (trigger,) = route["triggers"]
    assert (trigger["fate"], json.loads(trigger["body"])["topic_key"]) == ("called", "00000000-abcd")


def test_one_of_many_events_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(orjson.dumps(GOAL) + b"\n\n" + orjson.dumps(GOAL | {"id": "e2"}) + b"\n")
    routes = write(tmp_path)
    assert explain(f"{path}:3", "--routes", routes)[1].startswith(f"Event e2  from {path}:3, of source matches")
    assert explain(f"{path}:2", "--routes", routes)[2] == f"error: {path} has no event in line 2\n"
    assert explain(path, "--routes", routes) == (
        2,
        "",
        f"error: {path} holds 2 events: name one by its line, as in {path}:1\n",
    )


def test_an_envelope_gives_key_headers_and_timestamp(tmp_path: Path) -> None:
    text = spoiled('minute: "{minute}"', 'minute: "{$record.timestamp}"', spoiled('"{team.name}"', '"{$headers.feed}"'))
    envelope = {"value": GOAL, "headers": {"feed": "opta"}, "timestamp": "2026-02-05T20:12:00.500Z"}
    code, said, _ = explain(
        "-", "--envelope", "--routes", write(tmp_path, text), "--now", NOW, given=orjson.dumps(envelope)
    )
    assert code == 0
    assert '"team_name":"opta","minute":1770322320500' in said


def test_several_sources_must_be_told_apart(tmp_path: Path) -> None:
    routes = write(tmp_path, spoiled("defaults:", "  others: {topic: o, event_id: id, event_time: t}\ndefaults:"))
    path = written(tmp_path, GOAL)
    assert explain(path, "--routes", routes) == (
        2,
        "",
        "error: the event does not say of which source it is: say --source; there are matches, others\n",
    )
    assert (
        explain(path, "--routes", routes, "--source", "match")[2]
        == "error: there is no source match; did you mean 'matches'?\n"
    )
    assert explain(path, "--routes", routes, "--source", "others")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.json",), "can't read none.json: No such file"),
        (("-", "--route", "gaol"), "there is no route gaol; did you mean 'goal'?"),
        (("-", "--now", "yesterday"), "'yesterday' is not an RFC 3339 time with a zone"),
        (("-", "--envelope"), "the standard input: the envelope has no value"),
    ],
)
def test_what_cannot_be_explained_is_a_usage_error(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    code, said, complaint = explain(*arguments, "--routes", write(tmp_path), given=b"{}")
    assert (code, said) == (2, "")
    assert told in complaint


def test_a_table_with_errors_is_told_with_all_of_them(tmp_path: Path) -> None:
    code, _, complaint = explain("-", "--routes", write(tmp_path, spoiled("minute: integer", "minute: int")))
    assert code == 2
    assert "field minute of generator goal-scored needs a type" in complaint


async def test_a_record_in_kafka_is_explained_with_its_key_and_headers(kafka: str, unique: str, tmp_path: Path) -> None:
    await make_topic(kafka, unique, partitions=2)
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for partition in (0, 1, 1):
            await producer.send_and_wait(
                unique, orjson.dumps(GOAL), key=b"m1", headers=[("feed", b"opta")], partition=partition
            )
    text = spoiled("sports.match-events", unique, spoiled('"{team.name}"', '"{$headers.feed}/{$key}/{$record.offset}"'))
    routes = write(tmp_path, text)
    servers = {"BRIDGE_KAFKA__BOOTSTRAP_SERVERS": kafka}

    def ask(place: str) -> Ended:
        return explain(place, "--routes", routes, "--now", NOW, env=servers)

    code, said, _ = await asyncio.to_thread(ask, f"{unique}/1/1")
    assert code == 0
    assert '"team_name":"opta/m1/1"' in said
    code, _, complaint = await asyncio.to_thread(ask, f"{unique}/1/2")
    assert (
        code,
        complaint.startswith(f"error: there is no record {unique}/1/2: the partition keeps the offsets 0 to 1"),
    ) == (1, True)
    code, _, complaint = await asyncio.to_thread(ask, f"{unique}/7/0")
    assert complaint == f"error: there is no record {unique}/7/0: the topic has the partitions 0 to 1\n"


async def test_a_lookup_from_a_topic_has_the_entries_of_now(kafka: str, unique: str, tmp_path: Path) -> None:
    await make_topic(kafka, unique, settings={"cleanup.policy": "compact"})
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(unique, b"team+GER", key=b"GER")
    routes = write(tmp_path, spoiled("{file: teams.csv, key: team_id, value: topic_key}", f"{{topic: {unique}}}"))
    path = written(tmp_path, GOAL)

    def ask(servers: str) -> Ended:
        return explain(path, "--routes", routes, "--now", NOW, env={"BRIDGE_KAFKA__BOOTSTRAP_SERVERS": servers})

    ended = await asyncio.to_thread(ask, kafka)
    assert 'topic key team+GER lookup teams, key "GER" from {team.id}' in ended.words
