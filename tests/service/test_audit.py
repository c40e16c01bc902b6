"""`bridge audit` on what a real service wrote: in order as it is, and not any more once somebody changed it by hand."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from kafka.cluster import admin
from service.conftest import Services
from service.planting import copy_changed
from service.replica import until
from service.story import event, events, vendor

from bridge.clock import SystemClock
from bridge.durations import format_instant
from bridge.simulator.faults import Reset, Status

_NOW = ("audit", "--grace", "0s", "--format", "json")


async def test_a_service_that_works_or_was_killed_passes_its_audit(services: Services) -> None:
    async with services(vendor(latency=200)) as service:
        killed = await service.start("killed")
        service.vendor.faults.add(Status(status=400))
        await service.publish(event(10_000, team={"id": "XXX", "name": "nobody"}))
        async with service.flow(per_second=40) as published:
            await service.has_accepted(20)
            working = orjson.loads(await service.verb("audit", "--format", "json"))
            assert working["triggers"] > 20
            assert working["faults"] == []
            killed.kill()
            await killed.ended()
        left = orjson.loads(await service.verb(*_NOW))
        assert left["faults"] == []
        assert "being called" in {one["why"] for one in left["open"]}

        await service.start("next")
        await service.is_done(len(published) + 1)
        done = orjson.loads(await service.verb(*_NOW))
        account = await service.account()
        assert done["outcomes"] == account.outcomes
        assert done["outcomes"].keys() == {"published", "unknown", "rejected", "unmapped"}
        assert (done["triggers"], done["open"], done["faults"]) == (len(published) + 1, [], [])
        assert done["trigger_records"] == len(account.triggers)
        assert "In order: every trigger has exactly one outcome" in await service.verb("audit")


@dataclass
class Planting:
    """A fault by the number of its event; of an event that isn't named nothing is changed."""

    events_of: dict[str, str] = field(default_factory=dict)  # by trigger id

    def change(self, topic: str, value: dict[str, Any]) -> list[dict[str, Any]]:
        trigger = value.get("trigger_id") or value.get("id") or ""
        if topic == "triggers":
            self.events_of[trigger] = value["event_id"]
        written = [value]
        match (self.events_of.get(trigger), topic, value.get("kind")):
            case (
                ("e1", "results", _)
                | ("e4", "results" | "ledger", _)
                | ("e5", "ledger", "intent")
                | ("e7", "triggers", _)
            ):
                written = []
            case ("e2", "results", _):
                written = [value, value | {"outcome": "failed"}]
            case ("e3", "ledger", "accepted"):
                another = value["attempt"] | {"nonce": "f" * 32}
                written = [value, value | {"attempt": another, "execution_id": "another"}]
            case ("e6", "results", _):
                written = [value | {"revision": 5}]
            case ("e8", "results", _):
                written = [value, value]  # as after a crash
        return written


async def test_each_fault_that_is_planted_is_found_and_named(services: Services, unique: str) -> None:
    async with services() as service:
        replica = await service.start("a")
        await service.publish(*events(range(20)))
        await service.is_done(20)
        assert await replica.stop() == 0
        other = f"{unique}x"
        await copy_changed(service, other, Planting().change)

        report = orjson.loads(await service.verb(*_NOW, code=1, BRIDGE__NAME=other))
        found = {(one["event_id"], one["kind"]) for one in report["faults"]}
        assert found == {
            ("e1", "no outcome"),
            ("e2", "two outcomes"),
            ("e3", "call without intent"),
            ("e3", "two calls"),
            ("e4", "lost"),
            ("e5", "call without intent"),
            ("e6", "wrong outcome"),
            ("e7", "no trigger"),
        }
        assert report["outcomes"] == {"published": 13}
        told = await service.verb("audit", "--grace", "0s", code=1, BRIDGE__NAME=other)
        assert f"{other}.results/" in told
        assert "the ledger holds none of it" in told
        assert "docs/audit.md says what each means" in told


async def test_triggers_that_were_first_seen_before_the_span_are_looked_up_before_it(services: Services) -> None:
    async with services() as service:
        await service.start("a")
        await service.publish(*events(range(10)))
        await service.is_done(10)
        then = format_instant(SystemClock().now())
        await service.publish(*events(range(15)))
        await service.is_done(15)
        report = orjson.loads(await service.verb(*_NOW, "--from", then))
        assert (report["triggers"], report["outcomes"], report["faults"]) == (15, {"published": 15}, [])
        before = orjson.loads(await service.verb(*_NOW, "--to", then))
        assert (before["triggers"], before["outcomes"], before["faults"]) == (10, {"published": 10}, [])


async def test_what_retention_deleted_is_refused_and_what_somebody_deleted_is_missed(services: Services) -> None:
    async with services() as service:
        await service.start("a")
        await service.publish(*events(range(30)))
        await service.is_done(30)
        topic = f"{service.name}.triggers"
        async with admin(service.kafka) as client:
            await client.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=1)})
        (missed,) = orjson.loads(await service.verb(*_NOW, code=1))["faults"]
        assert missed["kind"] == "no trigger"
        assert missed["text"] == "it should be at offset 0 of triggers partition 0, and is not"

        refused = await service.verb("audit", code=2, BRIDGE_TOPICS__RETENTION__TRIGGERS="1s")
        assert refused.startswith("error: the span begins at ")
        assert f"{topic}/0 reaches back to" in refused
        since = refused.split("--from ")[1].split(" or later")[0]
        report = orjson.loads(await service.verb(*_NOW, "--from", since, BRIDGE_TOPICS__RETENTION__TRIGGERS="1s"))
        assert report["faults"] == []


async def test_a_call_that_may_have_been_made_twice_is_counted_when_it_is_flagged(services: Services) -> None:
    async with services() as service:
        table = service.routes()
        table["defaults"]["on_unknown"] = "resend"
        service.configure(table)
        service.vendor.faults.add(Reset(made=True))
        await service.start("a")
        await service.publish(event(1))
        await service.is_done(1)
        await until(lambda: len(service.vendor.executions) == 2)
        report = orjson.loads(await service.verb(*_NOW))
        assert (report["outcomes"], report["possible_duplicates"]) == ({"published": 1}, 1)
