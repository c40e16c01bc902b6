"""`bridge diff`, as a person meets it."""

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

from bridge.clock import SystemClock
from bridge.durations import format_instant


def diff(
    tmp_path: Path, new: str, *arguments: str | Path, old: str = TABLE, given: bytes = b"", env: Mapping[str, str] = {}
) -> Ended:
    for name, text in (("old", old), ("new", new)):
        (tmp_path / name).mkdir(exist_ok=True)
        write(tmp_path / name, text)
    return call("diff", tmp_path / "old" / "routes.yaml", tmp_path / "new", *arguments, given=given, env=env)


def events(tmp_path: Path, *bodies: Any) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(orjson.dumps(body) + b"\n" for body in bodies))
    return path


def goals(number: int, **changes: Any) -> list[Any]:
    return [GOAL | {"id": f"e{index}"} | changes for index in range(number)]


def test_the_same_table_ends_with_0(tmp_path: Path) -> None:
    ended = diff(tmp_path, TABLE, "--events", events(tmp_path, *goals(3)))
    assert ended == (
        0,
        "3 events read, 3 triggers of the old table, 3 of the new\nNothing would be sent differently.\n",
        "",
    )


def test_without_an_event_nothing_is_claimed(tmp_path: Path) -> None:
    told = "There was no event of a source, so nothing is known of what would be sent."
    ended = diff(tmp_path, spoiled("5m", "6m"), "--events", events(tmp_path))
    assert (ended.code, ended.words[-1]) == (0, told)
    strange = {"value": GOAL, "topic": "other"}
    ended = diff(tmp_path, spoiled("5m", "6m"), "--envelope", "--events", events(tmp_path, strange))
    assert (ended.code, ended.words[-1]) == (0, told)


def test_another_context_is_shown_by_field_with_both_values(tmp_path: Path) -> None:
    path = events(tmp_path, {"id": "x", "type": "corner"}, *goals(1))
    ended = diff(tmp_path, spoiled('"{team.name}"', '"Team {team.name}"'), "--events", path)
    assert ended.code == 1
    assert ended.words[:3] == ["goal", "1 other context: team_name", f'{path}:2 "Germany" → "Team Germany"']
    assert ended.words[-1] == "1 event means something else."


def test_what_only_one_table_sends_says_what_keeps_the_other_from_it(tmp_path: Path) -> None:
    path = events(tmp_path, *goals(1, minute=100))
    ended = diff(tmp_path, spoiled("<= 120", "<= 90"), "--events", path)
    assert ended.words[1:3] == [
        "1 only in old",
        f"{path}:1 topic key 00000000-abcd; in new when is false: event.minute <= 90 (minute = 100)",
    ]


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (TABLE + "    mode: shadow\n", "its mode is shadow"),
        (TABLE + "    mode: off\n", "its mode is off"),
        (spoiled("- name: goal", "- name: gol"), "there is no such route"),
        (spoiled("{type: goal}", "{type: tor}"), 'type is "goal", and match wants "tor"'),
    ],
)
def test_why_the_new_table_makes_none(tmp_path: Path, new: str, why: str) -> None:
    ended = diff(tmp_path, new, "--events", events(tmp_path, *goals(1)))
    assert f"topic key 00000000-abcd; in new {why}" in ended.said


def test_what_was_rejected_already_is_told_apart_from_what_was_sent(tmp_path: Path) -> None:
    path = events(tmp_path, *goals(1, minute=100, team={"id": "GER"}))
    assert "1 only in old, rejected" in diff(tmp_path, spoiled("<= 120", "<= 90"), "--events", path).words


def test_a_verdict_that_changes_comes_with_its_reason(tmp_path: Path) -> None:
    ended = diff(tmp_path, spoiled('"{team.name}"', '"{team.title}"'), "--events", events(tmp_path, *goals(1)))
    assert "called → rejected route goal: field team_name: the event has no team.title" in " ".join(ended.words)


def test_many_events_are_counted_and_a_few_shown(tmp_path: Path) -> None:
    path = events(tmp_path, *goals(50))
    ended = diff(tmp_path, spoiled("expires_after: 5m", "expires_after: 6m"), "--events", path, "--examples", "2")
    assert "50 other expiry" in ended.words
    assert [line for line in ended.words if "5m → 6m" in line] == [f"{path}:1 5m → 6m", f"{path}:2 5m → 6m"]


