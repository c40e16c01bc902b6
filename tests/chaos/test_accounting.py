"""What is planted in an episode on paper is found: each broken promise, and nothing where none was broken."""

import pytest
from chaos.accounting import Account, account
from chaos.evidence import Line, Loss, Made, SelfEnd
from chaos.plan import Kind
from chaos.planted import FAULT_AT, OWNER, SUCCESSOR, Paper, episode, hit

WITHIN = 11.0


def broken(paper: Paper, **changes: object) -> list[str]:
    return list(account(paper.evidence(**changes), WITHIN).broken)


def of(paper: Paper) -> Account:
    return account(paper.evidence(), WITHIN)


def test_a_kill_costs_what_was_in_flight_and_no_promise() -> None:
    found = of(episode(Kind.KILL, in_flight=("e5", "e6")))
    assert (found.broken, found.late, found.false_gaps) == ((), (), 0)
    assert (found.events, found.executions, found.outcomes) == (8, 7, {"published": 6, "unknown": 2})
    (row,) = found.rows
    assert (row.in_flight, row.unknown, row.never_executed) == (2, 2, 1)
    assert row.goes_on == 7.02
    assert row.pause == 7.05
    assert row.delay == 0.03
    assert row.recovered == 8.0


def test_a_second_execution_of_an_event_is_a_duplicate_of_the_fault_before_it() -> None:
    paper = episode(Kind.KILL)
    paper.execute("e5", FAULT_AT + 6_500, "again")
    found = of(paper)
    assert found.duplicates == found.rows[0].duplicates == 1
    assert found.broken == (
        f"duplicate: e5 was executed (x-e5) and again as again, at {FAULT_AT + 6_500}, last before it fault 1 (kill)",
    )


def test_any_execution_of_an_event_that_was_finished_before_is_a_duplicate() -> None:
    paper = episode(Kind.KILL)
    paper.execute("aged7", FAULT_AT + 6_500)
    (line,) = broken(paper, repeated=frozenset({"aged7"}))
    assert line.startswith("duplicate: aged7 was executed (before all this) and again as x-aged7")


def test_a_trigger_without_an_outcome_is_lost() -> None:
    paper = episode(Kind.KILL)
    paper.results = [result for result in paper.results if result.event != "e2"]
    assert broken(paper) == ["lost: e2 has a trigger and no outcome"]
    assert of(paper).lost == 1


def test_an_event_without_a_trigger_is_lost_unless_it_is_a_dead_letter() -> None:
    paper = episode(Kind.KILL)
    paper.published["e7"] = 5_000
    assert broken(paper) == ["lost: e7 became no trigger"]
    assert account(paper.evidence(), WITHIN).lost == 1


@pytest.mark.parametrize("kind", [Kind.TERM, Kind.ROLLING, Kind.LEADER])
def test_an_unknown_after_what_may_not_leave_any_is_a_broken_promise(kind: Kind) -> None:
    assert broken(episode(kind)) == [f"unknown: e5 after fault 1 ({kind}), which may not leave any"]


@pytest.mark.parametrize("kind", [Kind.KILL, Kind.FREEZE, Kind.BROKER])
def test_an_unknown_that_a_successor_finds_may_come_of_these(kind: Kind) -> None:
    found = of(episode(kind))
    assert (found.broken, found.rows[0].unknown) == ((), 1)


@pytest.mark.parametrize("kind", [Kind.OUTAGE, Kind.CUT])
def test_an_unknown_that_a_successor_finds_does_not_come_of_the_vendor(kind: Kind) -> None:
    assert broken(episode(kind, in_flight=())) == []
    paper = episode(kind)
    paper.faults = [hit(kind, None)]
    (line,) = broken(paper)
    assert line.startswith("unknown: e5 comes of no fault")


