"""What the simulator says about what it got. The names are the JSON's."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.simulator.connections import Connections
from bridge.simulator.executions import Duplicate, ExecutionLog, status_of
from bridge.simulator.gate import Gate
from bridge.simulator.looplag import LateMoment, LoopLag
from bridge.simulator.tally import Tally, Violation


@dataclass(frozen=True, slots=True)
class ExecutionsReport:
    """`duplicates` = `made` - `distinct`. `answered`: those whose 202 left, readable."""

    made: int
    answered: int
    distinct: int
    duplicates: int
    first_duplicates: tuple[Duplicate, ...]
    by_status: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class BrandReport:
    """Requests of a brand, runs and polls. The worst seconds are rolling: of all, and of those within the limit."""

    requests: int
    limit: int
    over_limit: int
    worst_second: int
    worst_second_admitted: int


@dataclass(frozen=True, slots=True)
class PollsReport:
    """Status requests that reached an execution. The mean is over all executions made."""

    total: int
    mean_per_execution: float
    max_per_execution: int


@dataclass(frozen=True, slots=True)
class ViolationsReport:
    """Requests that were not as the page wants them; the first 50 in full."""

    total: int
    by_rule: Mapping[str, int]
    first: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class ConnectionsReport:
    """TCP connections."""

    accepted: int
    open: int
    most_open: int


@dataclass(frozen=True, slots=True)
class LoopLagReport:
    """How late the simulator's own event loop was. Above 20 ms, what was timed meanwhile is void: `late` tells when (the
    first 1,000 times).
    """

    max_seconds: float
    p99_seconds: float
    samples: int
    late: tuple[LateMoment, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything since the start or the last reset.

    `requests`: by endpoint and answer: a status, or reset, closed, hung, or client_gone (no answer could be written).
    `throttled`: answers of 429, by the limit or by a fault. `faults`: how many requests each kind hit.
    """

    requests: Mapping[str, Mapping[str, int]]
    throttled: int
    executions: ExecutionsReport
    brands: Mapping[str, BrandReport]
    polls: PollsReport
    violations: ViolationsReport
    faults: Mapping[str, int]
    connections: ConnectionsReport
    loop_lag: LoopLagReport


@dataclass(frozen=True, slots=True)
class Books:
    """Where everything is counted."""

    tally: Tally
    log: ExecutionLog
    gate: Gate
    connections: Connections
    lag: LoopLag
    fault_hits: Counter[str]

    def report(self, limit: int, now: float) -> Report:
        """What the books say now (in seconds)."""
        tally = self.tally
        return Report(
            requests={endpoint: dict(answers) for endpoint, answers in tally.answers.items()},
            throttled=sum(answers["429"] for answers in tally.answers.values()),
            executions=_executions(self.log, now),
            brands={
                name: BrandReport(
                    traffic.requests, limit, traffic.over_limit, traffic.every.worst, traffic.admitted.worst
                )
                for name, traffic in self.gate.traffic.items()
            },
            polls=PollsReport(tally.polls, tally.polls / self.log.count if self.log.count else 0.0, tally.most_polls),
            violations=ViolationsReport(
                tally.violations.total(),
                {str(rule): count for rule, count in tally.violations.items()},
                tuple(tally.first_violations),
            ),
            faults=dict(self.fault_hits),
            connections=ConnectionsReport(
                self.connections.accepted, len(self.connections.connections), self.connections.most_open
            ),
            loop_lag=LoopLagReport(self.lag.worst, self.lag.percentile(0.99), self.lag.samples, tuple(self.lag.late)),
        )

    def reset(self, now: float) -> None:
        """Count from here (`now` in seconds)."""
        self.tally.reset()
        self.log.reset()
        self.gate.restart(now)
        self.connections.restart()
        self.lag.reset()
        self.fault_hits.clear()


def _executions(log: ExecutionLog, now: float) -> ExecutionsReport:
    made = log.made
    return ExecutionsReport(
        made=len(made),
        answered=sum(execution.answered for execution in made),
        distinct=log.distinct,
        duplicates=len(made) - log.distinct,
        first_duplicates=log.duplicates(),
        by_status=dict(Counter(status_of(execution, now) for execution in made)),
    )
