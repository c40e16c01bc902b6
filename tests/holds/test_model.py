"""Which hold counts, by properties."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.holds.model import EVERYTHING, Hold, Reason, brand_scope, route_scope

NOW = 1_000
SCOPES = st.sampled_from([EVERYTHING, brand_scope("acme"), route_scope("goal")])


@st.composite
def holds(draw: st.DrawFn, scope: str | None = None) -> Hold:
    until = st.none() | st.integers(0, 2 * NOW)
    return Hold(
        draw(SCOPES) if scope is None else scope,
        draw(st.sampled_from(list(Reason))),
        draw(st.text()),
        draw(st.text()),
        draw(st.integers(0, NOW)),
        draw(until),
        draw(st.none() | st.text()),
    )


@given(hold=holds())
def test_a_hold_comes_back_from_the_control_topic_as_it_was(hold: Hold) -> None:
    assert Hold.decode(hold.encode()) == hold


@given(hold=holds(), now=st.integers(0, 2 * NOW))
def test_a_hold_is_in_force_until_its_time_or_its_release(hold: Hold, now: int) -> None:
    assert hold.holds_at(now) == (hold.until is None or now < hold.until)


@given(one=holds("all"), other=holds("all"))
def test_a_hold_that_is_over_yields_to_any_other(one: Hold, other: Hold) -> None:
    assert one.holds_at(NOW) or one.yields_to(other, NOW)


@given(one=holds("all"), other=holds("all"))
def test_of_two_reasons_the_weightier_stays(one: Hold, other: Hold) -> None:
    weights = list(Reason)
    if one.holds_at(NOW) and one.reason is not other.reason:
        assert one.yields_to(other, NOW) == (weights.index(other.reason) < weights.index(one.reason))


@given(one=holds("all"), other=holds("all"))
def test_of_two_equal_reasons_the_one_that_lasts_longer_stays(one: Hold, other: Hold) -> None:
    if not (one.holds_at(NOW) and other.holds_at(NOW)) or one.reason is not other.reason:
        return
    lasts = [float("inf") if hold.until is None else hold.until for hold in (one, other)]
    assert one.yields_to(other, NOW) == (lasts[1] > lasts[0])
