"""`bridge outcomes` on what a real service wrote."""

import csv
import io
import re

import orjson
from service.conftest import Services
from service.story import TEAMS, event, events, vendor

from bridge.simulator.faults import Reset, Status

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")


def whats(timeline: str) -> list[str]:
    """What happened, a word a moment."""
    return [line.split()[1] for line in timeline.splitlines() if _TIME.match(line.strip())]


async def test_an_event_is_told_as_a_timeline_that_ends_with_its_outcome(services: Services) -> None:
    async with services() as service:
        await service.start("a")
        service.vendor.faults.add(Status(status=429, count=1))
        await service.publish(event(1), event(1), event(2))
        await service.is_done(2)
        told = await service.verb("outcomes", "e1")
        assert whats(told)[:2] == ["event", "received"]
        assert {"trigger", "intent", "call", "accepted", "result", "ended"} <= set(whats(told))
        assert "Outcome: published, audience " in told
        assert "a team" not in told  # what the context holds
        trigger = told.split()[1]
        assert whats(await service.verb("outcomes", trigger)) == whats(told)
        (story,) = orjson.loads(await service.verb("outcomes", trigger, "--format", "json"))
        assert (story["trigger_id"], story["result"]["event_id"]) == (trigger, "e1")
        unknown = await service.verb("outcomes", "e3", code=1)
        assert unknown.startswith("error: nothing is known of e3 since ")


async def test_what_nobody_can_know_and_what_waits_is_told_so(services: Services) -> None:
    async with services(vendor(time_to_end=(60_000, 60_000))) as service:
        await service.start("a")
        service.vendor.faults.add(Reset(made=True))
        await service.publish(event(1))
        await service.has_outcomes(1)
        await service.publish(event(2))
        await service.has_accepted(1)
        assert "Outcome: unknown: " in await service.verb("outcomes", "e1")
        told = await service.verb("outcomes", "e2")
        assert "No outcome yet: its execution has not ended, execution " in told


async def test_a_span_is_told_as_a_table_as_csv_and_as_json(services: Services) -> None:
    async with services() as service:
        await service.start("a")
        await service.publish(
            *events(range(6)),
            *events([6, 7], type="start"),
            event(8, id="=1+1"),
            event(9, team={"id": "-X", "name": "nobody"}),
        )
        await service.is_done(10)
        rows = list(csv.DictReader(io.StringIO(await service.verb("outcomes", "--format", "csv"))))
        assert len(rows) == 10
        assert {row["event_id"] for row in rows} == {*(f"e{n}" for n in [*range(8), 9]), "'=1+1"}
        assert {row["topic_key"] for row in rows} <= {*TEAMS.values(), ""}
        assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)

        started = await service.verb("outcomes", "--route", "start", "--format", "json")
        assert {one["event_id"] for one in orjson.loads(started)} == {"e6", "e7"}
        assert "2 outcomes: 2 published" in await service.verb("outcomes", "--route", "start")
        table = await service.verb("outcomes", "--outcome", "unmapped")
        assert 'lookup teams has no entry for "-X"' in table
        assert "1 outcomes: 1 unmapped" in table
        assert await service.verb("outcomes", "--from", "2h", "--to", "1h") == "0 outcomes\n"


async def test_an_event_id_with_what_a_terminal_obeys_is_shown_without_it(services: Services) -> None:
    async with services() as service:
        await service.start("a")
        name = "\x1b[2Jgone[red]"
        await service.publish(event(1, id=name))
        await service.is_done(1)
        for told in (await service.verb("outcomes", name), await service.verb("outcomes")):
            assert "\x1b" not in told
            assert "[2Jgone[red]" in told
