"""What is known while the demo runs: the screen shows it, the summary counts it."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bridge.demo.story import Publication
from bridge.demo.verdict import SeenOutcome, latest


class Health(StrEnum):
    """What a replica is doing."""

    STARTING = "starting"
    RUNNING = "running"
    KILLED = "killed (SIGKILL)"


@dataclass(slots=True)
class ReplicaView:
    """One replica: `bridge run` in a process of its own.

    `says`: its last answer at /readyz. `metrics`: the sums of its last answer, by name and label.
    """

    name: str
    pid: int
    url: str
    health: Health = Health.STARTING
    says: str = "nothing yet"
    metrics: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(slots=True)
class VendorView:
    """The simulator's own counts."""

    executions: int = 0
    duplicates: int = 0
    throttled: int = 0
    worst_second: int = 0
    polls_mean: float = 0.0
    violations: int = 0


@dataclass(slots=True)
class Progress:
    """Counted from the outside: what was published, and what the topics, the vendor and the replicas say."""

    title: str
    story: Sequence[Publication]
    expected_calls: int
    phase: str = "starting"
    published: int = 0
    records: Counter[str] = field(default_factory=Counter)
    """Records read from each topic."""
    trigger_ids: set[str] = field(default_factory=set)
    outcomes: list[SeenOutcome] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    """Triggers that have an outcome."""
    news: deque[SeenOutcome] = field(default_factory=lambda: deque(maxlen=6))
    replicas: list[ReplicaView] = field(default_factory=list)
    vendor: VendorView = field(default_factory=VendorView)

    def add_outcome(self, outcome: SeenOutcome) -> None:
        """A record of the results topic."""
        self.outcomes.append(outcome)
        if outcome.trigger_id not in self.told:
            self.news.append(outcome)
        self.told.add(outcome.trigger_id)

    def by_outcome(self) -> Counter[str]:
        """Triggers by their outcome."""
        return Counter(outcome.outcome for outcome in latest(self.outcomes))

    @property
    def all_told(self) -> bool:
        """Has everything that was asked for an outcome, and every trigger too?"""
        return len(self.told) >= self.expected_calls and self.trigger_ids <= self.told

    @property
    def lag(self) -> int:
        """Records that the living replicas have not read yet, as they say."""
        living = [replica for replica in self.replicas if replica.health is Health.RUNNING]
        return sum(replica.metrics["bridge_consumer_lag_records", ""] for replica in living)
