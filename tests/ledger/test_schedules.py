"""Replicas that believe, each of them, that the partition is theirs: whatever the order of their steps, whatever acks get
lost, and whoever is killed, no call is made that a later owner doesn't know of.
"""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger.memory import Fate, MemoryPartition
from ledger.schedule import POLICIES, Act, Call, Plan, Replica, play

from bridge.ledger.fold import Fold
from bridge.ledger.records import Accepted, Claim, Intent, Line, Released, Unknown

CALLS = st.tuples(st.sampled_from([act for act in Act if act is not Act.CLAIM]), st.sampled_from(sorted(POLICIES)))
# A claim, and what is done under it while it lasts.
ROUNDS = st.lists(CALLS, min_size=2, max_size=5).map(lambda calls: [(Act.CLAIM, "one"), *calls])
LIVES = st.lists(ROUNDS, min_size=2, max_size=3).map(lambda rounds: [act for one in rounds for act in one])
PLANS = st.builds(
    Plan,
    tasks=st.tuples(LIVES) | st.tuples(LIVES, st.lists(CALLS, min_size=2, max_size=8)),
    begins_after=st.sampled_from([0, 2, 5, 10, 20]),
    fates=st.lists(st.sampled_from([Fate.ACKED] * 8 + list(Fate)), min_size=4, max_size=12),
    dies_at=st.sampled_from([None] * 20 + list(range(10, 60, 3))),
)
CHOICES = st.lists(st.integers(0, 5), max_size=120)
SCHEDULES = given(st.lists(PLANS, min_size=2, max_size=3), CHOICES)
EXAMPLES = settings(max_examples=150, deadline=None)


def played(plans: Sequence[Plan], choices: Sequence[int]) -> tuple[MemoryPartition, list[Replica]]:
    return asyncio.run(play(plans, choices))


def offset_of(partition: MemoryPartition, call: Call) -> int:
    return [line.record for line in partition.lines()].index(call.intent)


def calls_of(replicas: Sequence[Replica]) -> list[Call]:
    return [call for replica in replicas for call in replica.calls]


@SCHEDULES
@EXAMPLES
def test_no_call_is_made_on_an_intent_behind_a_foreign_claim(plans: list[Plan], choices: list[int]) -> None:
    partition, replicas = played(plans, choices)
    lines = partition.lines()
    for call in calls_of(replicas):
        offset = offset_of(partition, call)
        claims = [at for at, line in enumerate(lines[:offset]) if isinstance(line.record, Claim)]
        assert lines[offset].claim == claims[-1]


@SCHEDULES
@EXAMPLES
def test_whoever_claims_knows_of_every_call_that_was_made_before(plans: list[Plan], choices: list[int]) -> None:
    partition, replicas = played(plans, choices)
    for call in calls_of(replicas):
        for replica in replicas:
            for claim, known in replica.claims.items():
                assert claim < offset_of(partition, call) or call.intent.attempt.nonce in known


@SCHEDULES
@EXAMPLES
def test_nobody_calls_without_knowing_of_every_earlier_call_for_that_trigger(
    plans: list[Plan], choices: list[int]
) -> None:
    partition, replicas = played(plans, choices)
    calls = sorted(calls_of(replicas), key=lambda call: offset_of(partition, call))
    for number, call in enumerate(calls):
        earlier = {one.intent.attempt.nonce for one in calls[:number] if one.intent.id == call.intent.id}
        assert earlier <= call.known


@SCHEDULES
@EXAMPLES
def test_in_the_end_all_that_are_left_know_the_same(plans: list[Plan], choices: list[int]) -> None:
    partition, replicas = played(plans, choices)
    for replica in replicas:
        if replica.claims and not replica.killed:
            fold = replica.owner.ledger.fold
            assert [(one, list(item.attempts)) for one, item in fold.items.items()] == [
                (one, list(item.attempts)) for one, item in reader_of(partition).items.items()
            ]
            assert fold.items == reader_of(partition).items
            assert fold.claim == reader_of(partition).claim


@SCHEDULES
@EXAMPLES
def test_what_counts_is_what_the_log_says(plans: list[Plan], choices: list[int]) -> None:
    """By the rule itself: facts always, decisions where they carry the newest claim before them."""
    partition, _replicas = played(plans, choices)
    newest, counted = None, set()
    for offset, line in enumerate(partition.lines()):
        if isinstance(line.record, Claim):
            newest = offset
        elif isinstance(line.record, Released | Accepted):
            counted.add(line.record.attempt.nonce)
        elif line.claim == newest:
            assert isinstance(line.record, Intent | Unknown)
            counted.add(line.record.attempt.nonce)
    assert {nonce for item in reader_of(partition).items.values() for nonce in item.attempts} == counted


def reader_of(partition: MemoryPartition) -> Fold:
    """One who reads the whole log at the end."""
    fold = Fold()
    for raw, line in zip(partition.records, partition.lines(), strict=True):
        fold.apply(raw.offset, raw.timestamp, Line(line.record, line.claim))
    return fold
