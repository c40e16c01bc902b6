"""What the results tell, held against the ledger: each kind of fault, what is open, and what looks like a fault."""

from audit.histories import LATER, MINUTE, NEW_CLAIM, Under, audited, history, kinds, result, why
from ledger.memory import START
from ledger.samples import accepted, dropped, ended, intent, parked, refused, released, trigger_named, unknown

from bridge.audit.findings import Kind, Why
from bridge.ledger.records import Reported as ReportedRecord
from bridge.triggers import OnUnknown

T = trigger_named("t")
RESEND = OnUnknown.RESEND


def test_every_end_with_its_result_is_in_order() -> None:
    for end in (dropped(), dropped(outcome="unmapped"), ended(), ended(outcome="lost"), refused(), unknown()):
        begun = () if end.kind == "dropped" else (intent(),)
        judged = audited(*begun, end, results=(result(end),))
        assert (judged.faults, judged.open) == ((), None)
        assert judged.outcome == {"refused": "rejected", "unknown": "unknown"}.get(
            end.kind, getattr(end, "outcome", None)
        )


def test_a_trigger_that_was_gone_past_and_that_the_ledger_never_heard_of_is_lost() -> None:
    (fault,) = audited(committed=1).faults
    assert (fault.kind, fault.where, fault.event_id, fault.route) == (Kind.LOST, "triggers/0/0", "e1", "goal")


def test_a_trigger_that_dispatch_has_not_reached_is_open() -> None:
    assert why(audited(committed=0, now=START + MINUTE)) is Why.NOT_READ


def test_a_result_that_is_gone_is_missed() -> None:
    for records in ((dropped(),), (intent(), refused()), (intent(), accepted(), ended()), (intent(), unknown())):
        (fault,) = audited(*records).faults
        assert fault.kind is Kind.NO_OUTCOME
        assert fault.text.endswith("and the results topic holds nothing")


def test_better_news_without_a_result_are_missed() -> None:
    (fault,) = audited(intent(), unknown(), accepted(), ended(), results=(result(unknown()),)).faults
    assert fault.kind is Kind.NO_OUTCOME
    assert fault.text.startswith("the ledger says published (execution execution-a) and unknown")
    assert fault.text.endswith("and the results topic holds only unknown")


def test_a_result_that_the_next_owner_would_write_again_is_open_and_stuck_after_a_while() -> None:
    assert why(audited(dropped(), committed=0, now=START + 5 * MINUTE)) is Why.RESULT_DUE
    assert kinds(audited(dropped(), committed=0, now=START + 11 * MINUTE)) == [Kind.STUCK]
    assert why(audited(parked(), dropped(), now=START + 5 * MINUTE)) is Why.RESULT_DUE
    assert audited(dropped(), committed=0, results=(result(dropped()),)).outcome == "expired"


def test_the_result_of_a_parked_trigger_is_missed_once_it_was_reported() -> None:
    assert kinds(audited(parked(), dropped(), ReportedRecord(T))) == [Kind.NO_OUTCOME]


def test_late_news_whose_result_is_written_are_in_order_though_no_record_says_that_it_is() -> None:
    assert (
        audited(intent(), NEW_CLAIM, unknown(), refused(), results=(result(unknown()), result(refused()))).outcome
        == "rejected"
    )


def test_an_event_that_comes_again_when_it_is_forgotten_may_be_turned_away_for_another_reason() -> None:
    first, again = dropped(outcome="expired"), dropped(outcome="rejected")
    assert audited(first, again, results=(result(first), result(again, offset=7))).faults == ()
    (fault,) = audited(first, results=(result(first), result(again, offset=7))).faults
    assert fault.kind is Kind.TWO_OUTCOMES


def test_two_results_of_one_revision_that_differ_are_two_outcomes() -> None:
    end = ended(outcome="lost")
    for other in (result(end, offset=7, outcome="unresolved"), result(end, offset=7, execution_id="another")):
        results = (result(end), other)
        (fault,) = audited(intent(), accepted(), end, results=results).faults
        assert (fault.kind, fault.where) == (Kind.TWO_OUTCOMES, "results/0/7")
        assert (
            "and lost (execution execution-a) at results/0/0; the ledger says lost (execution execution-a)"
            in fault.text
        )


