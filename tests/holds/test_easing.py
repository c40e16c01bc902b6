"""How fast a brand goes on after 429s: lowered by each, for all replicas, and slowly raised."""

import asyncio

from dispatch.turning import TurnedClock
from holds.test_board import Control, a_hold
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from waiting import eventually

from bridge.budget.budget import Budget
from bridge.holds.easing import Eased, ease_brands
from bridge.holds.model import Hold, Reason, brand_scope
from bridge.telemetry import Telemetry

MINUTE = 60_000
NOW = 1_800_000_000_000
ACME = brand_scope("acme")


def test_a_429_takes_a_fifth_and_each_quiet_minute_gives_a_twentieth_back() -> None:
    eased = Eased().lowered(NOW, NOW + 3_000)
    assert [eased.at(NOW + 3_000 + minutes * MINUTE) for minutes in range(6)] == [0.8, 0.85, 0.9, 0.95, 1.0, 1.0]


def test_calls_that_were_under_way_together_lower_it_once() -> None:
    eased = Eased().lowered(NOW, NOW + 3_000)
    for late in (1, 50, 2_999):
        eased = eased.lowered(NOW + late, NOW + late + 3_000)
    assert eased == Eased(0.8, NOW + 2_999 + 3_000)


def test_a_pause_that_was_asked_for_is_not_shortened_by_a_shorter_one() -> None:
    assert Eased(0.8, NOW + 60_000).lowered(NOW, NOW + 1_000).since == NOW + 60_000


def test_a_429_after_each_pause_lowers_it_to_a_tenth_and_no_further() -> None:
    eased, parts = Eased(), []
    for _ in range(12):
        now = max(NOW, eased.since)
        eased = eased.lowered(now, now + 1_000)
        parts.append(eased.part)
    assert parts == sorted(parts, reverse=True)
    assert parts[:2] == [0.8, 0.64]
    assert parts[-1] == 0.1


@given(gaps=st.lists(st.tuples(st.integers(0, 10 * MINUTE), st.integers(0, MINUTE)), max_size=30), later=st.integers(0))
def test_the_part_is_always_between_a_tenth_and_the_whole_and_comes_back(
    gaps: list[tuple[int, int]], later: int
) -> None:
    eased, now = Eased(), NOW
    for gap, pause in gaps:
        now += gap
        eased = eased.lowered(now, now + pause)
        assert 0.1 <= eased.part <= 0.8
    assert 0.1 <= eased.at(eased.since + later) <= eased.at(eased.since + later + MINUTE) <= 1
    assert eased.at(eased.since + 18 * MINUTE) == 1


async def throttle(control: Control, replica: int = 0, *, seconds: float = 3) -> None:
    await control.boards[replica].hold(a_hold(control, ACME, Reason.THROTTLED, seconds=seconds))


async def test_a_429_of_one_replica_lowers_all_and_those_that_start_later(clock: TurnedClock) -> None:
    control = Control(clock)
    control.board(), control.board()
    await throttle(control)
    assert [board.part("acme") for board in (*control.boards, control.board())] == [0.8, 0.8, 0.8]
    clock.turn(3 + 60)
    assert [board.part("acme") for board in (*control.boards, control.board())] == [0.85] * 4
    await throttle(control, 1)
    assert [board.part("acme") for board in (*control.boards, control.board())] == [0.68] * 5
    assert control.boards[0].part("other") == 1


async def test_the_end_of_the_hold_does_not_end_it_nor_does_a_person_who_releases_it(clock: TurnedClock) -> None:
    control = Control(clock)
    board = control.board()
    await throttle(control)
    await board.release(ACME)
    assert board.on_brand("acme") is None
    assert board.part("acme") == 0.8


async def test_no_other_hold_lowers_the_rate(clock: TurnedClock) -> None:
    control = Control(clock)
    board = control.board()
    for reason in set(Reason) - {Reason.THROTTLED}:
        await board.hold(a_hold(control, ACME, reason, seconds=3))
    assert board.part("acme") == 1


async def test_a_part_that_cannot_be_is_left_out(clock: TurnedClock) -> None:
    board = Control(clock).board()
    for part in (0.0, -1.0, 1.5):
        record = Hold(ACME, Reason.THROTTLED, "429", "somebody", clock.now(), clock.now() + 1_000, None, part)
        board.learn("hold/" + ACME, record.encode())
        assert board.part("acme") == 1


async def test_the_budget_follows_and_so_does_the_metric(clock: TurnedClock) -> None:
    control, registry = Control(clock), CollectorRegistry()
    board, telemetry = control.board(), Telemetry(registry, clock)
    budget = Budget({"acme": 500, "other": 100}, 0.95, clock, telemetry)
    budget.share(1, 2)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ease_brands(["acme", "other"], board, budget, telemetry))
        await throttle(control)
        await eventually(lambda: budget.rate("acme") == 0.8 * 500 * 0.95 / 2)
        assert budget.rate("other") == 100 * 0.95 / 2
        assert registry.get_sample_value("bridge_budget_eased_ratio", {"brand": "acme"}) == 0.8
        assert registry.get_sample_value("bridge_budget_eased_ratio", {"brand": "other"}) == 1
        budget.share(2, 2)
        assert budget.rate("acme") == 0.8 * 500 * 0.95

        def whole() -> bool:
            clock.turn(10)
            return budget.rate("acme") == 500 * 0.95

        await eventually(whole)
        task.cancel()
