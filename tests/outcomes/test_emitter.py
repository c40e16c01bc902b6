"""What is written for an end, and what is told of it."""

from dataclasses import dataclass, field

import orjson
from ledger.folding import T, item
from ledger.samples import accepted, ended, intent
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from bridge.clock import SystemClock
from bridge.kafka import NewRecord, Producer
from bridge.ledger.records import Ended
from bridge.outcomes.cloudevents import headers
from bridge.outcomes.compose import compose
from bridge.outcomes.emitter import Emitter
from bridge.telemetry import Telemetry


class Kept(Producer):
    """Keeps what is written."""

    def __init__(self) -> None:
        self.records: list[NewRecord] = []

    async def send_until_written(self, record: NewRecord) -> None:
        self.records.append(record)


@dataclass
class Desk:
    kept: Kept = field(default_factory=Kept)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        telemetry = Telemetry(self.registry, SystemClock())
        self.emitter = Emitter(self.kept, "bridge.results", "bridge", telemetry)

    async def emit(self, end: Ended) -> NewRecord:
        await self.emitter.emit(T, item(intent(), accepted(), end), end)
        return self.kept.records[-1]

    def dropped(self) -> float | None:
        return self.registry.get_sample_value("bridge_audience_dropped_total", {"brand": "acme", "route": "goal"})


async def test_a_result_is_written_under_its_event_as_a_cloud_event() -> None:
    record = await Desk().emit(ended())
    outcome = compose(T, item(intent(), accepted(), ended()), ended())
    assert (record.topic, record.key) == ("bridge.results", b"e1")
    assert record.headers == headers(outcome, "bridge")
    assert orjson.loads(record.value or b"") == orjson.loads(outcome.model_dump_json())


async def test_a_result_that_another_replica_writes_again_is_the_same_record() -> None:
    assert await Desk().emit(ended()) == await Desk().emit(ended())


async def test_an_audience_far_below_the_usual_one_is_counted() -> None:
    desk = Desk()
    for _ in range(6):
        await desk.emit(replace(ended(), audience_size=1000))
    assert desk.dropped() is None
    await desk.emit(replace(ended(), audience_size=99))
    assert desk.dropped() == 1
