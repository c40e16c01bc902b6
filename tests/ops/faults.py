"""The faults of a bad day, one after the other, and the alerts that must fire for each."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from ops.stage import NOBODY, Stage, played
from service.replica import Replica
from service.story import START_GENERATOR

from bridge.demo.kafka import EmbeddedKafka
from bridge.simulator import SimulatorConfig, faults

BAD_INPUT = ("BridgeDeadLetters", "BridgeUnmappedTopics", "BridgeRejectedEvents")
VENDOR = (
    *("BridgeUnknownOutcomes", "BridgeCallErrorBudgetBurnFast", "BridgeCallLatencyHigh", "BridgeThrottled"),
    *("BridgeAudienceZero", "BridgeRouteHeld", "BridgeExecutionsStuck", "BridgeAcceptedWithoutEnd"),
)
BUDGET = ("BridgeEventAgeHigh",)
KEYS = ("BridgeAuthFailing",)
CRASHES = ("BridgeCrashLooping", "BridgeRebalanceStorm")
REPLICAS = (*CRASHES, "BridgeRoutesDiffer")
TABLE = ("BridgeRoutesReloadFailed",)
OPERATOR = ("BridgeBrandHeld",)
REDIS = ("BridgeBudgetBackendDown", "BridgeDispatchStalled")
KAFKA = ("BridgeResultsFailing",)
DOWN = ("BridgeDown",)
PROVOKED = {*BAD_INPUT, *VENDOR, *BUDGET, *KEYS, *REPLICAS, *TABLE, *OPERATOR, *REDIS, *KAFKA, *DOWN}

# A group's session ends after 3 s.
_FROZEN = 6


def bad_vendor() -> SimulatorConfig:
    """One of its topics has no subscribers."""
    return played(zero_audience_topic_keys=[NOBODY])


async def bad_input(stage: Stage) -> None:
    """What is no event, a team without a topic, and a minute that is none."""
    await stage.service.publish(b"no event", b"{")
    await stage.publish(3, team={"id": "XXX", "name": "nobody's"})
    await stage.publish(8, minute="90+3")
    await stage.publish(5, type="live", brand="beta", team={"id": "GER", "name": "a creator"})


def bad_answers(stage: Stage) -> None:
    """The vendor fails, dawdles, throttles; one generator is gone, and executions of a brand do not end."""
    stage.service.vendor.faults.add(faults.NeverEnds(brand="beta", count="forever"))
    stage.service.vendor.faults.add(faults.Status(status=404, generator=START_GENERATOR, count="forever"))
    stage.service.vendor.faults.add(faults.Status(status=429, brand="acme", count=3, seconds=2))
    stage.service.vendor.faults.add(
        faults.Status(status=500, brand="acme", made=True, probability=0.15, count="forever")
    )
    stage.service.vendor.faults.add(faults.Slow(seconds=2.4, brand="acme", probability=0.35, count="forever"))


def keys_refused(stage: Stage) -> None:
    """The keys of a brand work no more."""
    stage.service.vendor.faults.add(faults.Status(on="any", status=401, brand="gamma", count="forever"))


async def frozen(replica: Replica) -> None:
    """Its machine stands still for longer than its session, and then goes on."""
    replica.freeze()
    await asyncio.sleep(_FROZEN)
    replica.thaw()


@asynccontextmanager
async def another_table(stage: Stage) -> AsyncIterator[list[str]]:
    """The options of a replica that works by a table of its own."""
    routes = orjson.loads((stage.service.folder / "routes.yaml").read_bytes())
    routes["defaults"]["expires_after"] = "6m"
    other = stage.service.folder / "other.yaml"
    other.write_bytes(orjson.dumps(routes))
    yield ["--routes", str(other)]


async def crash_until_noticed(stage: Stage, instance: str, options: list[str]) -> Replica:
    """A replica that is killed whenever it is ready, until the alerts about it fire, but not for ever; the last one lives."""
    for _ in range(20):
        replica = await stage.start(instance, *options)
        if stage.watch.alerts.keys() >= {*CRASHES}:
            return replica
        await asyncio.sleep(1.5)  # so that it is scraped
        replica.kill()
        await replica.ended()
    return await stage.start(instance, *options)


@asynccontextmanager
async def broken_table(stage: Stage, replica: Replica) -> AsyncIterator[None]:
    """The files hold no table until the end of the block."""
    file = stage.service.folder / "routes.yaml"
    before = file.read_bytes()
    file.write_text("version: 1\nroutes: none\n")
    replica.reread()
    yield
    file.write_bytes(before)
    replica.reread()


@asynccontextmanager
async def frozen_kafka(kafka: EmbeddedKafka) -> AsyncIterator[None]:
    """The broker answers nothing until the end of the block."""
    os.kill(kafka.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(kafka.pid, signal.SIGCONT)
