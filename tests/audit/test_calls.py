"""What the ledger tells of the calls: each kind of fault, and what looks like one."""

from audit.histories import NEW_CLAIM, Under, audited, history, kinds, result
from ledger.samples import accepted, attempt, dropped, ended, intent, refused, released, trigger_named, unknown
from msgspec.structs import replace

from bridge.audit.findings import Kind
from bridge.ledger.records import Accepted, Carried, Ended, Intent, OfAttempt, Unknown
from bridge.triggers import OnUnknown

RESEND = OnUnknown.RESEND
T = trigger_named("t")


def flagged(record: Intent | Unknown | Accepted | Ended) -> Intent | Unknown | Accepted | Ended:
    """The same record of an attempt that says that an earlier one may have had an effect."""
    return replace(record, attempt=replace(record.attempt, possible_duplicate=True))


def test_one_call_with_its_intent_is_in_order() -> None:
    judged = audited(intent(), accepted(), ended(), results=(result(ended()),))
    assert (judged.outcome, judged.faults, judged.called) == ("published", (), 1)


def update(record: OfAttempt, *, offset: int) -> OfAttempt:
    """The same record about a trigger at that place, which newer ones of its value replace."""
    return replace(record, about=replace(record.about, supersede_by="m1", offset=offset))


def test_a_call_after_one_of_a_newer_trigger_that_replaces_it_is_told() -> None:
    newer = update(intent("other", "b"), offset=9)
    older = [
        update(one, offset=3) for one in (intent(), released(), intent(nonce="c"), accepted("t", "c"), ended("t", "c"))
    ]
    in_order = audited(*older[:2], *older[2:], newer, results=(result(ended("t", "c")),))
    assert (in_order.outcome, in_order.faults) == ("published", ())
    (fault,) = audited(*older[:2], newer, *older[2:], results=(result(ended("t", "c")),)).faults
    assert (fault.kind, fault.where) == (Kind.CALL_AFTER_NEWER, "ledger/0/5")


def test_a_late_end_of_a_call_that_began_before_the_newer_one_is_in_order() -> None:
    first, newer = update(intent(), offset=3), update(intent("other", "b"), offset=9)
    lost = update(unknown(), offset=3)
    judged = audited(first, lost, newer, update(accepted(), offset=3), ended(), results=(result(ended()),))
    assert judged.faults == ()


def test_each_record_of_a_call_needs_an_intent_before_it() -> None:
    for record in (ended(), refused(), unknown()):
        (fault,) = audited(record, results=(result(record),)).faults
        assert (fault.kind, fault.where) == (Kind.CALL_WITHOUT_INTENT, "ledger/0/1"), record
        assert f"has the record `{record.kind}`" in fault.text


def test_an_intent_that_comes_after_the_call_is_none() -> None:
    judged = audited(accepted(), intent(), ended(), results=(result(ended()),))
    assert kinds(judged) == [Kind.CALL_WITHOUT_INTENT]


def test_a_second_attempt_needs_an_intent_of_its_own() -> None:
    judged = audited(intent(), accepted(), accepted(nonce="b"), ended(), ended(nonce="b"), results=(result(ended()),))
    assert Kind.CALL_WITHOUT_INTENT in kinds(judged)
    assert Kind.TWO_CALLS in kinds(judged)


def test_an_attempt_that_was_given_back_without_its_intent_was_never_called() -> None:
    """The append of the intent may have failed, and who made it says so all the same."""
    judged = audited(
        released(), intent(nonce="b"), accepted("t", "b"), ended("t", "b"), results=(result(ended("t", "b")),)
    )
    assert judged.outcome == "published"


def test_a_call_whose_intent_lies_behind_a_newer_claim_broke_the_fence() -> None:
    (fault,) = audited(NEW_CLAIM, Under(0, intent()), accepted(), ended(), results=(result(ended()),)).faults
    assert (fault.kind, fault.where) == (Kind.CALL_UNDER_A_LOST_CLAIM, "ledger/0/3")


def test_an_intent_behind_a_newer_claim_that_was_given_back_kept_the_fence() -> None:
    judged = audited(
        NEW_CLAIM, Under(0, intent()), released(), intent(nonce="b"), accepted("t", "b"), ended("t", "b"),
        results=(result(ended("t", "b")),),
    )  # fmt: skip
    assert judged.outcome == "published"


def test_an_intent_behind_a_newer_claim_without_a_word_after_it_kept_the_fence() -> None:
    """Its replica died as it read the claim."""
    judged = audited(
        NEW_CLAIM,
        Under(0, intent()),
        intent(nonce="b"),
        accepted("t", "b"),
        ended("t", "b"),
        results=(result(ended("t", "b")),),
    )
    assert judged.outcome == "published"


