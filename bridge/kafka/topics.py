"""The service's own topics: their names, how they must be set up, and what is wrong with those that were found (pure)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_DAY = 86_400_000
# Room for what the bridge adds to a record that it passes on: the headers of a dead letter, the frame of a parked trigger.
ADDED_BYTES = 16_384
# Less would not even hold a rejected trigger or a result.
_LEAST_MESSAGE_BYTES = 65_536
_MOST_MESSAGE_BYTES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class TopicNames:
    """The names of the own topics: all begin with the service's name."""

    service: str

    @property
    def triggers(self) -> str:
        """Intake to dispatch."""
        return f"{self.service}.triggers"

    @property
    def ledger(self) -> str:
        """What is known of each trigger."""
        return f"{self.service}.ledger"

    @property
    def results(self) -> str:
        """The outcomes: the public contract."""
        return f"{self.service}.results"

    @property
    def dead_letters(self) -> str:
        """Records that are no events, as they were."""
        return f"{self.service}.dead-letters"

    @property
    def control(self) -> str:
        """Holds and fingerprints."""
        return f"{self.service}.control"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPlan:
    """The settings that concern own topics. Retentions are milliseconds, sizes bytes. `sources`: the topics read."""

    names: TopicNames
    create: bool = True
    partitions: int = 12
    replication: int = 3
    max_message_bytes: int = 1_048_576
    triggers_retention: int = 7 * _DAY
    ledger_retention: int = 8 * _DAY
    results_retention: int = 30 * _DAY
    dead_letters_retention: int = 30 * _DAY
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Exactly:
    """A setting that must have this value. `why` says what breaks without it."""

    value: str
    why: str

    def met_by(self, found: str) -> bool:
        """Does the topic's value do?"""
        return found == self.value

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number that must be reached; -1 means without limit. `why` says what breaks below."""

    value: str
    why: str

    def met_by(self, found: str) -> bool:
        """Does the topic's value do?"""
        return int(found) == -1 or (self.value != "-1" and int(found) >= int(self.value))

    def __str__(self) -> str:
        return f"at least {self.value}"


