"""Many open executions: what they take, in which order they are asked about, and that their deadline holds."""

import asyncio
import gc
import sys
import tracemalloc

import pytest
from dispatch.turning import TurnedClock
from reconcile.standing import Desk, opened
from waiting import eventually

from bridge.ledger import items
from bridge.ledger.records import Ended
from bridge.reconcile.agenda import kind_of

MINUTE = 60_000


async def test_polls_that_starve_leave_no_execution_without_its_outcome(clock: TurnedClock) -> None:
    """One poll a second for 2,000 executions: each is told at its deadline all the same."""
    desk, ledger = Desk.made(clock, 1.0), opened(2_000, clock, ago=MINUTE)
    async with desk.running(ledger):
        await eventually(lambda: len(desk.vendor.asked) >= 2, within=20)
        assert desk.kept.outcomes == []
        clock.turn(29 * 60 + 10)
        await eventually(lambda: len(desk.kept.outcomes) > 0, within=20)
        clock.turn(60)  # those that nobody asked about are given as long as any, from when they are followed
        await eventually(lambda: len(desk.kept.outcomes) >= 1_930, within=60)  # 64 wait for their slots
    outcomes = [end.outcome for _trigger, end in desk.kept.outcomes if isinstance(end, Ended)]
    assert set(outcomes) == {"unresolved"}
    assert len(desk.vendor.asked) < 200


async def test_thousands_that_become_overdue_together_are_told_in_batches_while_others_get_their_turn(
    clock: TurnedClock,
) -> None:
    desk, ledger = Desk.made(clock, 1.0), opened(3_000, clock, ago=MINUTE)
    turns = 0

    async def another() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with desk.running(ledger):
        await eventually(lambda: not desk.reconcile._agendas[0].unread, within=20)
        clock.turn(31 * 60)
        async with asyncio.TaskGroup() as group:
            beside = group.create_task(another())
            await eventually(lambda: len(desk.kept.outcomes) >= 2_930, within=60)  # 64 wait for their slots
            beside.cancel()
    assert 1 < desk.kept.most_at_once <= 256
    assert turns > 3_000 / 256


async def test_a_partition_with_many_is_opened_piece_by_piece(clock: TurnedClock) -> None:
    desk, ledger = Desk.made(clock, 500.0), opened(2_000, clock, ago=0)
    async with desk.running(ledger):
        seen = set()
        agenda = desk.reconcile._agendas[0]
        while agenda.unread:
            seen.add(len(agenda.followed))
            await asyncio.sleep(0)
        assert len(agenda.followed) == 2_000
    assert len(seen) >= 10


async def test_those_due_longest_are_asked_about_first_over_all_partitions(clock: TurnedClock) -> None:
    desk = Desk.made(clock, 500.0)
    first, second = opened(20, clock, ago=6_000), opened(20, clock, ago=20_000, partition=1)
    async with desk.running(first, second):
        await eventually(lambda: len(desk.vendor.asked) >= 40, within=20)
    assert len(set(desk.vendor.asked)) == 20


async def test_a_brand_without_slots_keeps_no_other_from_asking(clock: TurnedClock) -> None:
    """Calls may use up a brand's budget for long: then hundreds of its polls wait."""
    desk = Desk.made(clock, 0.001, beta=500.0)
    starving, other = opened(500, clock, ago=MINUTE), opened(3, clock, ago=20_000, partition=1, brand="beta")
    async with desk.running(starving, other):
        await eventually(lambda: desk.vendor.brands.count("beta") >= 3, within=20)
    assert desk.vendor.brands.count("acme") <= 1


async def test_executions_of_a_brand_that_is_not_in_the_settings_are_told_at_their_deadline(clock: TurnedClock) -> None:
    desk, ledger = Desk.made(clock, 500.0), opened(3, clock, ago=MINUTE, brand="gone")
    async with desk.running(ledger):
        await asyncio.sleep(0.1)
        clock.turn(31 * 60)
        await eventually(lambda: len(desk.kept.outcomes) == 3, within=20)
    assert desk.vendor.asked == []


async def test_a_partition_that_is_closed_leaves_nothing_behind(clock: TurnedClock) -> None:
    """Each that is followed refers to the kind that all of them share: so it is known how many there are."""
    gc.collect()
    desk, ledger, kind = Desk.made(clock, 1.0), opened(500, clock, ago=0), kind_of("acme", rarely=False)
    before = sys.getrefcount(kind)
    async with desk.running(ledger):
        for _ in range(3):
            await eventually(lambda: not desk.reconcile._agendas[0].unread, within=20)
            gc.collect()
            assert 500 <= sys.getrefcount(kind) - before < 600
            desk.reconcile.closed(0)
            gc.collect()
            # On a slow machine some are due by now, and being asked about; and some tasks wait for this kind.
            assert sys.getrefcount(kind) - before < 100
            desk.reconcile.opened(ledger)


async def test_a_million_open_executions_fit_into_500_mb(clock: TurnedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ledger and reconcile hold of each, restored and followed."""
    monkeypatch.setattr(items, "_PACKED_AFTER", 100)  # as few are whole among these as would be among a million
    desk, ledger = Desk.made(clock, 1.0), opened(5_000, clock, ago=0)
    gc.collect()
    tracemalloc.start()
    try:
        before, _peak = tracemalloc.get_traced_memory()
        async with desk.running(ledger):
            await eventually(lambda: len(desk.reconcile._agendas[0].followed) == 5_000, within=60)
            gc.collect()
            followed, _peak = tracemalloc.get_traced_memory()
            desk.reconcile.closed(0)
            gc.collect()
            closed, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (followed - before) / 5_000 < 500
    assert (followed - closed) / 5_000 > 100
