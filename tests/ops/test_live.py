"""Two replicas under load, a real Kafka, a real Redis, the strict simulator, and a real Prometheus that watches them."""

import asyncio
import os
from pathlib import Path

import pytest
from ops.evidence import empty_annotations, empty_panels, empty_selectors, labels
from ops.faults import (
    BAD_INPUT,
    BUDGET,
    DOWN,
    KAFKA,
    KEYS,
    OPERATOR,
    PROVOKED,
    REDIS,
    REPLICAS,
    TABLE,
    VENDOR,
    another_table,
    bad_answers,
    bad_input,
    bad_vendor,
    broken_table,
    crash_until_noticed,
    frozen,
    frozen_kafka,
    keys_refused,
)
from ops.stage import Stage, on_stage, played
from ops.test_dashboards import BOUNDED

from bridge.demo.kafka import EmbeddedKafka

_RATES = {"acme": 20.0, "beta": 4.0, "gamma": 2.0}
_HEALTHY = 120
# Not provoked, so nothing to see; each with its reason.
NOT_PROVOKED = {
    "bridge-inside.json: Memory, limit": "the machine of the tests sets no limit",
    "bridge-inside.json: Questions about schemas, {{end}}": "no registry here; tests/registry sees them counted",
}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_healthy_service_fires_no_alert(kafka: str, unique: str, tmp_path: Path) -> None:
    async with on_stage(kafka, unique, tmp_path, played()) as stage:
        async with stage.flow(_RATES):
            await asyncio.sleep(_HEALTHY)
        assert stage.watch.alerts == {}
        called = await stage.watch.at('sum(bridge_calls_total{end="accepted"})')
        assert float(called[0]["value"][1]) > _HEALTHY * 20, "it had something to do"


@pytest.mark.slow
@pytest.mark.timeout(1500)
async def test_on_a_bad_day_the_alerts_fire_and_every_panel_shows_something(
    own_kafka: EmbeddedKafka, unique: str, tmp_path: Path
) -> None:
    async with on_stage(own_kafka.bootstrap_servers, unique, tmp_path, bad_vendor()) as stage:
        await _a_bad_day(stage, own_kafka)
        end = await stage.watch.now()
        start = stage.watch.start
        await _draw(stage, start, end)
        nothing = await empty_panels(stage.watch, start, end)
        assert {name: query for name, query in nothing.items() if name not in NOT_PROVOKED} == {}
        assert await empty_annotations(stage.watch, start, end) == set()
        assert await empty_selectors(stage.watch, start, end) == set()
        await _labels_are_bounded(stage)
        for replica in stage.service.replicas:
            replica.kill()
        await stage.watch.fires(*DOWN)
    assert stage.watch.alerts.keys() >= PROVOKED
    for alert in stage.watch.alerts.values():
        for text in alert["annotations"].values():
            assert "<no value>" not in text
            assert "<error" not in text


async def _a_bad_day(stage: Stage, kafka: EmbeddedKafka) -> None:
    first, second = stage.service.replicas
    watch = stage.watch
    async with stage.flow(_RATES):
        await asyncio.sleep(15)
        await bad_input(stage)
        bad_answers(stage)
        await stage.publish(3, type="start")
        await stage.publish(5, type="whistle")
        await watch.fires(*BAD_INPUT)
        async with another_table(stage) as options:
            await frozen(second)
            third = await crash_until_noticed(stage, "bridge-2", options)
            await stage.publish(1_300, brand="gamma")
            await watch.fires(*REPLICAS, *VENDOR, *BUDGET, within=300)
            assert await third.stop() == 0
        stage.service.vendor.faults.clear()
        await stage.service.verb("hold", "brand/beta", "--reason", "wrong texts in the templates")
        keys_refused(stage)
        async with broken_table(stage, first):
            await watch.fires(*KEYS, *TABLE, *OPERATOR)
        await stage.service.verb("release", "brand/beta")
        stage.service.vendor.faults.clear()
        stage.redis.stop()
        await watch.fires(*REDIS)
        stage.redis.start()
        await asyncio.sleep(10)
        async with frozen_kafka(kafka):
            await watch.fires(*KAFKA, within=29)
        await asyncio.sleep(15)


async def _labels_are_bounded(stage: Stage) -> None:
    found = await labels(stage.watch)
    assert found.keys() - {"__name__"} <= BOUNDED
    assert stage.published > 1_000
    for label, values in found.items():
        if label not in {"__name__", "le"}:
            assert len(values) < 25, f"{label} has {len(values)} values"


async def _draw(stage: Stage, start: float, end: float) -> None:
    """Pictures for the docs, where they are asked for: BRIDGE_PICTURES=docs/dashboards."""
    folder = os.environ.get("BRIDGE_PICTURES")
    if folder:
        from ops.pictures import draw_all  # noqa: PLC0415 - for `make pictures` only

        await draw_all(stage.watch, start, end, Path(folder))
