"""All that an audit says of one trigger. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.audit.calls import faults_of_calls
from bridge.audit.findings import Subject
from bridge.audit.history import History
from bridge.audit.results import Judged, Reported, Topics, judge_results
from bridge.audit.standing import Limits, standing_of


@dataclass(frozen=True, slots=True)
class Terms:
    """What triggers of one partition are judged by. `committed`: how far the dispatch group is.

    `tells_since` (the broker's time, ms): what is older may have been deleted from the ledger; 0 when nothing that matters was.
    """

    topics: Topics
    limits: Limits
    committed: int
    tells_since: int = 0


def judge(
    subject: Subject,
    history: History | None,
    results: Sequence[Reported],
    terms: Terms,
    before: Sequence[History] = (),
) -> Judged:
    """Hold the trigger, all that the ledger says of it (None: nothing), and its results against one another. `before`: what
    the ledger says of those that it repeats.
    """
    standing = standing_of(subject, history, terms.committed, terms.limits, cut=terms.tells_since > 0)
    judged = judge_results(standing, results, terms.limits, terms.topics)
    if history is None:
        return judged
    ledger = f"{terms.topics.ledger}/{subject.partition}"
    calls = tuple(faults_of_calls(subject, history, ledger, terms.tells_since, before))
    if calls:
        return Judged(None, None, (*calls, *judged.faults))
    return judged if judged.faults else judged._replace(called=standing.called)
