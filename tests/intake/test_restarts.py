"""What is repeated after an end, orderly or not, and that nothing is lost by it."""

import asyncio
from collections.abc import Iterable, Mapping

import orjson
import pytest
from intake.workbench import Workbench, goal, until

from bridge.errors import AppendUncertain
from bridge.kafka import NewRecord, Producer, TopicPartition, Writing


async def publish(bench: Workbench, start: int, stop: int) -> None:
    await bench.publish(
        *({"value": orjson.dumps(goal(number)), "partition": number % 3} for number in range(start, stop))
    )


async def event_ids(bench: Workbench) -> list[str]:
    return sorted((trigger.event_id for trigger in await bench.triggers()), key=lambda event_id: int(event_id[1:]))


def expected(stop: int) -> list[str]:
    return [f"e{number}" for number in range(stop)]


async def test_after_an_orderly_stop_nothing_is_repeated_and_nothing_lost(bench: Workbench) -> None:
    await bench.set_up(start="earliest")
    await publish(bench, 0, 400)
    async with bench.running():
        pass  # stopped somewhere: before it joined, or while it works
    async with bench.running():
        await until(bench.has_committed)
    await publish(bench, 400, 600)
    await bench.work_off()
    assert await event_ids(bench) == expected(600)


async def test_a_crash_between_ack_and_commit_repeats_the_same_ids(bench: Workbench) -> None:
    await bench.set_up(start="earliest")
    await publish(bench, 0, 50)
    with pytest.raises(ExceptionGroup) as crashed:
        await run_until_it_crashes_at_a_commit(bench)
    assert crashed.group_contains(RuntimeError, match="the power went out")
    before = await bench.triggers()
    assert before
    await bench.work_off()
    after = await bench.triggers()
    assert len(after) == len(before) + 50
    assert {trigger.id for trigger in before} <= {trigger.id for trigger in after}
    assert len({trigger.id for trigger in after}) == 50


async def run_until_it_ends(bench: Workbench) -> None:
    async with bench.running():
        await asyncio.Event().wait()


async def run_until_it_crashes_at_a_commit(bench: Workbench) -> None:
    async with bench.running() as intake:
        commit = intake._consumer.commit

        async def crash(offsets: Mapping[TopicPartition, int]) -> None:
            if any(offsets.values()):
                raise RuntimeError("the power went out")
            await commit(offsets)

        intake._consumer.commit = crash  # type: ignore[method-assign]  # what a crash is, seen from Kafka
        await asyncio.Event().wait()


async def test_what_was_not_acknowledged_is_never_committed(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.set_up(start="earliest")
    await publish(bench, 0, 50)

    async def unanswered(_: Producer, records: Iterable[NewRecord]) -> Writing:
        loop = asyncio.get_running_loop()
        # Longer than it takes until a commit is due.
        return Writing([loop.create_future() for _ in records], loop.time() + 2, 2)

    with monkeypatch.context() as broken:
        broken.setattr(Producer, "begin", unanswered)
        with pytest.raises(ExceptionGroup) as ended:
            await run_until_it_ends(bench)
    assert ended.group_contains(AppendUncertain)
    assert await bench.triggers() == []
    assert not any((await bench.committed()).values())
    await bench.work_off()
    assert await event_ids(bench) == expected(50)


async def test_replicas_that_come_and_go_lose_nothing_and_repeat_nothing(bench: Workbench) -> None:
    await bench.set_up(start="earliest")
    await publish(bench, 0, 200)
    async with bench.running():
        await until(bench.has_committed)
        async with asyncio.TaskGroup() as meanwhile:
            meanwhile.create_task(publish(bench, 200, 1500))
            async with bench.running(), bench.running():
                await until(bench.caught_up)
        await publish(bench, 1500, 1600)
        await until(bench.caught_up)
    assert await event_ids(bench) == expected(1600)
