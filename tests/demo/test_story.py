from collections import Counter
from pathlib import Path

import pytest

import bridge.demo
from bridge.demo.expected import GENERATORS, TopicKeys, expected_calls, subject_of
from bridge.demo.matches import read_tournament
from bridge.demo.story import Publication, publications
from bridge.durations import format_instant
from bridge.events import Event, Source
from bridge.routing import load_table

QATAR = read_tournament(Path(bridge.demo.__file__).with_name("worldcup-2022.json"))
STORY = publications(QATAR, seed=2022)
FIRST = [publication for publication in STORY if not publication.repeat]
KEYS = TopicKeys.read(Path(bridge.demo.__file__).parents[2] / "config" / "lookups")

NOW = 1_795_470_000_000


def event_of(publication: Publication) -> Event:
    body = publication.body | {"occurred_at": format_instant(NOW)}
    return Event(body, Source(publication.topic, 0, 0), NOW, publication.key)


def test_there_is_a_start_for_each_match_and_an_event_for_each_goal() -> None:
    kinds = Counter(publication.body["type"] for publication in FIRST)
    assert kinds["match_started"] == 64
    assert kinds["goal"] == 172
    assert kinds["creator_live"] == 10
    assert sum(kinds.values()) > 2 * (64 + 172 + 10)


def test_event_ids_are_unique_but_for_repetitions() -> None:
    ids = Counter(publication.event_id for publication in FIRST)
    assert set(ids.values()) == {1}


def test_one_event_in_twenty_is_published_again_later_with_the_same_body() -> None:
    assert len(STORY) - len(FIRST) == round(len(FIRST) * 0.05)
    seen: dict[str, object] = {}
    for publication in STORY:
        if publication.repeat:
            assert seen[publication.event_id] == publication.body
        seen[publication.event_id] = publication.body


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_seed_tells_the_same_story(seed: int) -> None:
    assert publications(QATAR, seed) == publications(QATAR, seed)
    assert publications(QATAR, seed) != publications(QATAR, seed + 1)


def test_the_events_of_a_match_are_told_in_order() -> None:
    for match in QATAR.matches:
        own = [publication.event_id for publication in FIRST if publication.key == match.id]
        numbers = [int(name.rsplit("-", 1)[1]) for name in own if "-goal-" in name]
        assert numbers == list(range(1, len(match.goals) + 1))
        assert own.index(f"{match.id}-start") < min(
            own.index(name) for name in own if "goal" in name or "corner" in name
        )


def test_each_start_calls_both_teams_and_each_goal_one() -> None:
    calls = expected_calls(STORY, KEYS)
    assert len(calls) == 2 * 64 + 172 + 10


def test_only_costa_rica_has_no_topic_key() -> None:
    without = [call for call in expected_calls(STORY, KEYS) if call.topic_key is None]
    costa_rica = [match for match in QATAR.matches if "CRC" in (match.home.id, match.away.id)]
    assert {call.event_id[:7] for call in without} == {match.id for match in costa_rica}
    assert len(without) == 3 + 3


def test_no_two_expected_calls_are_the_same_campaign() -> None:
    campaigns = Counter((call.generator, call.topic_key, call.subject) for call in expected_calls(STORY, KEYS))
    assert set(campaigns.values()) == {1}


def test_the_routing_table_wants_exactly_what_is_expected() -> None:
    config = Path(bridge.demo.__file__).parents[2] / "config"
    table = load_table(config / "routes.yaml", GENERATORS)
    sources = {source.topic: name for name, source in table.sources.items()}
    decided = Counter(
        (trigger.event_id, trigger.event_generator_id, trigger.topic_key or None, subject)
        for publication in FIRST
        for trigger in table.decide(sources[publication.topic], event_of(publication), NOW).triggers
        for subject in [subject_of(trigger.context) if trigger.verdict is None else None]
    )
    assert decided == Counter(
        (call.event_id, call.generator, call.topic_key, call.subject if call.topic_key else None)
        for call in expected_calls(STORY, KEYS)
    )


def test_the_scorer_of_an_own_goal_is_not_praised() -> None:
    config = Path(bridge.demo.__file__).parents[2] / "config"
    table = load_table(config / "routes.yaml", GENERATORS)
    own = [publication for publication in FIRST if publication.body.get("own_goal")]
    assert len(own) == 2
    for publication in own:
        (trigger,) = table.decide("matches", event_of(publication), NOW).triggers
        assert trigger.verdict is None
        assert publication.body["player"] not in str(trigger.context)
