from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bridge.demo.expected import ExpectedCall
from bridge.demo.verdict import SeenExecution, SeenOutcome, judge, latest

CALLS = [ExpectedCall(f"e{number}", "goals", f"topic-{number % 3}", (f"match-{number}",)) for number in range(8)]


def outcome_of(call: ExpectedCall, outcome: str = "published", execution_id: str | None = None) -> SeenOutcome:
    named = execution_id or (f"x-{call.event_id}" if outcome in {"published", "failed"} else None)
    return SeenOutcome(
        f"t-{call.event_id}-{call.topic_key}", 6, outcome, None, call.event_id, call.generator, call.topic_key, named
    )


def execution_of(call: ExpectedCall, status: str = "published") -> SeenExecution:
    return SeenExecution(f"x-{call.event_id}", call.generator, call.topic_key or "", call.subject, status)


OUTCOMES = [outcome_of(call) for call in CALLS]
EXECUTIONS = [execution_of(call) for call in CALLS]


def test_all_called_once_and_told_adds_up() -> None:
    verdict = judge(CALLS, OUTCOMES, EXECUTIONS)
    assert (verdict.differences, verdict.duplicates, verdict.behind_unknown) == ((), 0, 0)


def test_an_unknown_may_or_may_not_have_been_executed() -> None:
    outcomes = [outcome_of(CALLS[0], "unknown"), outcome_of(CALLS[1], "unknown"), *OUTCOMES[2:]]
    verdict = judge(CALLS, outcomes, EXECUTIONS[1:])
    assert (verdict.differences, verdict.behind_unknown) == ((), 1)


def test_a_second_execution_is_a_duplicate_and_named() -> None:
    verdict = judge(CALLS, OUTCOMES, [*EXECUTIONS, replace(EXECUTIONS[3], id="x-again")])
    assert verdict.duplicates == 1
    assert "event e3" in verdict.differences[0]
    assert "x-e3, x-again" in verdict.differences[0]


def test_a_missing_outcome_is_named() -> None:
    verdict = judge(CALLS, OUTCOMES[1:], EXECUTIONS)
    assert verdict.differences == (
        "event e0, topic key topic-0: no outcome on the results topic; executions at the vendor: 1",
    )


def test_a_published_that_the_vendor_never_got_is_named() -> None:
    (difference,) = judge(CALLS, OUTCOMES, EXECUTIONS[1:]).differences
    assert "x-e0, which the vendor did not make" in difference


def test_an_end_that_differs_is_named() -> None:
    verdict = judge(CALLS, OUTCOMES, [execution_of(CALLS[0], "failed"), *EXECUTIONS[1:]])
    assert verdict.differences == ("event e0, topic key topic-0: the bridge says published, the vendor failed",)


def test_an_end_that_the_demo_has_no_cause_for_is_named() -> None:
    (difference,) = judge(CALLS, [outcome_of(CALLS[0], "expired"), *OUTCOMES[1:]], EXECUTIONS).differences
    assert "the outcome is expired, and the vendor was called" in difference


def test_without_a_topic_key_the_outcome_is_unmapped() -> None:
    calls = [replace(CALLS[0], topic_key=None)]
    assert judge(calls, [outcome_of(calls[0], "unmapped")], []).differences == ()
    assert judge(calls, [outcome_of(calls[0], "expired")], []).differences != ()


def test_two_teams_without_a_topic_key_in_one_match_are_two_outcomes() -> None:
    call = replace(CALLS[0], topic_key=None)
    home, away = outcome_of(call, "unmapped"), replace(outcome_of(call, "unmapped"), trigger_id="t-away")
    assert judge([call, call], [home, away], []).differences == ()
    assert len(judge([call, call], [home], []).differences) == 1


def test_of_several_records_of_a_trigger_the_highest_revision_counts() -> None:
    unknown = replace(OUTCOMES[0], revision=1, outcome="unknown", execution_id=None)
    assert latest([unknown, OUTCOMES[0], unknown]) == [OUTCOMES[0]]


@given(st.lists(st.sampled_from(OUTCOMES)), st.lists(st.sampled_from(EXECUTIONS)))
def test_it_adds_up_only_when_each_is_told_and_made_exactly_once(
    outcomes: list[SeenOutcome], executions: list[SeenExecution]
) -> None:
    told = latest(outcomes)
    verdict = judge(CALLS, told, executions)
    whole = len(told) == len(CALLS) and sorted(x.id for x in executions) == sorted(x.id for x in EXECUTIONS)
    assert (not verdict.differences) == whole
    assert verdict.duplicates == len(executions) - len({execution.id for execution in executions})
