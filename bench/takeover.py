"""How long work stands still when one of three replicas is killed: its own partitions, and those of the others."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import orjson
from chaos.vendor import Vendor
from kafka.cluster import read_topic
from load.traffic import by_second
from service.replica import Replica

from bench import bottleneck
from bench.bed import Bed
from bench.distribution import percentile
from bench.flow import publish
from bench.pauses import Calls
from bench.result import Goal, Spec
from bench.scenario import Round, Scenario
from bench.subjects import Crew, Naive, bridges, naives
from bridge.clock import SystemClock
from bridge.ledger.codec import decode
from bridge.ledger.records import Claim

REPLICAS = 3
_SESSION = 10.0
"""Seconds: the session timeout of both, which is the service's default and aiokafka's."""
_STEP = 100
_SHOWN_BEFORE = 5_000
P = TypeVar("P", Replica, Naive)
_WAYS = {"takeover": "is killed and not replaced", "restart": "is killed and started again at once, as Kubernetes does"}


def _specs(name: str) -> tuple[Spec, ...]:
    taken, pause, twice = Goal(most=_SESSION + 2), Goal(most=0.5), Goal(most=0)
    return (
        Spec(f"{name}.taken", "until every partition of the killed one is called again", "s", "less", taken),
        Spec(f"{name}.pause", "longest pause of the calls of one that was not touched, median", "s", "less", pause),
        Spec(f"{name}.twice", "events called twice", "", "less", twice),
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """Where each event is called; who has each place; who is the victim."""

    partition: Mapping[str, int]
    owner: Mapping[int, str]
    victim: str


async def run(bed: Bed, name: str) -> Round:
    """Events come evenly; the first replica is killed."""
    again = name == "restart"
    async with bed.vendor() as vendor:
        topic = await bed.topic()
        running = bridges(bed, vendor, topic, REPLICAS)
        ours, twice, facts = await _killed(bed, vendor, topic, running, _by_ledger, again=again)
    async with bed.vendor() as vendor:
        topic = await bed.topic()
        beside = naives(bed, vendor, topic, REPLICAS)
        theirs, repeated, meanwhile = await _killed(bed, vendor, topic, beside, _by_word, again=again)
    ids = [spec.id for spec in _specs(name)]
    return Round(
        dict(zip(ids, (ours.taken, ours.pause, twice), strict=True)),
        dict(zip(ids, (theirs.taken, theirs.pause, repeated), strict=True)),
        facts,
        {"service": _curve(ours), "reference": _curve(theirs)},
        bottleneck.why_void(facts) or bottleneck.why_void(meanwhile),
    )


async def _killed(
    bed: Bed,
    vendor: Vendor,
    topic: str,
    running: AbstractAsyncContextManager[Crew[P]],
    placed: Callable[[Bed, str, Sequence[P], int], Awaitable[Placed]],
    *,
    again: bool,
) -> tuple[Calls, float, dict[str, float]]:
    """The calls, how many were repeated, and what tells that they count. `placed`: where each event is called, and who had
    each of these places at the moment of the kill; `again`: whether another takes its place at once.
    """
    sizes, clock = bed.sizes, SystemClock()
    seconds = sizes.before_kill + sizes.after_kill
    async with running as crew:
        rest = crew.members[1:]
        watch = bed.watch([one.pid for one in rest], vendor)
        async with asyncio.TaskGroup() as group:
            flow = group.create_task(publish(bed.kafka, topic, "e", sizes.flow, seconds))
            await asyncio.sleep(sizes.before_kill)
            killed = clock.now()
            crew.members[0].kill()
            if again:
                crew.another()
        until = clock.now()
        facts = await bottleneck.facts(vendor, watch.usage())
    # When all have ended: what is written and called while one of the two is read would be missing in it.
    where = await placed(bed, topic, crew.members, killed)
    times: dict[int, list[int]] = defaultdict(list)
    made = await vendor.executions()
    for one in made:
        times[where.partition[one.event]].append(one.at)
    twice = len(made) - len({one.event for one in made})
    facts |= {"publisher_late": percentile(flow.result().late, 0.99)}
    return Calls(times, where.owner, where.victim, killed, until), twice, facts


async def _by_ledger(bed: Bed, topic: str, replicas: Sequence[Replica], killed: int) -> Placed:
    """By the triggers' partitions, and the newest claim of each."""
    partition = {
        orjson.loads(one.value)["event_id"]: one.partition for one in await read_topic(bed.kafka, f"{topic}.triggers")
    }
    owner: dict[int, str] = {}
    for one in await read_topic(bed.kafka, f"{topic}.ledger"):
        record = decode(one.value).record
        if isinstance(record, Claim) and one.timestamp < killed:
            owner[one.partition] = record.replica
    assert replicas[0].start is not None  # noqa: S101 - it has called
    return Placed(partition, owner, replicas[0].start["replica"])


async def _by_word(bed: Bed, topic: str, consumers: Sequence[Naive], killed: int) -> Placed:
    """By the source's partitions, and what each consumer said that it got, before the kill."""
    partition = {orjson.loads(one.value)["id"]: one.partition for one in await read_topic(bed.kafka, topic)}
    owner = {number: str(who) for who, one in enumerate(consumers) for number in one.assigned(before=killed)}
    return Placed(partition, owner, "0")


def _curve(calls: Calls) -> list[int]:
    """Calls in each tenth of a second, from five seconds before the kill."""
    every = [at for times in calls.times.values() for at in times]
    return by_second(every, calls.killed - _SHOWN_BEFORE, calls.until, _STEP)


SCENARIOS = tuple(
    Scenario(
        name,
        f"{REPLICAS} replicas, events come evenly, one replica {what}; session timeout {_SESSION:g} s",
        _specs(name),
        partial(run, name=name),
        beside="naive",
        told=bottleneck.told,
    )
    for name, what in _WAYS.items()
)