def test_an_unknown_of_another_replica_than_the_killed_one_is_a_broken_promise() -> None:
    paper = episode(Kind.KILL)
    paper.faults = [hit(Kind.KILL, "host/somebody")]
    assert broken(paper) == [f"unknown: e5 comes of no fault; attempted by {OWNER} at {FAULT_AT - 30}"]


@pytest.mark.parametrize(
    ("kind", "excused"), [(Kind.OUTAGE, True), (Kind.CUT, True), (Kind.KILL, False), (Kind.BROKER, False)]
)
def test_an_unknown_of_which_the_owner_was_in_doubt_comes_of_the_vendor_only(kind: Kind, *, excused: bool) -> None:
    paper = Paper([hit(kind, None)])
    claim = paper.claim(OWNER, 0)
    paper.begin("e0", FAULT_AT + 1_000, claim)
    paper.doubt("e0", FAULT_AT + 3_000, claim)
    assert (broken(paper) == []) is excused


def test_an_unknown_that_began_when_the_vendor_was_back_comes_of_no_fault() -> None:
    paper = Paper([hit(Kind.OUTAGE, None)])
    claim = paper.claim(OWNER, 0)
    paper.begin("e0", FAULT_AT + 5_500, claim)
    paper.doubt("e0", FAULT_AT + 6_000, claim)
    assert "comes of no fault" in broken(paper)[0]


def test_an_unknown_of_a_frozen_replica_that_began_after_it_thawed_comes_of_no_fault() -> None:
    paper = Paper([hit(Kind.FREEZE)])
    claim = paper.claim(OWNER, 0)
    paper.begin("e0", FAULT_AT + 5_000, claim)
    later = paper.claim(SUCCESSOR, FAULT_AT + 6_000)
    paper.doubt("e0", FAULT_AT + 6_010, later)
    assert "comes of no fault" in broken(paper)[0]


def test_an_unknown_whose_attempt_had_ended_before_the_kill_is_a_broken_promise() -> None:
    paper = Paper([hit(Kind.KILL)])
    claim = paper.claim(OWNER, 0)
    trigger = paper.begin("e0", FAULT_AT - 200, claim)
    paper.write("accepted", FAULT_AT - 100, trigger=trigger, nonce="n-e0")
    later = paper.claim(SUCCESSOR, FAULT_AT + 6_000)
    paper.doubt("e0", FAULT_AT + 6_010, later)
    paper.call("e1", FAULT_AT + 7_000, later)
    assert broken(paper) == ["unknown: e0 after fault 1 (kill), though its attempt had ended"]


def test_what_a_freeze_left_open_was_not_in_flight_when_the_same_replica_was_killed_later() -> None:
    paper = episode(Kind.FREEZE, in_flight=("e5", "e6"))
    claim = paper.claim(OWNER, FAULT_AT + 9_000)
    paper.begin("e7", FAULT_AT + 19_900, claim)
    paper.faults.append(hit(Kind.KILL, number=2, began=FAULT_AT + 20_000))
    later = paper.claim(SUCCESSOR, FAULT_AT + 26_000)
    paper.doubt("e7", FAULT_AT + 26_010, later)
    paper.call("e8", FAULT_AT + 26_500, later)
    found = of(paper)
    assert found.broken == ()
    assert [(row.in_flight, row.unknown) for row in found.rows] == [(None, 2), (1, 1)]


def test_an_intent_behind_a_newer_claim_is_no_attempt() -> None:
    paper = episode(Kind.FREEZE)
    paper.write("intent", FAULT_AT + 8_000, trigger="t-e9", nonce="late", claim=0)
    assert of(paper).broken == ()


def test_outcomes_that_the_vendors_log_contradicts_are_untrue() -> None:
    paper = episode(Kind.KILL)
    paper.tell("e5", "expired", 2)
    paper.tell("e5", "published", 6, "x-made-up")
    assert broken(paper) == ["untrue: e5 is published; the vendor says nothing"]
    paper.results.pop()
    assert broken(paper) == ["untrue: e5 is expired, and the vendor executed it as x-e5"]