def test_an_identity_that_changes_ends_with_1_also_without_any_event(tmp_path: Path) -> None:
    ended = diff(tmp_path, spoiled('"{match.id}/{id}"', '"{match.id}/{minute}"'), "--events", events(tmp_path))
    assert ended.code == 1
    assert "The identity of route goal changes: what was called already may be called again" in ended.said
    assert "dedup_key: {match.id}/{id} → {match.id}/{minute}" in ended.words


def test_a_change_that_no_event_reached_is_named_and_ends_with_0(tmp_path: Path) -> None:
    ended = diff(tmp_path, spoiled("<= 120", "<= 121"), "--events", events(tmp_path, {"id": "x", "type": "corner"}))
    assert ended.code == 0
    assert ended.words[0] == "Changed, but of no trigger of these events: goal"


def test_a_change_that_an_event_reached_is_not_named_so(tmp_path: Path) -> None:
    ended = diff(tmp_path, spoiled("<= 120", "<= 121"), "--events", events(tmp_path, *goals(1)))
    assert ended.words[0] == "1 event read, 1 trigger of the old table, 1 of the new"


def test_an_event_with_two_triggers_is_one_example(tmp_path: Path) -> None:
    old = spoiled('topic_key: {lookup: teams, key: "{team.id}"}', "topic_key: [a, b]")
    path = events(tmp_path, *goals(1))
    ended = diff(tmp_path, spoiled("5m", "6m", old), "--events", path, old=old)
    assert ended.words[1:4] == ["2 other expiry", f"{path}:1 5m → 6m", ""]


def test_a_topic_that_only_one_table_reads_has_no_dead_letters_in_the_other(tmp_path: Path) -> None:
    new = spoiled(
        "event_id: id",
        "event_id: uid",
        spoiled("sports.match-events", "t", spoiled("{match.id}/{id}", "{match.id}/{uid}")),
    )
    line = {"value": GOAL, "topic": "t"}
    ended = diff(tmp_path, new, "--envelope", "--events", events(tmp_path, line))
    assert "1 event read, 0 triggers of the old table, 0 of the new; 1 record that neither can read" in ended.words


def test_an_event_that_only_one_table_can_read_is_told(tmp_path: Path) -> None:
    base = spoiled('    dedup_key: "{match.id}/{id}"\n', "")
    new = spoiled("event_id: id", "event_id: uid", base)
    ended = diff(tmp_path, new, "--events", events(tmp_path, *goals(1)), old=base)
    assert "1 event that only the old table can read" in ended.words
    assert ended.code == 1


def test_what_is_no_event_to_either_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "e"
    path.write_bytes(b'[1]\nno json\n{"type": "goal"}\n')
    ended = diff(tmp_path, TABLE, "--events", path)
    assert (ended.code, ended.words[0]) == (
        0,
        "3 events read, 0 triggers of the old table, 0 of the new; 3 records that neither can read",
    )


def test_events_in_envelopes_go_to_the_source_of_their_topic(tmp_path: Path) -> None:
    lines = [{"value": body, "topic": topic} for body in goals(1) for topic in ("sports.match-events", "other")]
    ended = diff(tmp_path, spoiled("5m", "6m"), "--envelope", "--events", events(tmp_path, *lines))
    assert (
        "2 events read, 1 trigger of the old table, 1 of the new; 1 of topics that neither has a source for"
        in ended.words
    )


def test_the_moment_of_an_event_is_its_timestamp(tmp_path: Path) -> None:
    ahead = {"value": GOAL | {"at": "2026-02-05T22:00:00Z"}, "timestamp": "2026-02-05T20:12:00Z"}
    ended = diff(
        tmp_path,
        spoiled("event_time: occurred_at", "event_time: at"),
        "--envelope",
        "--events",
        events(tmp_path, ahead),
    )
    assert "called → rejected" in ended.said
    assert "s ahead of this service's clock" in ended.said


