"""Digests of finished ids: what a new owner reads, what it knows then, and when it does not rely on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from ledger.memory import START, Fate, MemoryPartition
from ledger.owners import HOUR, Owner, owner, write, write_claim
from ledger.samples import about, accepted, dropped, ended, intent, parked, released, trigger_named, unknown
from msgspec.structs import replace

from bridge.ledger import digesting
from bridge.ledger.codec import decode, encode
from bridge.ledger.digest import Digest, Seal
from bridge.ledger.item import Finished, New, Waiting
from bridge.ledger.records import Decision, Fact, Record, is_decision

MINUTE = 60_000
# Twelve claims, so that a number of one digit is none of another thing.
_COMMITTED = 10**6


@pytest.fixture(autouse=True)
def as_in_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation, where it was imported, has other sizes."""
    for name, value in {"_IDS_IN_A_PART": 9_000, "_PARTS_IN_A_LOOK": 8, "_LONGEST_CHAIN": 32}.items():
        monkeypatch.setattr(digesting, name, value)


@asynccontextmanager
async def working(partition: MemoryPartition, name: str = "first", window: int = 24 * HOUR) -> AsyncIterator[Owner]:
    """An owner that has claimed, and writes digests."""
    async with owner(partition, name, window=window, digest_every=HOUR) as made:
        await made.claim(committed=_COMMITTED if partition.end else None)
        yield made


async def say(one: Owner, *records: Decision | Fact) -> None:
    """Written by their owner, and their results told."""
    for record in records:
        await (one.ledger.decide(record) if is_decision(record) else one.ledger.note(record))  # type: ignore[arg-type]
    for trigger in {record.id for record in records if not isinstance(record, Digest)}:
        item = one.ledger.fold.items.get(trigger)
        due = None if item is None else item.result_due()
        one.ledger.fold.settle_committed([trigger], _COMMITTED if due is not None else 0)


async def call(one: Owner, name: str) -> None:
    """A trigger's whole life."""
    await say(one, intent(name), accepted(name), ended(name))


async def later(partition: MemoryPartition, one: Owner, by: int) -> None:
    """Time passes; something is written, so that the ledger has its time, and the owner looks."""
    partition.now += by
    await call(one, f"at {partition.now}")
    for _ in range(4):
        await one.ledger.look()


async def digested(partition: MemoryPartition, one: Owner) -> int:
    """A digest of what there is, some of the tail, and a decision that points at it. The digest's seal."""
    await later(partition, one, HOUR)
    await later(partition, one, 20 * MINUTE)
    seals = sealed(partition)
    assert seals
    await call(one, f"after {partition.now}")
    return max(seals)


def sealed(partition: MemoryPartition) -> dict[int, Seal]:
    """Seals by offset."""
    found = {offset: line.record for offset, line in enumerate(partition.lines()) if isinstance(line.record, Digest)}
    return {offset: one.seal for offset, one in found.items() if one.seal is not None}


async def next_owner(partition: MemoryPartition, window: int = 24 * HOUR, first_at: int | None = None) -> Owner:
    """Who takes it over, and has gone when this returns: what it knew, what it read, and what it refused."""
    async with owner(partition, "next", window=window, digest_every=HOUR) as made:
        await made.claim(committed=_COMMITTED, first_at=first_at)
    return made


def whole(one: Owner) -> bool:
    """Whether it has read the ledger from its beginning."""
    return any(start == one.log.partition.first and end - start > 500 for start, end in one.log.ranges_read)


def known(one: Owner, *names: str) -> dict[str, object]:
    return {name: one.ledger.fold.standing(trigger_named(name)) for name in names}


@pytest.fixture
def long_ledger() -> MemoryPartition:
    """One with much in it before anything happens."""
    return MemoryPartition()


async def filled(one: Owner, count: int = 250) -> None:
    for number in range(count):
        await call(one, f"early {number}")


