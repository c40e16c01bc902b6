"""The consumer of docs/consuming.md, run as it stands there."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st
from kafka.cluster import make_topic
from ledger.folding import T, folded, item
from ledger.samples import accepted, dropped, ended, intent, refused, trigger_named, unknown
from msgspec.structs import replace
from waiting import eventually

from bridge.kafka import Connection, NewRecord, Producer
from bridge.ledger.item import End
from bridge.ledger.records import Record
from bridge.outcomes.cloudevents import headers
from bridge.outcomes.compose import compose
from bridge.outcomes.model import OutcomeName

_PAGE = (Path(__file__).parents[2] / "docs" / "consuming.md").read_text("utf-8")


def _block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", _PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


KEEP_BEST = _block("sql")
CONSUMER = _block("python")

ENDS: Sequence[End] = [
    *(dropped(outcome=outcome) for outcome in ("expired", "rejected", "unmapped", "superseded", "unknown")),
    *(dropped(outcome=outcome, attempts=2) for outcome in ("expired", "superseded", "unknown")),
    unknown(),
    refused(),
    *(ended(outcome=outcome) for outcome in ("lost", "unresolved", "failed", "published")),
]


@contextmanager
def outcomes_table() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as table:
        table.execute("CREATE TABLE outcomes (trigger_id TEXT PRIMARY KEY, revision, event_id, outcome, audience_size)")
        yield table


def rows(table: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return table.execute("SELECT trigger_id, revision, outcome, audience_size FROM outcomes").fetchall()


def record(*told: Record, name: str = "t") -> NewRecord:
    """The result of what these tell of one trigger."""
    trigger = trigger_named(name)
    known = folded(*told).items[trigger]
    end = known.best_end()
    assert end is not None
    outcome = compose(trigger, known, end)
    return NewRecord("", b"e1", outcome.model_dump_json().encode(), headers(outcome, "bridge"))


def test_it_has_ten_lines() -> None:
    assert len([line for line in CONSUMER.splitlines() if line.strip()]) <= 10


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 7)), max_size=20))
def test_the_highest_revision_is_kept_and_of_equal_ones_the_first(arrivals: Sequence[tuple[str, int]]) -> None:
    best: dict[str, tuple[int, int]] = {}
    with outcomes_table() as table:
        for number, (trigger, revision) in enumerate(arrivals):
            fields = {"trigger_id": trigger, "revision": revision, "event_id": "e", "outcome": "o"}
            table.execute(KEEP_BEST, fields | {"audience_size": number, "more": "than is needed"})
            if trigger not in best or revision > best[trigger][0]:
                best[trigger] = (revision, number)
        assert {row[0]: (row[1], row[3]) for row in rows(table)} == best


def test_the_page_ranks_outcomes_as_the_ledger_does() -> None:
    told = {
        int(rank): set(re.findall(r"`(\w+)`", names))
        for rank, names in re.findall(r"^\| (\d) \| (.*?) \|", _PAGE, re.MULTILINE)
    }
    ranked: dict[int, set[str]] = {}
    for end in ENDS:
        outcome = compose(T, item(intent(), end), end)
        ranked.setdefault(outcome.revision, set()).add(outcome.outcome)
    assert told == ranked


def test_the_page_says_what_each_outcome_means() -> None:
    section = _PAGE.partition("\n## What each outcome means\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(get_args(OutcomeName))


async def test_it_keeps_the_outcome_of_repeated_and_corrected_results(kafka: str, unique: str) -> None:
    topic = await make_topic(kafka, unique)
    first, second = record(intent(), unknown()), record(intent(), accepted(), ended())
    with outcomes_table() as table:
        await send(kafka, topic, first, first, second, first)
        async with following(kafka, topic, table):
            await eventually(lambda: rows(table) == [(T, 7, "published", 1200)])
        await send(kafka, topic, record(dropped("other"), name="other"))
        async with following(kafka, topic, table):
            await eventually(lambda: len(rows(table)) == 2)
        assert rows(table) == [(T, 7, "published", 1200), (trigger_named("other"), 1, "expired", None)]


async def send(kafka: str, topic: str, *records: NewRecord) -> None:
    async with Producer(Connection(bootstrap_servers=kafka)) as producer:
        await producer.send_all(replace(one, topic=topic) for one in records)


@asynccontextmanager
async def following(kafka: str, topic: str, table: sqlite3.Connection) -> AsyncIterator[None]:
    """The page's consumer at work until the block ends."""
    scope: dict[str, Any] = {"KEEP_BEST": KEEP_BEST}
    exec(CONSUMER, scope)  # noqa: S102 - a page of our own
    async with asyncio.TaskGroup() as group:
        task = group.create_task(scope["follow"](kafka, topic, table))
        yield
        task.cancel()
