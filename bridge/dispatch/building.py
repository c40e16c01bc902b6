"""Putting the parts of dispatch together."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bridge.budget.budget import Budget
from bridge.clock import Clock
from bridge.dispatch.around import Follower, Results, Topics, Vendor
from bridge.dispatch.assignment import Assignment
from bridge.dispatch.calling import Calling, Terms
from bridge.dispatch.cooling import Cooling
from bridge.dispatch.ends import Ends
from bridge.dispatch.flight import Flight
from bridge.dispatch.missing import MissingTopics
from bridge.dispatch.opening import Opening
from bridge.dispatch.partition import OwnedPartition
from bridge.dispatch.progress import Progress
from bridge.dispatch.pump import Pump
from bridge.dispatch.reading import StoredTriggers
from bridge.dispatch.stage import Dispatch, Patience
from bridge.dispatch.work import Work
from bridge.holds.board import Board
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.log import PartitionReader
from bridge.ledger.log import PartitionLog
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.turns import Turns
from bridge.settings import Settings
from bridge.telemetry import Telemetry


@dataclass(frozen=True, slots=True)
class Around:
    """The parts that dispatch works with."""

    consumer: GroupConsumer
    vendor: Vendor
    budget: Budget
    holds: Board
    results: Results
    follower: Follower
    topics: Topics | None = None


def build(
    *,
    settings: Settings,
    topic: str,
    log: Callable[[int], PartitionLog],
    triggers: Callable[[int], PartitionReader],
    around: Around,
    window: int,
    longest_limit: int = 0,
    fingerprint: Callable[[str], str | None],
    generator: Callable[[str], str | None],
    replica: str,
    clock: Clock,
    telemetry: Telemetry,
) -> Dispatch:
    """The dispatch stage. `window` (ms): how far back a ledger is read; `longest_limit` (ms): how far back calls
    are counted. `fingerprint(route)`, `generator(route)`: see Ends.
    """
    consumer = around.consumer
    cooling = Cooling(list(settings.brands), clock)
    flight = Flight(settings.brands, settings.vendor.connections)
    store = StoredTriggers(triggers)
    ours: set[str] = set()
    patience = settings.kafka.session_timeout / 1000
    calling = Calling(
        vendor=around.vendor,
        budget=around.budget,
        holds=around.holds,
        cooling=cooling,
        flight=flight,
        ends=Ends(
            holds=around.holds,
            cooling=cooling,
            clock=clock,
            replica=replica,
            fingerprint=fingerprint,
            generator=generator,
        ),
        terms=Terms(patience, lambda: consumer.heard_within(patience)),
        clock=clock,
        telemetry=telemetry,
        again=lambda work, not_before: pumps[work.trigger.brand].again(work, not_before),
        landed=lambda brand: pumps[brand].landed(),
    )
    pumps = {
        brand: Pump(
            brand,
            budget=around.budget,
            holds=around.holds,
            cooling=cooling,
            calling=calling,
            owner=lambda number: assignment.partition(number),  # noqa: PLW0108 - it is made below
            clock=clock,
        )
        for brand in settings.brands
    }

    def enqueue(work: Work) -> None:
        # A parked trigger of a brand that was taken out of the settings waits for its expiry.
        if work.trigger.brand in pumps:
            pumps[work.trigger.brand].add(work)

    def withdraw(work: Work) -> None:
        if work.trigger.brand in pumps:
            pumps[work.trigger.brand].done(work)

    # It is made below.
    missing = MissingTopics(around.topics, clock, lambda what, name: assignment.start(what, name))  # noqa: PLW0108

    def make(ledger: PartitionLedger, progress: Progress) -> OwnedPartition:
        return OwnedPartition(
            ledger=ledger,
            results=around.results,
            clock=clock,
            telemetry=telemetry,
            enqueue=enqueue,
            withdraw=withdraw,
            fetch=partial(store.fetch, ledger.partition),
            ours=ours,
            progress=progress,
            missing=missing,
        )

    def forget(number: int) -> None:
        for pump in pumps.values():
            pump.waiting.forget(number)

    turns = Turns()
    assignment = Assignment(
        consumer=consumer,
        topic=topic,
        opening=Opening(
            consumer=consumer,
            topic=topic,
            ledger=lambda number, changed: PartitionLedger(
                number,
                log(number),
                replica,
                window,
                changed,
                longest_limit,
                partial(telemetry.ledger_restoring, number),
                settings.dispatch.digest_every,
                partial(telemetry.ledger_read_whole, number),
                turns,
            ),
            make=make,
            reader=store,
            clock=clock,
            telemetry=telemetry,
        ),
        follower=around.follower,
        shared=lambda owned: around.budget.share(owned, settings.topics.partitions),
        forget=forget,
        dismiss=around.budget.dismiss_calls,
        drain_timeout=settings.dispatch.drain_timeout / 1000,
        partitions=settings.topics.partitions,
        clock=clock,
        telemetry=telemetry,
    )
    return Dispatch(
        consumer=consumer,
        assignment=assignment,
        pumps=pumps,
        patience=Patience(settings.dispatch.park_after / 1000, settings.dispatch.max_waiting),
        held=lambda brand, route: around.holds.on_calls(brand, route) is not None,
        clock=clock,
        telemetry=telemetry,
    )