Demand = Exactly | AtLeast


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How one own topic is made, and what is checked. `partitions_matter`: another number is refused."""

    name: str
    partitions: int
    replication: int
    partitions_matter: bool
    demands: Mapping[str, Demand]
    creation: Mapping[str, str] = field(default_factory=dict)

    def creation_settings(self) -> dict[str, str]:
        """The topic's settings when it is made."""
        return {name: demand.value for name, demand in self.demands.items()} | dict(self.creation)


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as it is in the cluster. `settings` is empty when we may not read them."""

    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str]

    @property
    def max_message_bytes(self) -> int:
        """The largest batch of records that it takes, in bytes; 0 where unknown."""
        return int(self.settings.get("max.message.bytes", 0))


def specs(plan: TopicPlan, largest_source: int) -> list[TopicSpec]:
    """How the own topics must be. `largest_source`: the largest max.message.bytes of the source topics, 0 if unknown."""
    return [_triggers(plan), _ledger(plan), _results(plan), _dead_letters(plan, largest_source), _control(plan)]


_RETAINED = "what is younger than this is still needed"
_SIZE = AtLeast(str(_LEAST_MESSAGE_BYTES), "records would not fit")


def _in_sync(plan: TopicPlan) -> AtLeast:
    return AtLeast(
        str(min(2, plan.replication)),
        "with fewer an acknowledged record can be lost with one broker, and an event vanish or be called twice",
    )


def _safe_log(plan: TopicPlan, retention: int) -> dict[str, Demand]:
    """What never calling twice rests on."""
    return {
        "cleanup.policy": Exactly("delete", "the order and the number of the records carry the safety"),
        "retention.ms": AtLeast(str(retention), _RETAINED),
        "retention.bytes": Exactly(
            "-1", "what is deleted by size before its time is forgotten, and may be called twice"
        ),
        "message.timestamp.type": Exactly("LogAppendTime", "ages are compared on the broker's clock"),
        "unclean.leader.election.enable": Exactly("false", "acknowledged records could be lost"),
        "min.insync.replicas": _in_sync(plan),
        "max.message.bytes": _SIZE,
    }


def _plain(plan: TopicPlan) -> dict[str, Demand]:
    return {
        "cleanup.policy": Exactly("delete", "it is read as a log"),
        "min.insync.replicas": _in_sync(plan),
        "max.message.bytes": _SIZE,
    }


def _triggers(plan: TopicPlan) -> TopicSpec:
    return TopicSpec(
        plan.names.triggers,
        plan.partitions,
        plan.replication,
        partitions_matter=True,
        demands=_safe_log(plan, plan.triggers_retention),
        creation={"max.message.bytes": str(plan.max_message_bytes)},
    )


def _ledger(plan: TopicPlan) -> TopicSpec:
    return TopicSpec(
        plan.names.ledger,
        plan.partitions,
        plan.replication,
        partitions_matter=True,
        demands=_safe_log(plan, plan.ledger_retention),
        # It holds whole triggers, with what is known of them.
        creation={"max.message.bytes": str(min(2 * plan.max_message_bytes, _MOST_MESSAGE_BYTES))},
    )


def _results(plan: TopicPlan) -> TopicSpec:
    return TopicSpec(
        plan.names.results,
        plan.partitions,
        plan.replication,
        partitions_matter=False,
        demands=_plain(plan),
        creation={"max.message.bytes": str(plan.max_message_bytes), "retention.ms": str(plan.results_retention)},
    )


def _dead_letters(plan: TopicPlan, largest_source: int) -> TopicSpec:
    least = AtLeast(
        str(max(_LEAST_MESSAGE_BYTES, largest_source + ADDED_BYTES)),
        "the largest record of the source topics would not fit as a dead letter",
    )
    largest = max(plan.max_message_bytes, largest_source)
    return TopicSpec(
        plan.names.dead_letters,
        plan.partitions,
        plan.replication,
        partitions_matter=False,
        demands=_plain(plan) | {"max.message.bytes": least},
        creation={
            "max.message.bytes": str(min(largest + 4 * ADDED_BYTES, _MOST_MESSAGE_BYTES)),
            "retention.ms": str(plan.dead_letters_retention),
        },
    )


def _control(plan: TopicPlan) -> TopicSpec:
    compact = Exactly("compact", "a hold must not be forgotten, nor an old one read")
    return TopicSpec(
        plan.names.control,
        1,
        plan.replication,
        partitions_matter=True,
        demands=_plain(plan) | {"cleanup.policy": compact},
        creation={"max.message.bytes": str(plan.max_message_bytes)},
    )


def misfits(spec: TopicSpec, found: FoundTopic, bootstrap_servers: str) -> Iterator[str]:
    """What is wrong with a topic: setting, found, wanted, why, and what mends it."""
    if spec.partitions_matter and found.partitions != spec.partitions:
        setting = "it must have one" if spec.partitions == 1 else f"set topics.partitions to {found.partitions}"
        yield (
            f"topic {spec.name}: partitions: found {found.partitions}, wanted {spec.partitions}. To mend: {setting}, or let "
            f"the topic be made anew (what it holds is lost, and what was called is forgotten)"
        )
    if found.replication < spec.replication:
        yield (
            f"topic {spec.name}: replication: found {found.replication}, wanted {spec.replication}. To mend: raise it with "
            f"kafka-reassign-partitions.sh, or set topics.replication to {found.replication}"
        )
    for name, demand in spec.demands.items():
        value = found.settings.get(name)
        if value is None or not demand.met_by(value):
            yield (
                f"topic {spec.name}: {name}: found {value}, wanted {demand} ({demand.why}). To mend: kafka-configs.sh "
                f"--bootstrap-server {bootstrap_servers} --alter --entity-type topics --entity-name {spec.name} "
                f"--add-config {name}={spec.creation_settings()[name]}"
            )
