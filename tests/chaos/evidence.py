"""What an episode left behind, as it was read from the topics, from the vendor and from the replicas' logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaos.plan import Kind


@dataclass(frozen=True, slots=True)
class Happened:
    """A fault as it came. Times are ms since 1970 UTC: of its beginning, of its end, and when all worked again.

    `victim`: the replica that it hit, by its name in the ledger's claims; None where it hit none.
    """

    number: int
    kind: Kind
    detail: str
    began: int
    ended: int
    recovered: int
    victim: str | None = None

    @property
    def seconds(self) -> float:
        """From its beginning until all worked again."""
        return (self.recovered - self.began) / 1000


@dataclass(frozen=True, slots=True)
class Line:
    """A record of the ledger; `at` is the broker's time, ms. What a kind does not have is None.

    `claim`: of decisions, the number of the claim that they were made under. `digest` is the same for the same bytes.
    """

    partition: int
    offset: int
    at: int
    kind: str
    digest: int
    trigger: str | None = None
    nonce: str | None = None
    claim: int | None = None
    replica: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A record of the results topic."""

    trigger: str
    event: str
    outcome: str
    revision: int
    execution: str | None


@dataclass(frozen=True, slots=True)
class Made:
    """An execution in the vendor's own log; `at` is when its request arrived, ms."""

    id: str
    event: str
    at: int
    status: str


@dataclass(frozen=True, slots=True)
class Loss:
    """A replica said that another one had claimed a partition, at `offset`."""

    replica: str
    partition: int
    offset: int | None


@dataclass(frozen=True, slots=True)
class SelfEnd:
    """A replica ended by itself, or with another code than 0 after SIGTERM. `at` in ms; `said` is the end of its log."""

    replica: str
    code: int
    at: int
    asked: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about one episode.

    `published`: when each event was handed to Kafka (ms), those of the source topic only. `triggers`: by their ids the
    events that they are about. `triggered`: when each event's trigger was written (the broker's ms). `stuck`: what the service did not recover from.
    `repeated`: events of the day before that were published again, and must not be executed. `vendor_grace`: how long (ms) a call may go on after a fault of the vendor has ended.
    """

    published: Mapping[str, int]
    triggers: Mapping[str, str]
    dead_letters: int
    results: Sequence[Result]
    ledger: Sequence[Line]
    made: Sequence[Made]
    faults: Sequence[Happened]
    losses: Sequence[Loss] = ()
    self_ends: Sequence[SelfEnd] = ()
    triggered: Mapping[str, int] = field(default_factory=dict)
    stuck: str | None = None
    repeated: frozenset[str] = frozenset()
    lag_p99: float = 0.0
    vendor_grace: int = 4_000
