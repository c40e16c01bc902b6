"""Where intake begins: without committed offsets, after they were reset, and when its place is gone."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.workbench import Workbench, goal, until
from kafka.cluster import admin

from bridge.clock import SystemClock
from bridge.durations import format_instant
from bridge.intake.starting import first_offsets, starting_moment
from bridge.kafka import TopicPartition
from bridge.routing import SourceConfig
from bridge.routing.paths import parse_path
from bridge.routing.routes import Start

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


@pytest.fixture
def now() -> int:
    """When the test begins: what is young then must not have grown old while others ran."""
    return SystemClock().now()


def aged(now: int, number: int, age: int) -> dict[str, Any]:
    """A goal that fell `age` ms ago, published when it fell."""
    event = goal(number, occurred_at=format_instant(now - age))
    return {"value": orjson.dumps(event), "timestamp_ms": now - age, "partition": number % 3}


def a_week(now: int) -> list[dict[str, Any]]:
    """7 days of events, one an hour, and the last quarter of an hour, one a minute: e0 is the oldest."""
    ages = [*range(7 * DAY, 60 * MINUTE, -60 * MINUTE), *range(15 * MINUTE, 0, -MINUTE)]
    return [aged(now, number, age) for number, age in enumerate(ages)]


async def test_by_expiry_nothing_is_begun_that_is_too_old_and_nothing_left_out_that_is_not(
    bench: Workbench, now: int
) -> None:
    await bench.set_up(start="expiry", expires_after="5m")
    await bench.publish(*a_week(now))
    await bench.work_off()
    triggers = await bench.triggers()
    young = [trigger for trigger in triggers if trigger.expires_at > now]
    assert {trigger.event_id for trigger in young} == {f"e{number}" for number in range(167 + 11, 167 + 15)}
    # What was read besides is at most as old as an event's time may lie ahead of its record.
    assert all(trigger.expires_at > now - 6 * MINUTE for trigger in triggers)


async def test_offsets_that_were_reset_make_the_same_ids_again(bench: Workbench, now: int) -> None:
    await bench.set_up(start="earliest")
    await bench.publish(*a_week(now))
    await bench.work_off()
    before = [trigger.id for trigger in await bench.triggers()]
    assert len(set(before)) == len(before) == len(a_week(now))
    await bench.reset_offsets()
    await bench.work_off()
    after = [trigger.id for trigger in await bench.triggers()]
    assert sorted(after) == sorted(2 * before)


async def test_from_the_latest_only_what_comes_after_is_read_also_after_a_restart(bench: Workbench, now: int) -> None:
    await bench.set_up(start="latest")
    await bench.publish(aged(now, 1, 1000), aged(now, 2, 1000))
    async with bench.running():
        await until(bench.has_committed)
    await bench.publish(aged(now, 3, 0), aged(now, 4, 0))
    await bench.work_off()
    assert {trigger.event_id for trigger in await bench.triggers()} == {"e3", "e4"}


async def test_from_a_moment_what_was_published_since_is_read(bench: Workbench, now: int) -> None:
    await bench.set_up(start=format_instant(now - 3 * DAY - MINUTE))
    await bench.publish(aged(now, 0, 5 * DAY), aged(now, 3, 3 * DAY), aged(now, 6, DAY), aged(now, 1, 4 * DAY))
    await bench.work_off()
    assert {trigger.event_id for trigger in await bench.triggers()} == {"e3", "e6"}


async def test_an_offset_that_is_gone_is_replaced_by_the_policy(
    bench: Workbench, caplog: pytest.LogCaptureFixture, now: int
) -> None:
    await bench.set_up(start="earliest")
    await bench.publish(*(aged(now, 3 * number, 1000) for number in range(5)))
    await bench.work_off()
    async with admin(bench.kafka) as client:
        from aiokafka import TopicPartition as Partition  # noqa: PLC0415
        from aiokafka.admin import RecordsToDelete  # noqa: PLC0415

        await bench.publish(*(aged(now, 3 * number, 500) for number in range(5, 10)))
        await client.delete_records({Partition(bench.topic, 0): RecordsToDelete(before_offset=8)})
    await bench.work_off()
    assert "has no record at 5 (any more): starting at 8" in caplog.text
    assert [trigger.event_id for trigger in await bench.triggers() if trigger.event_id in ("e15", "e24")] == ["e24"]
    assert len(await bench.triggers()) == 7


def source(start: Start, longest_expiry: int) -> SourceConfig:
    return SourceConfig("s", "t", "json", parse_path("id"), None, None, start, longest_expiry)


def test_of_sources_that_share_a_topic_the_one_that_wants_most_decides() -> None:
    now = 1_000_000_000
    latest, week, moment = source("latest", 0), source("expiry", 7 * DAY), source(900_000_000, 0)
    assert starting_moment([latest], now) is None
    assert starting_moment([latest, moment], now) == 900_000_000
    assert starting_moment([latest, week, moment], now) == now - 7 * DAY - 5 * MINUTE
    assert starting_moment([week, source("earliest", 0)], now) == 0


class Log:
    """One partition's timestamps, as Kafka answers for them; a record is appended after every question."""

    def __init__(self, timestamps: list[int], beginning: int, later: int) -> None:
        self.timestamps, self.beginning, self.later = timestamps, beginning, later

    async def beginning_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return self._answer(partitions, lambda: self.beginning)

    async def end_offsets(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        return self._answer(partitions, lambda: self.beginning + len(self.timestamps))

    async def offsets_for_times(self, times: Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        found: dict[TopicPartition, int | None] = {}
        for partition, time in times.items():
            fitting = (self.beginning + at for at, timestamp in enumerate(self.timestamps) if timestamp >= time)
            found |= {partition: next(fitting, None)}
        self.timestamps.append(self.later)
        return found

    def _answer(self, partitions: Collection[TopicPartition], offset: Callable[[], int]) -> dict[TopicPartition, int]:
        found = dict.fromkeys(partitions, offset())
        self.timestamps.append(self.later)
        return found


@given(
    timestamps=st.lists(st.integers(1, 100)),
    beginning=st.integers(0, 50),
    moment=st.none() | st.integers(0, 120),
    later=st.integers(1, 200),
)
async def test_no_record_at_or_after_the_moment_is_left_out(
    timestamps: list[int], beginning: int, moment: int | None, later: int
) -> None:
    log, here = Log(list(timestamps), beginning, later), TopicPartition("t", 0)
    offset = (await first_offsets(log, [here], {"t": moment}))[here]
    skipped = log.timestamps[: offset - beginning]
    assert beginning <= offset <= beginning + len(timestamps)
    if moment is None:
        assert offset == beginning + len(timestamps)
    else:
        assert all(timestamp < moment for timestamp in skipped)
