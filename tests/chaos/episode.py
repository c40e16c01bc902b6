"""One episode: a service of its own, some faults while events flow, then everything drained and accounted for."""

import asyncio
import random
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.aged import Ageing
from chaos.brokers import Brokers
from chaos.evidence import Evidence, Happened
from chaos.faults import Hit, Scene, happen
from chaos.fleet import Fleet
from chaos.flow import Flow
from chaos.options import Options
from chaos.plan import Planned
from chaos.reading import ends_of, events_without_outcome, is_read, read_topics
from chaos.setting import VENDOR_TIMEOUT, own_topics, source_of, write_files
from chaos.vendor import Vendor, running_vendor
from chaos.watching import Watching, watching
from kafka.cluster import admin, make_topic
from service.story import vendor as played
from waiting import eventually

from bridge.clock import SystemClock
from bridge.kafka.topics import TopicNames

_LATENCY, _JITTER = 40, 40  # ms
_DRAINED_WITHIN = 120.0
_PAUSE = (0.2, 1.2)  # seconds between two faults, besides the recovery: at least, at most
_GRACE = int(VENDOR_TIMEOUT * 1000) + 1_000


@dataclass(slots=True)
class Episode:
    """`say` tells a person what happens."""

    name: str
    folder: Path
    options: Options
    brokers: Brokers
    say: Callable[[str], None]

    async def run(self, faults: Sequence[Planned]) -> Evidence:
        """Let them all happen, and collect the evidence. Raises AssertionError when the service does not recover."""
        # A run that was stopped may have left one, and logs of other processes with it.
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        config = played(latency=_LATENCY, jitter=_JITTER, seed=self.options.seed)
        async with running_vendor(config, self.folder) as vendor:
            fleet = Fleet(self.folder, self.options.partitions, self.options.source_partitions)
            try:
                return await self._with(vendor, fleet, faults)
            finally:
                await fleet.bury()

    async def _with(self, vendor: Vendor, fleet: Fleet, faults: Sequence[Planned]) -> Evidence:
        options, kafka = self.options, self.brokers.bootstrap_servers
        copies = self.brokers.copies
        write_files(self.folder, self.name, options, kafka=kafka, copies=copies, vendor=vendor.base_url)
        source = source_of(self.name)
        await make_topic(kafka, source, options.source_partitions, replication=copies)
        begin = await self._age(fleet) if options.aged else {}
        for _ in range(options.replicas):
            fleet.launch()
        await fleet.settled()
        flow = Flow(source, options.source_partitions, options.rate, options.aged)
        async with watching(flow, kafka, f"{self.name}.results", vendor, options.partitions) as seen:
            happened, stuck = await self._all(faults, self._scene(fleet, vendor), seen)
        await self._drain(begin, flow.repeated)
        await fleet.disband()
        topics = await read_topics(kafka, self.name, source, begin)
        return Evidence(
            published={event: at for event, at in flow.published.items() if event in topics.source},
            triggers={one: event for one, event in topics.triggers.items() if event not in flow.repeated},
            dead_letters=topics.dead_letters,
            results=topics.results,
            ledger=topics.ledger,
            made=await vendor.executions(),
            faults=happened,
            losses=fleet.losses(),
            self_ends=tuple(fleet.self_ends),
            triggered=topics.triggered,
            stuck=stuck,
            repeated=frozenset(flow.repeated),
            lag_p99=await vendor.lag_p99(),
            vendor_grace=_GRACE,
        )

    async def _age(self, fleet: Fleet) -> dict[tuple[str, int], int]:
        """Fill the ledger, once a replica has made the topics; gives where everything ends then."""
        kafka, names = self.brokers.bootstrap_servers, TopicNames(self.name)
        await fleet.launch().ready()
        await fleet.disband()
        await Ageing(kafka, names, self.folder, self.options.partitions).fill(self.options.aged)
        self.say(f"     the ledger holds {self.options.aged} finished triggers")
        return await ends_of(kafka, own_topics(self.name))

    async def _all(self, faults: Sequence[Planned], scene: Scene, seen: Watching) -> tuple[list[Happened], str | None]:
        """Those that happened; and, when the service did not recover from the last of them, what it is stuck in."""
        happened: list[Happened] = []
        await seen.caught_up()
        for planned in faults:
            one, stuck = await self._one(planned, scene, seen)
            happened.append(one)
            if stuck is not None:
                return happened, stuck
            self.say(f"{one.number:>4} {one.kind:<8} {one.detail}; all works after {one.seconds:.1f} s")
            await asyncio.sleep(random.uniform(*_PAUSE))
        return happened, None

    async def _one(self, planned: Planned, scene: Scene, seen: Watching) -> tuple[Happened, str | None]:
        clock, stuck, hit = SystemClock(), None, Hit("it did not end as it should")
        began = ended = clock.now()
        try:
            hit = await happen(planned, scene)
            ended = clock.now()
            await scene.fleet.settled()
            await seen.caught_up()
        except AssertionError as error:
            stuck = f"fault {planned.number} ({planned.kind}): the service does not recover: {error}"
        return Happened(planned.number, planned.kind, hit.detail, began, ended, clock.now(), hit.victim), stuck

    def _scene(self, fleet: Fleet, vendor: Vendor) -> Scene:
        return Scene(
            fleet=fleet,
            brokers=self.brokers,
            vendor=vendor,
            ledger=f"{self.name}.ledger",
            partitions=self.options.partitions,
            topics=(*own_topics(self.name), source_of(self.name)),
            session_timeout=self.options.session_timeout / 1000,
        )

    async def _drain(self, begin: Mapping[tuple[str, int], int], repeated: Collection[str]) -> None:
        """Until all is read that lies there, and each trigger has an outcome; what does not get there is accounted for."""
        kafka = self.brokers.bootstrap_servers

        async def drained() -> bool:
            return (
                await is_read(kafka, f"{self.name}.intake", source_of(self.name))
                and await is_read(kafka, f"{self.name}.dispatch", f"{self.name}.triggers")
                and await events_without_outcome(kafka, self.name, begin) <= set(repeated)
            )

        try:
            await eventually(drained, within=_DRAINED_WITHIN, every=1.0)
        except AssertionError:
            self.say(f"     not everything had an outcome after {_DRAINED_WITHIN:g} s")

    async def forget(self) -> None:
        """Delete the topics, so that the next episode's Kafka is not fuller than this one's."""
        async with admin(self.brokers.bootstrap_servers) as client:
            await client.delete_topics([*own_topics(self.name), source_of(self.name)])
