"""What the bridge must be allowed to do at Kafka: the one list, of which the docs, the check at the start and `bridge rights` are
made (pure).

Kafka lets whoever may Read or Write a topic Describe it, and whoever may Write one begin an idempotent producer (from
Kafka 2.8 on), so neither is listed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from bridge.kafka.topics import TopicNames


class _Numbered(Enum):
    """A word that Kafka's tools use, and the number that its protocol has for it."""

    @property
    def word(self) -> str:
        """As `kafka-acls` calls it."""
        word: str = self.value[0]
        return word

    @property
    def code(self) -> int:
        """Its number in the protocol."""
        code: int = self.value[1]
        return code


class Operation(_Numbered):
    """What is done."""

    READ = ("Read", 3)
    WRITE = ("Write", 4)
    CREATE = ("Create", 5)
    DESCRIBE = ("Describe", 8)
    DESCRIBE_CONFIGS = ("DescribeConfigs", 10)


class Kind(_Numbered):
    """What it is done to."""

    TOPIC = ("topic", 2)
    GROUP = ("group", 3)


@dataclass(frozen=True, slots=True)
class Resource:
    """A topic or a group."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.word} {self.name}"


@dataclass(frozen=True, slots=True)
class Right:
    """One thing that must be allowed. `why` says for what; without an `optional` one there is a warning, and less is known."""

    operation: Operation
    resource: Resource
    why: str = field(compare=False)
    optional: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return f"{self.operation.word} on {self.resource}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rights: `sources`, `lookups`: the topics of the routing table. `create`: topics.create."""

    names: TopicNames
    sources: frozenset[str] = frozenset()
    lookups: frozenset[str] = frozenset()
    create: bool = True


def running(scope: Scope) -> list[Right]:
    """Of `bridge run`, in both modes."""
    names = scope.names
    rights = [
        *(_topic(Operation.READ, topic, "its events") for topic in sorted(scope.sources)),
        *(
            _topic(
                Operation.DESCRIBE_CONFIGS,
                topic,
                "how large its records may be, so that dead letters fit",
                optional=True,
            )
            for topic in sorted(scope.sources)
        ),
        *_lookups(scope),
        _group(Operation.READ, f"{names.service}.intake", "sharing the events"),
        _group(Operation.READ, f"{names.service}.dispatch", "sharing the triggers"),
        _topic(Operation.READ, names.triggers, "dispatch reads them"),
        _topic(Operation.WRITE, names.triggers, "intake writes them"),
        _topic(Operation.READ, names.ledger, "what was called"),
        _topic(Operation.WRITE, names.ledger, "the intent before each call"),
        _topic(Operation.WRITE, names.results, "the outcomes"),
        _topic(Operation.WRITE, names.dead_letters, "what is no event"),
        _topic(Operation.READ, names.control, "holds and fingerprints"),
        _topic(Operation.WRITE, names.control, "holds and fingerprints"),
        *_configs(scope),
    ]
    if scope.create:
        rights += [_topic(Operation.CREATE, topic, "topics.create is true") for topic in _own(names)]
    return rights


def _looking(scope: Scope) -> list[Right]:
    names = scope.names
    return [
        _topic(Operation.READ, names.triggers, "what was to be called"),
        _topic(Operation.READ, names.ledger, "what was called"),
        _topic(Operation.READ, names.results, "the outcomes"),
        _group(Operation.DESCRIBE, f"{names.service}.dispatch", "how far dispatch is"),
    ]


def _table_of_outcomes(scope: Scope) -> list[Right]:
    return [_topic(Operation.READ, scope.names.results, "the outcomes")]


def _holds(scope: Scope) -> list[Right]:
    return [_topic(Operation.READ, scope.names.control, "the holds in force")]


def _holding(scope: Scope) -> list[Right]:
    return [*_holds(scope), _topic(Operation.WRITE, scope.names.control, "what is held and released")]


