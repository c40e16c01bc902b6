"""Does it add up? What the events asked for, what the bridge says became of it, and what the vendor did. Pure.

The three are counted apart: from the data that was published, from the records of the results topic, and from the
simulator's own list.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bridge.demo.expected import ExpectedCall, Subject

# What may become of a campaign in the demo. Anything else is possible in production, and would be a surprise here.
_WITH_A_TOPIC = frozenset({"published", "failed", "unknown"})
_WITHOUT = frozenset({"unmapped"})


@dataclass(frozen=True, slots=True)
class SeenOutcome:
    """One trigger's outcome on the results topic, its highest revision."""

    trigger_id: str
    revision: int
    outcome: str
    reason: str | None
    event_id: str
    generator: str
    topic_key: str | None
    execution_id: str | None


@dataclass(frozen=True, slots=True)
class SeenExecution:
    """One execution that the vendor made. `status` is how it ended, or `queued` or `processing`."""

    id: str
    generator: str
    topic_key: str
    subject: Subject
    status: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `differences` says in words what does not match: empty when all adds up.

    `duplicates`: executions beyond the first of the same campaign. `behind_unknown`: executions whose answer never
    arrived, so that the bridge reports them as unknown.
    """

    differences: tuple[str, ...]
    duplicates: int
    behind_unknown: int


def latest(outcomes: Iterable[SeenOutcome]) -> list[SeenOutcome]:
    """Of each trigger the record with the highest revision, the first of equal ones: what the contract says."""
    best: dict[str, SeenOutcome] = {}
    for outcome in outcomes:
        known = best.get(outcome.trigger_id)
        if known is None or outcome.revision > known.revision:
            best[outcome.trigger_id] = outcome
    return list(best.values())


def judge(
    expected: Sequence[ExpectedCall], outcomes: Sequence[SeenOutcome], executions: Sequence[SeenExecution]
) -> Verdict:
    """Hold the three against one another, campaign by campaign. `outcomes` has one of each trigger (see `latest`)."""
    told: dict[tuple[str, str, str | None], list[SeenOutcome]] = defaultdict(list)
    for outcome in outcomes:
        told[outcome.event_id, outcome.generator, outcome.topic_key].append(outcome)
    made: dict[tuple[str, str | None, Subject], list[SeenExecution]] = defaultdict(list)
    for execution in executions:
        made[execution.generator, execution.topic_key, execution.subject].append(execution)

    differences: list[str] = []
    duplicates = behind_unknown = 0
    for call in expected:
        waiting = told[call.event_id, call.generator, call.topic_key]
        mine = waiting.pop(0) if waiting else None
        its = made.pop((call.generator, call.topic_key, call.subject), [])
        differences += _compare(call, mine, its)
        duplicates += max(len(its) - 1, 0)
        behind_unknown += bool(its and mine and mine.outcome == "unknown")
    differences += [
        f"nobody asked for outcome {rest.outcome} of {_name(rest)}" for left in told.values() for rest in left
    ]
    for left_over in made.values():
        duplicates += len(left_over) - 1
        differences += [f"nobody asked for execution {rest.id} at the vendor: {rest.subject}" for rest in left_over]
    return Verdict(tuple(differences), duplicates, behind_unknown)


def _compare(call: ExpectedCall, outcome: SeenOutcome | None, executions: list[SeenExecution]) -> Iterator[str]:
    about = f"event {call.event_id}, topic key {call.topic_key}"
    if len(executions) > 1:
        yield f"{about}: called {len(executions)} times: {', '.join(execution.id for execution in executions)}"
    if outcome is None:
        yield f"{about}: no outcome on the results topic; executions at the vendor: {len(executions)}"
        return
    ids = {execution.id: execution.status for execution in executions}
    if outcome.outcome not in (_WITH_A_TOPIC if call.topic_key is not None else _WITHOUT):
        called = ", and the vendor was called" if ids else ""
        yield f"{about}: the outcome is {outcome.outcome}{called} (reason: {outcome.reason})"
    elif outcome.execution_id is not None and outcome.execution_id not in ids:
        yield f"{about}: the bridge names execution {outcome.execution_id}, which the vendor did not make"
    elif outcome.execution_id is not None and ids[outcome.execution_id] != outcome.outcome:
        yield f"{about}: the bridge says {outcome.outcome}, the vendor {ids[outcome.execution_id]}"


def _name(outcome: SeenOutcome) -> str:
    return f"event {outcome.event_id}, generator {outcome.generator}, topic key {outcome.topic_key}"