def test_json_has_counts_and_examples(tmp_path: Path) -> None:
    ended = diff(
        tmp_path, spoiled('"{minute}"', '"{goals}"'), "--events", events(tmp_path, *goals(5, goals=3)), "--json"
    )
    assert ended.code == 1
    report = json.loads(ended.said)
    assert (report["events"], report["differing"], report["triggers"]) == (5, 5, {"old": 5, "new": 5})
    of_route = report["routes"]["goal"]
    assert of_route["counts"] == {"other context: minute": 5}
    example = of_route["examples"]["other context: minute"][0]
    assert example["differences"] == [{"what": "context: minute", "old": 12, "new": 3}]
    assert (example["from"], example["event_id"]) == (f"{tmp_path}/events.jsonl:1", "e0")


TWO = spoiled("defaults:", "  others: {topic: o, event_id: id, event_time: t}\ndefaults:")


@pytest.mark.parametrize(
    ("new", "arguments", "told"),
    [
        (TABLE, (), "say which events: --events FILE or --topic TOPIC"),
        (TABLE, ("--events", "-", "--topic", "t"), "say which events"),
        (TABLE, ("--events", "none.jsonl"), "can't read none.jsonl"),
        (TABLE, ("--events", "-", "--envelope"), "the standard input:1: the envelope has no value"),
        (TABLE, ("--events", "-", "--source", "match"), "there is no source match; did you mean 'matches'?"),
        (TWO, ("--events", "-"), "say --source; there are matches, others"),
        (spoiled("minute: integer", "minute: int"), ("--events", "-"), "needs a type"),
        (TABLE, ("--topic", "t", "--from", "1h", "--to", "2h"), "must be before --to"),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error(
    tmp_path: Path, new: str, arguments: tuple[str, ...], told: str
) -> None:
    ended = diff(tmp_path, new, *arguments, given=orjson.dumps(GOAL))
    assert (ended.code, ended.said) == (2, "")
    assert told in " ".join(ended.complaint.replace("│", " ").split())


async def test_a_span_of_a_topic_is_compared(kafka: str, unique: str, tmp_path: Path) -> None:
    await make_topic(kafka, unique, partitions=2)
    now = SystemClock().now()
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for partition in (0, 1):
            for minutes in (120, 30, 20):
                at = now - minutes * 60_000
                body = GOAL | {"id": f"{partition}-{minutes}", "occurred_at": format_instant(at)}
                await producer.send_and_wait(unique, orjson.dumps(body), partition=partition, timestamp_ms=at)
    old = spoiled("sports.match-events", unique)
    new = spoiled("expires_after: 5m", "expires_after: 6m", old)

    def ask(*times: str) -> Ended:
        servers = {"BRIDGE_KAFKA__BOOTSTRAP_SERVERS": kafka}
        return diff(tmp_path, new, "--topic", unique, *times, old=old, env=servers)

    ended = await asyncio.to_thread(ask, "--from", "1h")
    assert (ended.code, ended.words[1]) == (1, "4 other expiry")
    assert f"{unique}/1/1 5m → 6m" in ended.words
    ended = await asyncio.to_thread(ask, "--from", "3h", "--to", "25m")
    assert ended.words[1] == "4 other expiry"
    ended = await asyncio.to_thread(ask, "--from", "10m")
    assert ended.code == 0


def test_a_topic_that_is_not_there_is_told_in_one_line(kafka: str, unique: str, tmp_path: Path) -> None:
    ended = diff(tmp_path, TABLE, "--topic", unique, env={"BRIDGE_KAFKA__BOOTSTRAP_SERVERS": kafka})
    assert ended.code == 1
    assert ended.complaint.startswith(f"error: no topic {unique} at {kafka}")


def test_a_tombstone_is_a_dead_letter_only_where_its_source_does_not_skip_it(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"value": null, "topic": "sports.match-events"}\n')
    skipping = spoiled("event_id: id", "event_id: id\n    tombstones: skip")
    assert diff(tmp_path, skipping, "--envelope", "--events", path, old=skipping).code == 0
    ended = diff(tmp_path, skipping, "--envelope", "--events", path)
    assert ended.code == 1
    assert "a tombstone" in ended.said