def _resending(scope: Scope) -> list[Right]:
    names = scope.names
    return [
        *_lookups(scope),
        _topic(Operation.READ, names.triggers, "what was to be called"),
        _topic(Operation.WRITE, names.triggers, "the repetitions (with --yes)"),
        _topic(Operation.READ, names.results, "the outcomes"),
        _topic(Operation.READ, names.control, "fingerprints"),
        _topic(Operation.DESCRIBE, names.ledger, "its partitions"),
        _topic(Operation.DESCRIBE, names.dead_letters, "its partitions"),
        *_configs(scope),
    ]


def _sending(scope: Scope) -> list[Right]:
    names = scope.names
    return [
        *_lookups(scope),
        _topic(Operation.WRITE, names.triggers, "the test (with --yes)"),
        _topic(Operation.READ, names.ledger, "what is done with it"),
        _topic(Operation.READ, names.results, "its outcome"),
        _topic(Operation.READ, names.control, "the holds in force, and fingerprints"),
        _topic(Operation.DESCRIBE, names.dead_letters, "its partitions"),
        *_configs(scope),
    ]


def _redriving(scope: Scope) -> list[Right]:
    resending = [right for right in _resending(scope) if right.resource.name != scope.names.dead_letters]
    return [
        *(_topic(Operation.READ, topic, "the records as they were") for topic in sorted(scope.sources)),
        _topic(Operation.READ, scope.names.dead_letters, "what was no event"),
        _topic(Operation.DESCRIBE_CONFIGS, scope.names.dead_letters, _FITS),
        *resending,
    ]


def recorded(topic: str) -> list[Right]:
    """Of a verb that reads events of a topic: `bridge explain TOPIC/PARTITION/OFFSET`, `bridge diff --topic`."""
    return [_topic(Operation.READ, topic, "the recorded events")]


def _recorded(scope: Scope) -> list[Right]:
    return [*(right for topic in sorted(scope.sources) for right in recorded(topic)), *_lookups(scope)]


VERBS: Mapping[str, Callable[[Scope], list[Right]]] = {
    "run": running,
    "holds": _holds,
    "hold": _holding,
    "release": _holding,
    "outcomes": _table_of_outcomes,
    "outcomes ID": _looking,
    "audit": _looking,
    "resend": _resending,
    "redrive": _redriving,
    "send": _sending,
    "explain": _recorded,
    "diff": _recorded,
}
"""By verb, and where its argument matters by that too, what it needs. Verbs that are not here ask Kafka nothing."""

_FITS = "whether it is set up as safety needs it"


def rights_of(
    verb: str, service: str, sources: Iterable[str] = (), lookups: Iterable[str] = (), *, create: bool = False
) -> list[Right]:
    """What a verb of `VERBS` needs for the service of that name; `sources`, `lookups`, `create`: see Scope."""
    return VERBS[verb](Scope(TopicNames(service), frozenset(sources), frozenset(lookups), create))


def _topic(operation: Operation, name: str, why: str, *, optional: bool = False) -> Right:
    return Right(operation, Resource(Kind.TOPIC, name), why, optional)


def _group(operation: Operation, name: str, why: str) -> Right:
    return Right(operation, Resource(Kind.GROUP, name), why)


def _own(names: TopicNames) -> tuple[str, ...]:
    return (names.triggers, names.ledger, names.results, names.dead_letters, names.control)


def _configs(scope: Scope) -> Iterator[Right]:
    return (_topic(Operation.DESCRIBE_CONFIGS, name, _FITS) for name in _own(scope.names))


def _lookups(scope: Scope) -> Iterator[Right]:
    return (_topic(Operation.READ, topic, "the entries of a lookup") for topic in sorted(scope.lookups))


def commands(rights: Iterable[Right], principal: str, bootstrap_servers: str) -> list[str]:
    """What grants them, one command for each resource."""
    by_resource: dict[Resource, list[str]] = {}
    for right in dict.fromkeys(rights):
        by_resource.setdefault(right.resource, []).append(right.operation.word)
    return [
        f"kafka-acls.sh --bootstrap-server {bootstrap_servers} --add --allow-principal '{principal}' "
        + " ".join(f"--operation {word}" for word in words)
        + f" --{resource.kind.word} {resource.name}"
        for resource, words in by_resource.items()
    ]
