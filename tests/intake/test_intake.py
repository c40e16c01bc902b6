from collections import Counter
from typing import Any

import orjson
from intake.workbench import Workbench, goal
from kafka.cluster import read_topic

from bridge.kafka import NewRecord, Producer
from bridge.triggers import Rejected, Unmapped, partition_of


def published(event: Any, **record: Any) -> dict[str, Any]:
    return {"value": event if isinstance(event, bytes) else orjson.dumps(event)} | record


async def test_each_event_becomes_what_the_table_decides_and_all_add_up(bench: Workbench) -> None:
    await bench.set_up()
    goals = [goal(number) for number in range(40)]
    unknown_team = [goal(number, team={"id": "CRC", "name": "Costa Rica"}) for number in range(40, 45)]
    wrong_type = [goal(number, minute="90+3") for number in range(45, 49)]
    unwanted = [goal(number, type="corner") for number in range(49, 59)]
    silent = [goal(number, type="whistle") for number in range(59, 62)]
    without_id = [goal(number, id=None) for number in range(62, 64)]
    events = [*goals, *unknown_team, *wrong_type, *unwanted, *silent, *without_id]
    await bench.publish(*(published(event) for event in events))
    await bench.work_off()

    triggers = await bench.triggers()
    verdicts = Counter(type(trigger.verdict) for trigger in triggers)
    assert verdicts == {type(None): 40, Unmapped: 5, Rejected: 4}
    assert len(await bench.dead_letters()) == 2
    # Counted independently: the records of the source topic are the decided ones and the dead letters.
    assert len(await read_topic(bench.kafka, bench.topic)) == len(triggers) + len(unwanted) + len(silent) + 2
    assert bench.counted() == {
        "trigger": 40,
        "unmapped": 5,
        "rejected": 4,
        "none": 10,
        "shadow": 3,
        "dead_letter": 2,
    }


async def test_a_trigger_lies_where_its_order_says_under_its_id(bench: Workbench) -> None:
    await bench.set_up()
    await bench.publish(*(published(goal(number)) for number in range(60)))
    await bench.work_off()
    records = await bench.trigger_records()
    triggers = await bench.triggers()
    assert len({trigger.id for trigger in triggers}) == 60
    for record, trigger in zip(records, triggers, strict=True):
        assert record.key.decode() == trigger.id
        assert record.partition == partition_of(trigger.order_by, trigger.dedup_key, 4)


async def test_the_triggers_of_one_source_partition_keep_their_order(bench: Workbench) -> None:
    await bench.set_up()
    await bench.publish(*(published(goal(number, match={"id": "m1"}), partition=0) for number in range(300)))
    await bench.work_off()
    assert [trigger.event_id for trigger in await bench.triggers()] == [f"e{number}" for number in range(300)]


async def test_in_shadow_everything_is_counted_and_no_trigger_is_written(bench: Workbench) -> None:
    await bench.set_up()
    await bench.publish(published(goal(1)), published(goal(2, type="whistle")), published(b"broken"))
    await bench.work_off(shadow=True)
    assert await bench.triggers() == []
    assert len(await bench.dead_letters()) == 1
    assert bench.counted() == {"shadow": 2, "dead_letter": 1}


async def test_bad_input_stops_nothing_and_is_kept_as_it_was_with_its_reason(bench: Workbench) -> None:
    await bench.set_up(settings={"max.message.bytes": "6000000"})
    bad: dict[bytes | None, str] = {
        b'{"id": "e1"': "not JSON in UTF-8",
        b'{"id": "M\xfcller"}': "not JSON in UTF-8",
        orjson.dumps(goal(1)).decode().encode("utf-16"): "not JSON in UTF-8",
        b"": "empty",
        None: "no value",
        b"[]": "a list, not a JSON object",
        b'{"a":' * 2000 + b"1" + b"}" * 2000: "not JSON in UTF-8",
        b'{"a":' * 500 + b"1" + b"}" * 500: "nested deeper",
        b"\x00" * 5_000_000: "not JSON in UTF-8",
        orjson.dumps(goal(1, id=None)): "no event id",
        orjson.dumps(goal(1, id=True)): "no event id",
        orjson.dumps(goal(1, id=["e1"])): "no event id",
    }
    headers = [("trace", b"\xff\xfe"), ("trace", b"2")]
    await bench.publish(
        *(published(value or b"", partition=1, key=b"\xffkey", headers=headers) | {"value": value} for value in bad),
        published(goal(99), partition=1, key=None),
    )
    await bench.work_off()

    letters = await bench.dead_letters()
    assert {letter.value: True for letter in letters} == dict.fromkeys(bad, True)
    for letter in letters:
        *theirs, reason, source, at, timestamp = letter.headers
        assert (letter.key, theirs) == (b"\xffkey", headers)
        assert reason[0] == "bridge-reason"
        assert bad[letter.value] in reason[1].decode()
        assert source == ("bridge-source", f"{bench.topic}/1/{list(bad).index(letter.value)}".encode())
        assert at[0] == "bridge-at"
        assert timestamp[0] == "bridge-timestamp"
        assert int(timestamp[1]) <= letter.timestamp
    assert [trigger.event_id for trigger in await bench.triggers()] == ["e99"]
    assert bench.counted() == {"dead_letter": len(bad), "trigger": 1}


async def test_a_record_without_key_and_value_is_a_dead_letter_too(bench: Workbench) -> None:
    await bench.set_up()
    async with Producer(bench.connection) as producer:
        await producer.send_all([NewRecord(bench.topic, None, None), NewRecord(bench.topic, b"k", None)])
    await bench.work_off()
    letters = await bench.dead_letters()
    assert sorted((letter.key or b"", letter.value) for letter in letters) == [(b"", None), (b"k", None)]
    assert {letter.key for letter in letters} == {None, b"k"}


async def test_a_trigger_too_large_for_its_topic_is_rejected_with_its_size(bench: Workbench) -> None:
    await bench.set_up(settings={"max.message.bytes": "6000000"})
    await bench.publish(
        published(goal(1, note="x" * 2_000_000)),
        published(goal(2, match={"id": "m" * 2_000_000})),
        published(goal(3, team={"id": "T" * 2_000_000, "name": "Germany"})),
        published(goal(4)),
    )
    await bench.work_off()
    triggers = {trigger.event_id: trigger for trigger in await bench.triggers()}
    reasons = {
        event_id: trigger.verdict.reason for event_id, trigger in triggers.items() if trigger.verdict is not None
    }
    assert "the topic" in reasons["e1"]
    assert "at most 1048576" in reasons["e1"]
    assert "longer than 1000 characters" in reasons["e2"]
    assert "longer than 1000 characters" in reasons["e3"]
    assert triggers["e4"].verdict is None
