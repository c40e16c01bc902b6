"""One replica's part in the pool: when a slot may be used, and when its own share."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.budget.pool import HORIZON, LEASE, QUIET, TIMEOUT, Answer, Pool, Question

WHOLE = 475.0
SHIFT = 1e9  # Redis' clock is so much ahead
MOMENTS = st.lists(st.floats(0, 0.05), max_size=40)


def joined(now: float = 10.0, *, strict: bool = False, share: float = 0.25, trip: float = 0.001) -> Pool:
    """Connected, and with a share that it had for long."""
    pool = Pool(WHOLE, strict)
    pool.change_rate(WHOLE * share, now - 100)
    pool.connected(now - trip, now - trip / 2 + SHIFT, now)
    return pool


def answer(question: Question, *ahead: float, trip: float = 0.001) -> Answer:
    """Redis gives slots so far ahead of its clock."""
    now = question.sent + trip / 2 + SHIFT
    return Answer(now, 300.0, 2, now, tuple(now + one for one in ahead))


def test_a_slot_is_used_in_its_moment_and_not_before() -> None:
    pool = joined()
    question = pool.ask(10.0, 3)
    pool.answered(question, answer(question, 0.01, 0.02), 10.001)
    assert 0.0095 <= pool.wait(10.0) <= 0.0115
    assert pool.wait(10.0115) == 0
    pool.take(10.0115)
    assert 0.008 <= pool.wait(10.0115) <= 0.01


def test_a_slot_that_is_missed_by_more_than_a_few_milliseconds_is_thrown_away() -> None:
    pool = joined()
    question = pool.ask(10.0, 3)
    pool.answered(question, answer(question, 0.01, 0.02, 0.03), 10.001)
    assert pool.wait(10.023) == 0
    assert pool.missed == 1
    assert pool.wait(10.1) > 0
    assert pool.missed == 3


@given(out=st.floats(0, 0.1), back=st.floats(0, 0.1), ahead=MOMENTS, looks=MOMENTS)
def test_no_slot_is_used_before_its_moment_or_long_after(
    out: float, back: float, ahead: list[float], looks: list[float]
) -> None:
    pool = joined(strict=True)
    question = pool.ask(10.0, 100)
    there = 10.0 + out
    slots = sorted(there + one for one in ahead)
    pool.answered(question, Answer(there + SHIFT, WHOLE, 1, there, tuple(s + SHIFT for s in slots)), there + back)
    now, used = there + back, list[float]()
    for look in looks:
        now += look
        while pool.wait(now) == 0 and len(used) < len(slots):
            pool.take(now)
            used.append(now)
    # What was thrown away lay among those that were used.
    for number, at in enumerate(used):
        assert at >= slots[number] - 1e-6
        assert any(slot - 1e-6 <= at <= slot + 0.005 + back + 1e-6 for slot in slots)


def test_while_it_may_be_counted_it_does_not_use_its_own_share() -> None:
    pool = joined()
    question = pool.ask(10.0, 1)
    assert not pool.alone(10.0 + TIMEOUT + LEASE)
    pool.answered(question, answer(question), 10.001)
    assert pool.pooled
    assert pool.wait(10.002) > LEASE
    assert not pool.alone(10.0 + LEASE + HORIZON)
    assert pool.alone(10.001 + QUIET)


def test_without_an_answer_it_waits_until_the_question_and_what_it_renews_are_over() -> None:
    pool = joined()
    pool.ask(10.0, 1)
    pool.failed()
    assert not pool.pooled
    assert not pool.alone(10.0 + TIMEOUT + LEASE + HORIZON)
    assert pool.alone(10.0 + QUIET + 0.001)
    assert pool.wait(10.0 + QUIET + 0.001) == 0
    assert pool.rate == WHOLE / 4


def test_an_answer_does_not_settle_an_earlier_question_that_had_none() -> None:
    pool = joined()
    pool.ask(10.0, 1)
    pool.failed()
    pool.connected(10.01, 10.01 + SHIFT, 10.011)
    question = pool.ask(10.02, 1)
    pool.answered(question, answer(question), 10.021)
    assert not pool.alone(10.0 + TIMEOUT + LEASE + HORIZON)


def test_another_share_counts_alone_only_when_the_old_ones_are_forgotten() -> None:
    pool = joined()
    pool.change_rate(0, 20.0)
    pool.change_rate(WHOLE / 2, 20.5)
    assert not pool.alone(20.5 + LEASE)
    assert pool.alone(20.5 + QUIET)


def test_it_is_never_alone_in_use_when_that_is_strict() -> None:
    pool = joined(strict=True)
    pool.failed()
    assert pool.wait(1_000.0) == float("inf")
    assert pool.rate == 0


def test_without_a_share_it_says_so_once_and_then_nothing() -> None:
    pool = joined()
    question = pool.ask(10.0, 5)
    pool.answered(question, answer(question, 0.02), 10.001)
    pool.change_rate(0, 10.01)
    assert pool.wait(10.01) == float("inf")
    assert pool.next_question(10.01, 5) == 10.01
    question = pool.ask(10.01, 5)
    assert question.share == 0
    pool.answered(question, answer(question), 10.011)
    assert pool.next_question(10.02, 5) == float("inf")


def test_it_asks_for_those_that_wait_before_its_slots_are_used_up_and_else_to_be_counted() -> None:
    pool = joined()
    assert pool.next_question(10.0, 0) == 10.0
    question = pool.ask(10.0, 0)
    pool.answered(question, answer(question), 10.001)
    assert pool.next_question(10.001, 0) == 10.0 + LEASE / 3
    assert pool.next_question(10.001, 2) <= 10.002
    question = pool.ask(10.002, 2)
    assert question.wanted == 2
    pool.answered(question, answer(question, 0.036, 0.038), 10.003)
    assert pool.next_question(10.003, 2) == 10.0 + 0.002 + LEASE / 3
    assert 10.01 < pool.next_question(10.003, 3) < 10.03


def test_what_it_can_make_is_its_part_of_those_who_take_and_its_own_share_at_least() -> None:
    pool = joined()
    question = pool.ask(10.0, 1)
    pool.answered(question, answer(question), 10.001)
    assert pool.rate == 150.0  # 300 for two
    pool.change_rate(WHOLE, 10.1)
    assert pool.rate == WHOLE


def test_answers_that_take_long_are_of_no_use() -> None:
    assert not joined(trip=0.03).too_slow
    assert joined(trip=0.05).too_slow
