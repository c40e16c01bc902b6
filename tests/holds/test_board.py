"""The board: what one replica writes, the others learn; what is over or released holds nobody."""

import pytest
from dispatch.turning import TurnedClock
from prometheus_client import CollectorRegistry

from bridge.holds.board import Board
from bridge.holds.model import EVERYTHING, Hold, Reason, brand_scope, route_scope
from bridge.telemetry import Telemetry


class Control:
    """The control topic of some boards: each record reaches all of them, in order."""

    def __init__(self, clock: TurnedClock) -> None:
        self.clock = clock
        self.records: list[tuple[str, bytes | None]] = []
        self.boards: list[Board] = []

    async def write(self, key: str, value: bytes | None) -> None:
        self.records.append((key, value))
        for board in self.boards:
            board.learn(key, value)

    def board(self) -> Board:
        """Another replica, which reads what is there; a compacted topic keeps the last record of a key."""
        board = Board(self.clock, Telemetry(CollectorRegistry(), self.clock), self.write)
        for key, value in dict(self.records).items():
            board.learn(key, value)
        self.boards.append(board)
        return board


@pytest.fixture
def control(clock: TurnedClock) -> Control:
    return Control(clock)


def a_hold(
    control: Control,
    scope: str,
    reason: Reason = Reason.OPERATOR,
    *,
    seconds: float | None = None,
    fingerprint: str | None = None,
) -> Hold:
    now = control.clock.now()
    until = None if seconds is None else now + round(seconds * 1000)
    return Hold(scope, reason, "why", "who", now, until, fingerprint)


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        (EVERYTHING, {("acme", "goal"), ("acme", "start"), ("other", "sale")}),
        (brand_scope("acme"), {("acme", "goal"), ("acme", "start")}),
        (route_scope("goal"), {("acme", "goal")}),
        (brand_scope("goal"), set()),
        (route_scope("acme"), set()),
    ],
)
async def test_a_hold_holds_its_scope_and_nothing_else_on_every_replica(
    control: Control, scope: str, held: set[tuple[str, str]]
) -> None:
    here, there = control.board(), control.board()
    await here.hold(a_hold(control, scope))
    calls = {("acme", "goal"), ("acme", "start"), ("other", "sale")}
    for board in (here, there, control.board()):
        assert {call for call in calls if board.on_calls(*call) is not None} == held


async def test_a_release_reaches_every_replica_also_one_that_starts_later(control: Control) -> None:
    here, there = control.board(), control.board()
    await here.hold(a_hold(control, EVERYTHING))
    await there.release(EVERYTHING)
    assert all(board.on_calls("acme", "goal") is None for board in (here, there, control.board()))


async def test_a_hold_ends_at_its_time_without_a_record(control: Control) -> None:
    board = control.board()
    await board.hold(a_hold(control, brand_scope("acme"), Reason.THROTTLED, seconds=20))
    written = len(control.records)
    control.clock.turn(19)
    assert board.on_brand("acme") is not None
    control.clock.turn(1.1)
    assert board.on_brand("acme") is None
    assert control.board().on_calls("acme", "goal") is None
    assert len(control.records) == written


async def test_a_weightier_hold_stays_and_nothing_is_written_over_it(control: Control) -> None:
    board = control.board()
    await board.hold(a_hold(control, brand_scope("acme"), Reason.UNAUTHORIZED))
    await board.hold(a_hold(control, brand_scope("acme"), Reason.THROTTLED, seconds=20))
    hold = control.board().on_brand("acme")
    assert hold is not None
    assert hold.reason is Reason.UNAUTHORIZED


async def test_a_later_retry_after_lengthens_a_pause_and_an_earlier_one_does_not_shorten_it(control: Control) -> None:
    board = control.board()
    for seconds in (10, 60, 5):
        await board.hold(a_hold(control, brand_scope("acme"), Reason.THROTTLED, seconds=seconds))
    control.clock.turn(59)
    assert control.board().on_brand("acme") is not None


async def test_only_throttling_and_wrong_keys_make_polls_wait(control: Control) -> None:
    held = set()
    for reason in Reason:
        board = Control(control.clock).board()
        await board.hold(a_hold(control, brand_scope("acme"), reason))
        if board.on_polls("acme") is not None:
            held.add(reason)
    assert held == {Reason.THROTTLED, Reason.UNAUTHORIZED}


async def test_a_hold_on_everything_or_on_a_route_lets_polls_go_on(control: Control) -> None:
    board = control.board()
    await board.hold(a_hold(control, EVERYTHING))
    await board.hold(a_hold(control, route_scope("goal"), Reason.MISCONFIGURED))
    assert board.on_polls("acme") is None


async def test_a_changed_route_is_released_and_the_same_one_and_an_unknown_one_are_not(control: Control) -> None:
    board = control.board()
    for route in ("changed", "same", "elsewhere"):
        await board.hold(a_hold(control, route_scope(route), Reason.MISCONFIGURED, fingerprint="old"))
    await board.hold(a_hold(control, route_scope("operator")))
    await board.release_changed_routes({"changed": "new", "same": "old", "operator": "new"})
    for one in (board, control.board()):
        held = {route for route in ("changed", "same", "elsewhere", "operator") if one.on_route(route)}
        assert held == {"same", "elsewhere", "operator"}


async def test_whoever_watches_is_told_of_each_change(control: Control) -> None:
    board = control.board()
    changed = board.watch()
    await board.hold(a_hold(control, EVERYTHING))
    assert changed.is_set()
    changed.clear()
    await board.release(EVERYTHING)
    assert changed.is_set()


async def test_records_that_are_no_holds_are_somebody_elses(control: Control) -> None:
    board = control.board()
    board.learn("route/goal", b"a fingerprint")
    board.learn("partitions", b"12")
    assert board.on_calls("acme", "goal") is None


async def test_a_persons_hold_and_the_services_own_end_each_by_itself(control: Control) -> None:
    here, there = control.board(), control.board()
    await here.hold(a_hold(control, brand_scope("acme"), Reason.UNAUTHORIZED))
    await there.hold(a_hold(control, brand_scope("acme"), Reason.OPERATOR))
    await here.lift(brand_scope("acme"))
    for board in (here, there, control.board()):
        hold = board.on_calls("acme", "goal")
        assert hold is not None
        assert hold.reason is Reason.OPERATOR
    assert await there.release(brand_scope("acme"))
    assert [board.on_calls("acme", "goal") for board in (here, there, control.board())] == [None, None, None]


async def test_what_a_replica_throttles_late_does_not_end_a_persons_hold(control: Control) -> None:
    here, there = control.board(), control.board()
    control.boards.remove(there)  # it has not read yet what `here` is about to write
    await here.hold(a_hold(control, brand_scope("acme"), Reason.OPERATOR))
    await there.hold(a_hold(control, brand_scope("acme"), Reason.THROTTLED, seconds=1))
    hold = control.board().on_brand("acme")
    assert hold is not None
    assert hold.reason is Reason.OPERATOR
