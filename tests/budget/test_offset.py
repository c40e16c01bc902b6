"""Between two clocks: nothing that is said to have come has not come, however answers travel."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.budget.offset import Offset

TRIPS = st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 0.3), st.floats(0, 2)), min_size=1, max_size=40)
_ROUNDING = 1e-5


@given(trips=TRIPS, shift=st.floats(-1e9, 1e9), drift=st.floats(-5e-4, 5e-4))
def test_a_moment_of_redis_is_never_here_before_it_is_there(
    trips: list[tuple[float, float, float]], shift: float, drift: float
) -> None:
    """`there` is Redis' clock, `here` ours, of one and the same moment."""
    offset, here = Offset(), 100.0

    def there(here: float) -> float:
        return here * (1 + drift) + shift

    for out, back, pause in trips:
        offset.seen(here, there(here + out), here + out + back)
        here += out + back
        assert there(offset.here(there(here))) >= there(here) - _ROUNDING
        assert offset.there(here) <= there(here) + _ROUNDING
        here += pause


@given(trips=TRIPS)
def test_the_quickest_of_the_last_answers_decides(trips: list[tuple[float, float, float]]) -> None:
    offset, here = Offset(), 100.0
    best = 1.0
    for out, back, _pause in trips:
        offset.seen(here, here + out, here + out + back)
        here += out + back
        best = min(best, back)
        assert offset.here(here) - here <= best + 0.001 * len(trips)


@given(trips=TRIPS, step=st.floats(1, 1e6) | st.floats(-1e6, -1))
def test_a_clock_that_is_set_is_believed_at_once(trips: list[tuple[float, float, float]], step: float) -> None:
    offset, here = Offset(), 100.0
    for out, back, _pause in trips:
        offset.seen(here, here + out, here + out + back)
        here += out + back
    offset.seen(here, here + step, here + 0.001)
    assert 0 <= offset.here(here + step) - here <= 0.001 + _ROUNDING
