"""No rolling second holds more than the rate, whatever the moments at which somebody looks: by properties."""

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from bridge.budget.schedule import Schedule

RATES = st.floats(1, 1_000)
PAUSES = st.lists(st.floats(0, 0.5), max_size=60)


def burst(schedule: Schedule, now: float, most: int) -> list[float]:
    """Take every slot that is due now, as who was asleep for long would."""
    taken: list[float] = []
    while len(taken) < most and schedule.wait(now) == 0:
        schedule.take(now)
        taken.append(now)
    return taken


def worst_second(taken: list[float]) -> int:
    """The most slots in any second that begins with one."""
    return max((bisect_left(taken, begin + 1.0) - index for index, begin in enumerate(taken)), default=0)


@given(rate=RATES, pauses=PAUSES)
def test_no_rolling_second_holds_more_than_the_rate_and_a_little(rate: float, pauses: list[float]) -> None:
    schedule = Schedule(rate)
    now, taken = 10.0, list[float]()
    for pause in pauses:
        now += pause
        taken += burst(schedule, now, 2_000)
    assert worst_second(taken) <= rate * 1.005 + 2


@given(rate=RATES)
def test_slots_that_are_taken_when_they_are_due_come_at_the_rate(rate: float) -> None:
    schedule = Schedule(rate)
    now = 10.0
    for _ in range(100):
        now += schedule.wait(now)
        schedule.take(now)
    assert 99 / rate - 0.006 <= now - 10.0 <= 99 / rate + 1e-6


@given(rate=RATES, quiet=st.floats(1, 10_000))
def test_a_quiet_while_saves_nothing_up(rate: float, quiet: float) -> None:
    schedule = Schedule(rate)
    schedule.take(10.0)
    assert len(burst(schedule, 10.0 + quiet, 2_000)) <= rate * 0.005 + 2


@given(changes=st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 500)), max_size=60))
def test_changing_rates_never_give_more_than_the_highest_of_them(changes: list[tuple[float, float]]) -> None:
    schedule = Schedule()
    now, taken, highest = 10.0, list[float](), 0.0
    for pause, rate in changes:
        schedule.change_rate(rate, now)
        highest = max(highest, rate)
        now += pause
        taken += burst(schedule, now, 2_000)
    # A change of rate gives one slot at most; there are as many as changes within a second.
    times = [10.0]
    for pause, _rate in changes:
        times.append(times[-1] + pause)
    assert worst_second(taken) <= highest * 1.005 + 2 + worst_second(times)


@given(rate=st.floats(1, 500), owned=st.lists(st.integers(0, 12), min_size=2, max_size=6))
def test_the_shares_of_replicas_add_up_to_the_rate_while_they_change(rate: float, owned: list[int]) -> None:
    """Partitions move between two replicas every second; each takes whatever it may, at every millisecond."""
    replicas = [Schedule(), Schedule()]
    now, taken = 10.0, list[float]()
    for mine in owned:
        for schedule, share in zip(replicas, (mine, 12 - mine), strict=True):
            schedule.change_rate(rate * share / 12, now)
        for _ in range(250):
            now += 0.004
            for schedule in replicas:
                taken += burst(schedule, now, 2_000)
    assert worst_second(taken) <= rate * 1.005 + 2 * len(replicas) + 2


def test_without_a_rate_there_is_no_slot() -> None:
    assert Schedule().wait(10.0) == float("inf")


def test_a_rate_taken_away_and_given_back_does_not_give_the_same_slot_twice() -> None:
    schedule = Schedule(1.0)
    schedule.take(10.0)
    schedule.change_rate(0.0, 10.1)
    schedule.change_rate(1.0, 10.2)
    assert schedule.wait(10.2) > 0.7