def test_a_late_fact_of_an_owner_that_lost_the_partition_meanwhile_is_in_order() -> None:
    judged = audited(intent(), NEW_CLAIM, unknown(), accepted(), ended(), results=(result(unknown()), result(ended())))
    assert (judged.outcome, judged.faults) == ("published", ())


def test_two_attempts_that_had_an_effect_are_two_calls() -> None:
    judged = audited(
        intent(), accepted(), intent(nonce="b", number=2), accepted("t", "b", 2), ended(), ended("t", "b", 2),
        results=(result(ended()),),
    )  # fmt: skip
    (fault,) = judged.faults
    assert (fault.kind, fault.where) == (Kind.TWO_CALLS, "ledger/0/3")
    assert "attempt 1 (a) made execution execution-a, attempt 2 (b) made execution execution-b" in fault.text


def test_an_attempt_after_one_that_may_have_had_an_effect_must_be_flagged() -> None:
    records = (intent(policy=RESEND), unknown(policy=RESEND), intent("t", "b", 2, policy=RESEND))
    judged = audited(*records, accepted("t", "b", 2), ended("t", "b", 2), results=(result(ended("t", "b", 2)),))
    assert kinds(judged) == [Kind.TWO_CALLS]


def test_an_attempt_after_one_that_may_have_had_an_effect_is_in_order_when_it_is_flagged() -> None:
    end = flagged(ended("t", "b", 2))
    assert isinstance(end, Ended)
    records = (intent(policy=RESEND), unknown(policy=RESEND), flagged(intent("t", "b", 2, policy=RESEND)))
    judged = audited(*records, flagged(accepted("t", "b", 2)), end, results=(result(end),))
    assert (judged.outcome, judged.faults, judged.called) == ("published", (), 2)


def test_an_attempt_after_one_that_turned_out_to_have_had_no_effect_needs_no_flag() -> None:
    judged = audited(
        intent(), unknown(), released(), intent("t", "b", 2), accepted("t", "b", 2), ended("t", "b", 2),
        results=(result(unknown()), result(ended("t", "b", 2))),
    )  # fmt: skip
    assert (judged.outcome, judged.faults) == ("published", ())


def test_nobody_is_called_after_the_trigger_has_ended() -> None:
    for end in (dropped(), refused(nonce="0")):
        begun = (intent(nonce="0"),) if end.kind == "refused" else ()
        judged = audited(*begun, end, intent(), accepted(), ended(), results=(result(end), result(ended())))
        assert kinds(judged) == [Kind.CALL_AFTER_END]


def test_a_late_fact_after_the_end_is_no_call_after_the_end() -> None:
    end = dropped(outcome="unknown", attempts=1)
    judged = audited(
        intent(policy=RESEND), unknown(policy=RESEND), end, accepted(), ended(), results=(result(end), result(ended()))
    )
    assert judged.outcome == "published"


def test_a_call_after_the_triggers_time_is_late() -> None:
    late = replace(attempt(), called=accepted().about.expires_at)
    judged = audited(intent(), replace(accepted(), attempt=late), ended(), results=(result(ended()),))
    assert kinds(judged) == [Kind.LATE_CALL]


def test_an_unknown_end_tells_when_it_was_intended_and_not_that_it_was_called_late() -> None:
    late = replace(attempt(), called=unknown().about.expires_at)
    judged = audited(intent(), replace(unknown(), attempt=late), results=(result(unknown()),))
    assert judged.outcome == "unknown"


def test_what_an_owner_wrote_again_needs_no_intent_of_its_own() -> None:
    judged = audited(Carried(T, (accepted(),)), ended(), results=(result(ended()),))
    assert judged.outcome == "published"


def test_a_call_whose_intent_may_have_been_deleted_is_in_order() -> None:
    records, results = (accepted(), ended()), (result(ended()),)
    assert kinds(audited(*records, results=results)) == [Kind.CALL_WITHOUT_INTENT]
    assert audited(*records, results=results, tells_since=accepted().attempt.called + 1).outcome == "published"


def test_a_repetition_of_what_may_have_had_an_effect_must_be_flagged() -> None:
    for records in ((intent(), unknown()), (intent(), accepted()), (intent(), ended())):
        original = history(*records)
        assert original is not None
        judged = audited(intent(), accepted(), ended(), results=(result(ended()),), before=(original,))
        assert kinds(judged) == [Kind.TWO_CALLS]
        end = flagged(ended())
        assert isinstance(end, Ended)
        judged = audited(flagged(intent()), flagged(accepted()), end, results=(result(end),), before=(original,))
        assert judged.outcome == "published"


def test_a_repetition_of_what_reached_nobody_needs_no_flag() -> None:
    for records in ((dropped(),), (intent(), released()), (intent(), refused()), (intent(), ended(outcome="failed"))):
        original = history(*records)
        assert original is not None
        judged = audited(intent(), accepted(), ended(), results=(result(ended()),), before=(original,))
        assert judged.outcome == "published"