def test_a_repeated_result_and_better_news_are_one_outcome() -> None:
    results = (result(unknown()), result(unknown(), offset=1), result(ended(), offset=2), result(ended(), offset=3))
    assert audited(intent(), unknown(), accepted(), ended(), results=results).outcome == "published"


def test_a_result_that_no_end_justifies_is_unfounded() -> None:
    cases = (
        audited(dropped(), results=(result(dropped()), result(ended()))),
        audited(intent(), ended(outcome="failed"), results=(result(ended(outcome="failed")), result(ended()))),
        audited(intent(), accepted(), results=(result(ended(nonce="b")),)),
        audited(intent(), released(), results=(result(unknown()),)),
        audited(results=(result(dropped()),)),
    )
    assert [kinds(judged) for judged in cases] == [[Kind.UNFOUNDED_OUTCOME]] * len(cases)


def test_the_result_of_an_execution_is_written_before_its_end() -> None:
    judged = audited(intent(), accepted(), results=(result(ended()),), now=START + 5 * MINUTE)
    assert why(judged) is Why.FOLLOWED


def test_an_execution_that_was_given_up_by_an_owner_that_died_may_end_better() -> None:
    results = (result(ended(outcome="unresolved")), result(ended()))
    assert audited(intent(), accepted(), ended(), results=results).outcome == "published"


def test_a_result_with_the_wrong_revision_id_or_flag_is_wrong() -> None:
    for changes in ({"revision": 5}, {"possible_duplicate": True}, {"result_id": "0" * 32}):
        judged = audited(intent(), accepted(), ended(), results=(result(ended(), **changes),))
        assert kinds(judged)[0] is Kind.WRONG_OUTCOME, changes


def test_what_changed_within_the_last_minute_is_not_judged_yet() -> None:
    assert why(audited(intent(), ended(), now=START + MINUTE)) is Why.MOVING
    assert kinds(audited(intent(), ended(), now=START + MINUTE + 3)) == [Kind.NO_OUTCOME]
    young = result(ended(), timestamp=LATER - 1)
    assert why(audited(dropped(), committed=0, results=(young,), now=LATER)) is None


def test_what_waits_is_open_and_stuck_after_its_time() -> None:
    cases = {
        Why.WAITING: (intent(), released()),
        Why.PARKED: (parked(),),
        Why.IN_FLIGHT: (intent(),),
        Why.FOLLOWED: (intent(), accepted()),
    }
    for reason, records in cases.items():
        assert why(audited(*records, now=START + 4 * MINUTE)) is reason
        (fault,) = audited(*records).faults
        assert (fault.kind, fault.where) == (Kind.STUCK, "triggers/0/0")
        assert fault.text.startswith(f"{reason}, for too long: ")
        assert fault.text.endswith("Is a replica working on triggers partition 0?")


def test_an_execution_is_followed_until_its_deadline_and_a_while() -> None:
    assert why(audited(intent(), accepted(), now=START + 39 * MINUTE)) is Why.FOLLOWED
    assert kinds(audited(intent(), accepted(), now=START + 41 * MINUTE)) == [Kind.STUCK]


def test_another_attempt_after_an_unknown_end_may_be_waited_for() -> None:
    assert why(audited(intent(policy=RESEND), unknown(policy=RESEND), now=START + MINUTE)) is Why.WAITING


def test_what_the_ledger_no_longer_tells_is_believed_of_the_results() -> None:
    assert kinds(audited(results=(result(ended()),))) == [Kind.UNFOUNDED_OUTCOME]
    assert audited(results=(result(ended()),), tells_since=START).outcome == "published"
    assert kinds(audited(tells_since=START)) == [Kind.LOST]


def test_a_decision_behind_a_newer_claim_is_a_part_of_the_history_and_counts_for_nothing() -> None:
    told = history(NEW_CLAIM, Under(0, dropped()), intent())
    assert told is not None
    assert [(entry.record.kind, entry.counts) for entry in told.entries] == [("dropped", False), ("intent", True)]