def test_an_execution_that_nobody_published_is_untrue() -> None:
    paper = episode(Kind.KILL)
    paper.made.append(Made("x-7", "e77", 5_000, "published"))
    assert broken(paper) == ["untrue: the vendor executed e77, which nobody published"]


def test_work_that_a_killed_replica_left_lying_is_late() -> None:
    paper = episode(Kind.KILL)
    assert account(paper.evidence(), 7.0).late == (
        "fault 1 (kill): the killed replica's work went on after 7.0 s, not within 7 s",
    )
    paper.ledger = [line for line in paper.ledger if line.trigger != "t-e9"]
    assert "more than the episode" in of(paper).late[0]


def test_a_replica_that_ended_by_itself_or_badly_is_told_of() -> None:
    ends = (SelfEnd(OWNER, 1, 5_000, asked=False, said="why"), SelfEnd(SUCCESSOR, 9, 6_000, asked=True))
    assert broken(episode(Kind.KILL), self_ends=ends) == [
        f"ended: {OWNER} by itself with code 1, at 5000: why",
        f"ended: {SUCCESSOR} after SIGTERM with code 9, at 6000: ",
    ]


def test_what_the_service_did_not_recover_from_is_told_of() -> None:
    assert broken(episode(Kind.KILL), stuck="fault 1 (kill): 3 events wait") == ["fault 1 (kill): 3 events wait"]


def test_a_hole_in_a_ledger_is_a_false_gap() -> None:
    paper = episode(Kind.ROLLING, in_flight=())
    del paper.ledger[3]
    assert broken(paper) == ["ledger partition 0, offset 4: 1 offsets before it hold no record"]


def test_an_append_that_is_there_twice_is_a_false_gap_but_not_one_repeated_on_purpose() -> None:
    paper = Paper()
    claim = paper.claim(OWNER, 0)
    paper.call("e0", 1_000, claim)
    accepted = next(line for line in paper.ledger if line.kind == "accepted")

    def again(at: int) -> None:
        offset = len(paper.ledger)
        paper.ledger.append(Line(0, offset, at, "accepted", accepted.digest, accepted.trigger, accepted.nonce))

    again(accepted.at + 9_500)
    assert broken(paper) == []
    again(accepted.at + 300)
    assert broken(paper) == ["ledger partition 0, offset 5: the same accepted as at 2, 300 ms later"]


def test_a_fact_that_reached_kafka_late_and_once_more_was_repeated_on_purpose() -> None:
    paper = Paper()
    claim = paper.claim(OWNER, 0)
    trigger = paper.begin("e0", 1_000, claim)
    paper.execute("e0", 1_030)
    paper.write("accepted", 12_000, trigger=trigger, nonce="n-e0")
    accepted = paper.ledger[-1]
    paper.ledger.append(Line(0, 3, 12_100, "accepted", accepted.digest, trigger, "n-e0"))
    paper.tell("e0", "published", 6, "x-e0")
    assert broken(paper) == []


def test_a_fact_that_the_robbed_owner_and_its_successor_both_wrote_is_no_false_gap() -> None:
    paper = episode(Kind.FREEZE)
    ended = next(line for line in paper.ledger if line.kind == "ended")
    offset = len(paper.ledger)
    paper.ledger.append(Line(0, offset, ended.at + 500, "ended", ended.digest, ended.trigger, ended.nonce))
    assert broken(paper) == []


def test_a_replica_that_takes_another_record_for_a_foreign_claim_met_a_false_gap() -> None:
    paper = episode(Kind.FREEZE)
    claim = next(line.offset for line in paper.ledger if line.replica == SUCCESSOR)
    assert broken(paper, losses=[Loss(OWNER, 0, claim)]) == []
    (line,) = broken(paper, losses=[Loss(OWNER, 0, 1)])
    assert "took offset 1 for a claim" in line
    (line,) = broken(paper, losses=[Loss(SUCCESSOR, 0, claim)])
    assert "took offset" in line