async def test_a_restore_reads_a_digest_and_the_tail_and_knows_all(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await filled(first)
        seal = await digested(long_ledger, first)
    taken = await next_owner(long_ledger)
    assert not taken.refused
    assert not whole(taken)
    assert sealed(long_ledger)[seal].upto > 750
    assert known(taken, "early 0", "early 249", "new") == {"early 0": Finished(), "early 249": Finished(), "new": New()}
    assert len(taken.ledger.fold.remembered) == len(first.ledger.fold.remembered)


async def test_what_is_not_finished_is_known_as_before_however_old(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await say(first, parked("parked"), intent("open"), accepted("open"))
        await say(first, intent("unknown"), unknown("unknown"), intent("waiting"), released("waiting"))
        await say(first, intent("in flight"), *(made("open after park") for made in (parked, intent, accepted)))
        await say(first, intent("unresolved"), accepted("unresolved"), ended("unresolved", outcome="unresolved"))
        await filled(first)
        await digested(long_ledger, first)
        before = {trigger: first.ledger.fold.items[trigger] for trigger in first.ledger.fold.items}
    taken = await next_owner(long_ledger)
    assert not whole(taken)
    after = {trigger: taken.ledger.fold.items[trigger] for trigger in taken.ledger.fold.items}
    assert {one: replace(item, at=0, since=0, newest=0) for one, item in after.items()} == {
        one: replace(item, at=0, since=0, newest=0) for one, item in before.items()
    }


async def test_late_news_of_what_a_digest_carried_counts(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await say(first, intent("t"), unknown("t"))
        await filled(first)
        await digested(long_ledger, first)
    write(long_ledger, None, released("t"))
    taken = await next_owner(long_ledger)
    assert not whole(taken)
    assert isinstance(taken.ledger.fold.standing(trigger_named("t")), Waiting)


async def test_an_unknown_trigger_that_is_carried_is_forgotten_no_later(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await say(first, intent("t"), unknown("t"))
        for _ in range(24):
            await later(long_ledger, first, HOUR)
        assert trigger_named("t") in first.ledger.fold.items
        await later(long_ledger, first, HOUR)
        assert trigger_named("t") not in first.ledger.fold.items


async def test_a_digest_is_read_with_all_its_parts_and_those_before_it(
    long_ledger: MemoryPartition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "_IDS_IN_A_PART", 40)
    async with working(long_ledger) as first:
        await filled(first)
        await digested(long_ledger, first)
        await digested(long_ledger, first)
    taken = await next_owner(long_ledger)
    assert not whole(taken)
    assert max(len(seal.parts) for seal in sealed(long_ledger).values()) > 3
    assert len(sealed(long_ledger)) > 1
    assert {known(taken, f"early {number}")[f"early {number}"] for number in range(250)} == {Finished()}


@pytest.mark.parametrize("fate", [Fate.UNACKED, Fate.LOST, Fate.LATE])
@pytest.mark.parametrize("appends", [0, 1, 2, 3, 5])
async def test_an_append_without_an_ack_makes_no_hole_in_a_digest(
    long_ledger: MemoryPartition, monkeypatch: pytest.MonkeyPatch, fate: Fate, appends: int
) -> None:
    monkeypatch.setattr(digesting, "_IDS_IN_A_PART", 100)
    async with working(long_ledger) as first:
        await say(first, parked("parked"), intent("unknown"), unknown("unknown"))
        await filled(first)
        long_ledger.now += HOUR
        await call(first, "in time")
        first.log.fates.extend([*[Fate.ACKED] * appends, fate])
        for _ in range(6):
            await first.ledger.look()
        await call(first, "after it")
        assert not first.log.fates
    taken = await next_owner(long_ledger)
    assert isinstance(taken.ledger.fold.standing(trigger_named("parked")), Waiting)
    assert trigger_named("unknown") in taken.ledger.fold.items
    assert {known(taken, f"early {number}")[f"early {number}"] for number in range(250)} == {Finished()}


async def test_the_digest_of_an_owner_that_dies_before_its_seal_or_before_it_points_at_it_is_not_read(
    long_ledger: MemoryPartition,
) -> None:
    async with working(long_ledger) as first:
        await filled(first)
        await later(long_ledger, first, HOUR)
    assert sealed(long_ledger)
    taken = await next_owner(long_ledger)
    assert whole(taken)
    assert not taken.refused
    assert known(taken, "early 0") == {"early 0": Finished()}


@pytest.mark.parametrize("carried", [["parked"], []], ids=["what it carries", "its seal"])
async def test_a_digest_behind_a_foreign_claim_is_never_pointed_at(
    long_ledger: MemoryPartition, carried: list[str]
) -> None:
    async with working(long_ledger) as first:
        await say(first, *(parked(name) for name in carried))
        await filled(first)
        long_ledger.now += HOUR
        await call(first, "in time")
        write_claim(long_ledger)
        await first.ledger.look()
        assert not first.ledger.owned
        assert bool(sealed(long_ledger)) is not bool(carried)
        await first.claim(committed=_COMMITTED)
        await call(first, "again")
    assert all(line.digest is None for line in long_ledger.lines())
    taken = await next_owner(long_ledger)
    assert {type(standing) for standing in known(taken, *carried).values()} == ({Waiting} if carried else set())


async def test_what_a_given_up_digest_would_have_said_is_said_by_the_next(
    long_ledger: MemoryPartition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "_IDS_IN_A_PART", 10)
    async with working(long_ledger) as first:
        await filled(first, 200)
        for _ in range(3):
            await digested(long_ledger, first)
        await filled(first)
        long_ledger.now += HOUR
        await call(first, "in time")
        await first.ledger.look()  # some of its parts
        await first.claim(committed=_COMMITTED)
        await digested(long_ledger, first)
    taken = await next_owner(long_ledger)
    assert not whole(taken)
    assert {known(taken, f"early {number}")[f"early {number}"] for number in range(250)} == {Finished()}


def drop_first(partition: MemoryPartition, seal: int) -> None:
    """Retention takes what lies before the digest before this one."""
    previous = sealed(partition)[seal].previous
    assert previous is not None
    partition.first = previous + 1


def overwrite(partition: MemoryPartition, offset: int, record: Record) -> None:
    raw = partition.records[offset]
    partition.records[offset] = raw._replace(value=encode(record, decode(raw.value).claim))


@pytest.mark.parametrize("what", ["gone", "no digest", "no entries", "no part"])
async def test_a_chain_with_a_missing_link_is_told_and_everything_is_read(
    long_ledger: MemoryPartition, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(digesting, "_IDS_IN_A_PART", 100)
    async with working(long_ledger) as first:
        await filled(first)
        before = await digested(long_ledger, first)
        await filled(first, 50)
        newest = await digested(long_ledger, first)
        assert sealed(long_ledger)[newest].previous is not None
    if what == "gone":
        drop_first(long_ledger, newest)
    else:
        offset = sealed(long_ledger)[before].parts[0] if what == "no part" else before
        record = decode(long_ledger.records[before].value).record
        assert isinstance(record, Digest)
        page = record.pages[0]
        bad: dict[str, Record] = {
            "no entries": replace(record, pages=(replace(page, entries=page.entries[:-1]),)),
            "no digest": dropped("x"),
            "no part": dropped("x"),
        }
        overwrite(long_ledger, offset, bad[what])
    taken = await next_owner(long_ledger)
    assert len(taken.refused) == 1
    if what == "gone":
        assert taken.ledger.tells_since > START  # what is older is unknown, not new
    else:
        assert whole(taken)
        assert known(taken, "early 0") == {"early 0": Finished()}


async def test_an_owner_that_remembers_for_longer_reads_everything(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger, window=2 * HOUR) as first:
        await say(first, intent("t"), unknown("t"))
        await filled(first)
        for _ in range(4):
            await digested(long_ledger, first)
        assert known(first, "t") == {"t": New()}
    taken = await next_owner(long_ledger, window=24 * HOUR)
    assert "had forgotten" in taken.refused[0]
    assert known(taken, "t", "early 0") == {"t": Finished(), "early 0": Finished()}


async def test_a_trigger_older_than_what_digests_tell_has_everything_read(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await filled(first)
    long_ledger.now += 40 * HOUR
    async with working(long_ledger, "second") as second:
        await filled(second, 5)
        await digested(long_ledger, second)
    assert not (await next_owner(long_ledger)).refused
    assert known(await next_owner(long_ledger), "early 9") == {"early 9": New()}
    taken = await next_owner(long_ledger, first_at=START)
    assert taken.refused
    assert known(taken, "early 9") == {"early 9": Finished()}


async def test_the_next_owner_goes_on_with_the_chain(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await filled(first)
        before = await digested(long_ledger, first)
    async with working(long_ledger, "second") as second:
        await filled(second, 20)
        after = await digested(long_ledger, second)
    assert sealed(long_ledger)[after].previous == before
    taken = await next_owner(long_ledger)
    assert known(taken, "early 19", "early 200") == {"early 19": Finished(), "early 200": Finished()}


async def test_a_chain_that_is_long_begins_anew(long_ledger: MemoryPartition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digesting, "_LONGEST_CHAIN", 2)
    async with working(long_ledger) as first:
        await filled(first)
        for _ in range(5):
            await later(long_ledger, first, HOUR)
        await call(first, "points")
    assert [seal.length for seal in sealed(long_ledger).values()] == [1, 2, 1, 2, 1]
    taken = await next_owner(long_ledger)
    assert not whole(taken)
    assert known(taken, "early 0") == {"early 0": Finished()}


async def test_a_ledger_in_which_nothing_happens_gets_no_digests(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await digested(long_ledger, first)
        before = len(sealed(long_ledger))
        long_ledger.now += 5 * HOUR
        for _ in range(5):
            await first.ledger.look()
    assert len(sealed(long_ledger)) == before


async def test_calls_that_a_limit_counts_are_read_from_their_intents(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await filled(first)
        await digested(long_ledger, first)
    async with owner(long_ledger, "limits", digest_every=HOUR) as taken:
        taken.ledger.longest_limit = 3 * HOUR
        await taken.claim(committed=_COMMITTED)
    assert "limit" in taken.refused[0]


class Older(msgspec.Struct):
    """A `carried` record as releases before digests decode it."""

    id: str
    records: list[msgspec.Raw]
    doubted: bool
    written: int
    floor: int


async def test_a_release_without_digests_takes_them_for_records_that_say_nothing(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await say(first, parked("parked"))
        await digested(long_ledger, first)
    carried = [raw.value for raw in long_ledger.records if raw.value.startswith(b'{"kind":"carried"')]
    older = [msgspec.json.decode(value, type=Older) for value in carried]
    assert [one.records == [] for one in older].count(True) == len(sealed(long_ledger))
    assert all(one.id == "" for one in older if not one.records)


async def test_without_the_setting_none_is_written_or_read(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await filled(first)
        await digested(long_ledger, first)
    count = len(sealed(long_ledger))
    async with owner(long_ledger, "plain") as plain:
        await plain.claim(committed=_COMMITTED)
        await later(long_ledger, plain, 2 * HOUR)
    assert whole(plain)
    assert len(sealed(long_ledger)) == count
    taken = await next_owner(long_ledger)
    assert whole(taken)
    assert known(taken, "early 0") == {"early 0": Finished()}


async def test_a_digest_that_reaches_before_what_retention_left_has_everything_read(
    long_ledger: MemoryPartition,
) -> None:
    async with working(long_ledger) as first:
        await filled(first)
        seal = await digested(long_ledger, first)
    long_ledger.first = sealed(long_ledger)[seal].upto + 1
    taken = await next_owner(long_ledger)
    assert "begins at offset" in taken.refused[0]


async def test_a_part_under_another_claim_is_none(
    long_ledger: MemoryPartition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digesting, "_IDS_IN_A_PART", 100)
    async with working(long_ledger) as first:
        await filled(first)
        seal = await digested(long_ledger, first)
    part = sealed(long_ledger)[seal].parts[0]
    raw = long_ledger.records[part]
    long_ledger.records[part] = raw._replace(value=encode(decode(raw.value).record, 7))
    taken = await next_owner(long_ledger)
    assert taken.refused
    assert known(taken, "early 0", "early 249") == {"early 0": Finished(), "early 249": Finished()}


async def test_who_has_read_digests_knows_no_more_than_these(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger, window=2 * HOUR) as first:
        await say(first, intent("t"), unknown("t"))
        await filled(first)
        for _ in range(4):
            await digested(long_ledger, first)
    async with working(long_ledger, "second", window=2 * HOUR) as second:
        assert not second.refused
        await filled(second, 20)
        await digested(long_ledger, second)
    taken = await next_owner(long_ledger, window=24 * HOUR)
    assert "had forgotten" in taken.refused[0]
    assert known(taken, "t") == {"t": Finished()}


async def test_who_has_read_a_part_of_the_ledger_tells_no_more_than_that(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await filled(first)
        long_ledger.now += 30 * HOUR
        await filled(first, 20)
    long_ledger.now += 30 * HOUR
    async with working(long_ledger, "second") as second:
        assert known(second, "early 100") == {"early 100": New()}
        await digested(long_ledger, second)
    taken = await next_owner(long_ledger, first_at=START)
    assert taken.refused
    assert known(taken, "early 100") == {"early 100": Finished()}


async def test_a_digest_begins_behind_its_owners_claim(long_ledger: MemoryPartition) -> None:
    async with working(long_ledger) as first:
        await say(first, parked("parked"))
        await filled(first)
        long_ledger.now += 3 * HOUR
    async with working(long_ledger, "second") as second:
        for _ in range(3):
            await call(second, f"soon {long_ledger.now}")
            await second.ledger.look()
        assert not sealed(long_ledger)
        long_ledger.now += 15 * MINUTE
        await call(second, "after a while")
        await second.ledger.look()
    assert [seal.upto > second.ledger.fold.claim for seal in sealed(long_ledger).values()] == [True]


async def test_a_decision_of_a_lost_owner_counts_no_more_where_the_tail_begins_with_it(
    long_ledger: MemoryPartition,
) -> None:
    async with working(long_ledger) as first:
        lost = first.ledger.claim_number
        await filled(first)
    async with working(long_ledger, "second") as second:
        await digested(long_ledger, second)
        long_ledger.now += 2 * HOUR
        stale = write(long_ledger, lost, dropped("t"))
        await call(second, "at the same time")
        await second.ledger.look()
        await call(second, "points")
    assert stale in {seal.upto for seal in sealed(long_ledger).values()}
    taken = await next_owner(long_ledger)
    assert not whole(taken)
    assert known(taken, "t") == {"t": New()}


async def test_the_trigger_that_lies_furthest_is_known_from_the_digest(long_ledger: MemoryPartition) -> None:
    """Who takes over looks for it on the triggers topic, to notice when that is another one."""
    beyond = replace(about(), offset=10**9)
    async with working(long_ledger) as first:
        await say(first, *(replace(one, about=beyond) for one in (intent("far"), accepted("far"), ended("far"))))
        await filled(first)
        await digested(long_ledger, first)
    taken = await next_owner(long_ledger)
    assert not whole(taken)
    assert taken.ledger.fold.furthest == (10**9, trigger_named("far"))
