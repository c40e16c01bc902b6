"""An audit of what lies in a simulation's topics, at any moment."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulation.broker import RESULTS, TRIGGERS
from simulation.world import PARTITIONS, World

from bridge.audit.findings import Subject
from bridge.audit.history import Chronicle
from bridge.audit.judging import Terms, judge
from bridge.audit.reading import subject_of
from bridge.audit.results import Judged, Reported, Topics, reported
from bridge.audit.standing import Limits
from bridge.kafka.records import TopicPartition
from bridge.ledger.codec import decode
from bridge.outcomes.reading import read_result
from bridge.triggers import Trigger

# An execution there is given up after five minutes.
_DEADLINE = 300_000
_TOPICS = Topics(TRIGGERS, "bridge.ledger", RESULTS)


@dataclass(slots=True)
class Audits:
    """What was said of every trigger, in all audits."""

    outcomes: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    called_again: int = 0

    def of(self, world: World) -> Iterator[str]:
        """The faults found now, in words."""
        for judged in _all_of(world):
            self.outcomes[judged.outcome or "none"] += 1
            self.called_again += judged.called > 1
            if judged.open is not None:
                self.open[judged.open.why] += 1
            for one in judged.faults:
                yield f"at {world.clock.now()}: {one.kind}, trigger {one.event_id}, {one.where}: {one.text}"


def _all_of(world: World) -> Iterator[Judged]:
    told: dict[str, list[Reported]] = {}
    for offset, value in enumerate(world.broker.results):
        result = read_result(value)
        told.setdefault(result.trigger_id, []).append(reported(result, 0, offset, 0))
    limits = Limits(world.clock.now(), 0, _DEADLINE)
    for partition in range(PARTITIONS):
        chronicle = Chronicle()
        for raw in world.broker.ledger[partition].records:
            chronicle.apply(raw.offset, raw.timestamp, decode(raw.value))
        terms = Terms(_TOPICS, limits, world.broker.committed.get(TopicPartition(TRIGGERS, partition), 0))
        for subject in _subjects(world, partition):
            histories = chronicle.histories
            before = [histories[one] for one in subject.repeats if one in histories]
            yield judge(subject, histories.get(subject.id), told.get(subject.id, ()), terms, before)


def _subjects(world: World, partition: int) -> list[Subject]:
    found: dict[str, Subject] = {}
    for raw in world.broker.triggers[partition].records:
        try:
            one = Trigger.decode(raw.value)
        except (ValueError, KeyError, TypeError):
            continue
        found.setdefault(one.id, subject_of(one, partition, raw.offset, raw.timestamp))
    return list(found.values())
