from collections import Counter
from io import StringIO
from typing import Any

from rich.console import Console

from bridge.demo import summary
from bridge.demo.news import Headlines
from bridge.demo.probes import sums
from bridge.demo.progress import Health, Progress, ReplicaView, VendorView
from bridge.demo.screen import line, screen
from bridge.demo.story import Publication
from bridge.demo.verdict import SeenOutcome, Verdict

GOAL = {
    "id": "m-goal-1",
    "type": "goal",
    "team": {"id": "MAR", "name": "Morocco"},
    "player": "Nayef Aguerd",
    "own_goal": False,
    "minute_text": "90+9",
    "home": {"id": "CAN", "goals": 1},
    "away": {"id": "MAR", "goals": 2},
}
PUBLISHED = SeenOutcome("t1", 6, "published", None, "m-goal-1", "g", "k-mar", "x1")
UNKNOWN = SeenOutcome("t2", 1, "unknown", "the replica was killed", "m-goal-2", "g", "k-mar", None)


def progress_with(*outcomes: SeenOutcome, executions: int = 1) -> Progress:
    story = [Publication("sports.match-events", "m", GOAL)]
    progress = Progress("World Cup 2022", story, expected_calls=len(outcomes), published=1)
    progress.vendor = VendorView(executions=executions)
    progress.records = Counter({"sports.match-events": 1, "bridge.triggers": 1, "bridge.results": 1})
    for outcome in outcomes:
        progress.trigger_ids.add(outcome.trigger_id)
        progress.add_outcome(outcome)
    return progress


def shown(renderable: Any) -> str:
    console = Console(file=StringIO(), width=150)
    console.print(renderable)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def count_of(progress: Progress, name: str, verdict: Verdict | None = None) -> int:
    rows = summary.rows(progress, verdict or Verdict((), 0, 0), "http://vendor")
    return next(row.count for row in rows if row.name == name)


def test_the_sum_counts_unknowns_that_were_executed() -> None:
    progress = progress_with(PUBLISHED, UNKNOWN, executions=2)
    (sentence,) = summary.closing(progress, Verdict((), 0, 1))
    assert (
        "It adds up: 2 executions at the vendor = 1 published or failed + 1 of 1 unknown that were executed" in sentence
    )


def test_every_difference_is_named_up_to_twenty() -> None:
    differences = tuple(f"event e{number}: called 2 times" for number in range(23))
    first, *rest = summary.closing(progress_with(PUBLISHED), Verdict(differences, 23, 0))
    assert first == "It does NOT add up: 23 differences."
    assert rest[0] == "  - event e0: called 2 times"
    assert rest[-1] == "  ... and 3 more"


def test_own_topics_are_no_events() -> None:
    assert count_of(progress_with(PUBLISHED), "events") == 1


def test_the_table_names_the_topics_and_the_report() -> None:
    text = shown(summary.table(list(summary.rows(progress_with(PUBLISHED), Verdict((), 0, 0), "http://vendor"))))
    for place in ("sports.match-events", "bridge.triggers", "bridge.results", "http://vendor/_simulator/report"):
        assert place in text


def test_metrics_are_summed_over_replicas_and_labels() -> None:
    exposition = (
        "# TYPE bridge_events_total counter\n"
        'bridge_events_total{source="matches",decision="none"} 5\n'
        'bridge_events_total{source="streams",decision="none"} 2\n'
        'bridge_events_total{source="matches",decision="trigger"} 3\n'
        "# TYPE bridge_other_total counter\nbridge_other_total 9\n"
    )
    assert sums(exposition) == {("bridge_events_total", "none"): 7, ("bridge_events_total", "trigger"): 3}
    progress = progress_with(PUBLISHED)
    for name in "ab":
        progress.replicas.append(ReplicaView(name, 1, "http://r", Health.RUNNING, metrics=sums(exposition)))
    assert count_of(progress, "decisions") == 20


def test_what_a_killed_replica_said_last_is_told_apart() -> None:
    progress = progress_with(PUBLISHED)
    progress.replicas += [
        ReplicaView("a", 1, "http://a", Health.RUNNING),
        ReplicaView("b", 2, "http://b", Health.KILLED),
    ]
    alive, killed = summary.remarks(progress)
    assert "http://a/metrics" in alive
    assert "replica b was killed" in killed
    assert "http://b" not in killed


def test_a_headline_says_who_scored_and_when() -> None:
    headlines = Headlines([Publication("t", "m", GOAL)], {"k-mar": "MAR"})
    assert headlines.line(PUBLISHED) == (
        "Goal for Morocco: Nayef Aguerd, 90+9' (CAN 1-2 MAR)",
        "published for MAR",
    )


def test_an_own_goal_names_no_scorer() -> None:
    headlines = Headlines([Publication("t", "m", GOAL | {"own_goal": True})], {})
    assert "own goal" in headlines.line(PUBLISHED)[0]
    assert "Aguerd" not in headlines.line(PUBLISHED)[0]


def test_the_screen_and_the_line_show_the_counts() -> None:
    progress = progress_with(PUBLISHED, UNKNOWN)
    progress.replicas.append(ReplicaView("b", 4711, "http://b", Health.KILLED))
    text = shown(screen(progress, Headlines(progress.story, {"k-mar": "MAR"})))
    for part in ("2/2", "4711", "killed (SIGKILL)", "1 published", "Nayef Aguerd"):
        assert part in text
    assert "outcomes 2/2 (published=1 unknown=1)" in line(progress)


def test_all_is_told_when_every_trigger_and_every_expected_call_has_an_outcome() -> None:
    progress = progress_with(PUBLISHED, UNKNOWN)
    assert progress.all_told
    progress.trigger_ids.add("t3")
    assert not progress.all_told
