from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import bridge.demo
from bridge.demo.matches import Match, read_tournament, tournament
from bridge.errors import BridgeError

QATAR = read_tournament(Path(bridge.demo.__file__).with_name("worldcup-2022.json"))


def played(**fields: Any) -> dict[str, Any]:
    return {
        "round": "Final",
        "date": "2026-07-19",
        "time": "15:00 UTC-4",
        "team1": "Spain",
        "team2": "South Africa",
        "score": {"ft": [1, 0]},
    } | fields


def only(**fields: Any) -> Match:
    (match,) = tournament({"name": "World Cup 2026", "matches": [played(**fields)]}, "test").matches
    return match


def match_between(home: str, away: str) -> Match:
    return next(match for match in QATAR.matches if (match.home.id, match.away.id) == (home, away))


def test_the_data_has_64_matches_and_172_goals() -> None:
    assert len(QATAR.matches) == 64
    assert QATAR.goal_count == 172


def test_ids_are_unique_and_follow_the_kick_off() -> None:
    assert [match.id for match in QATAR.matches] == [f"2022-{number:02d}" for number in range(1, 65)]
    assert [match.kickoff for match in QATAR.matches] == sorted(match.kickoff for match in QATAR.matches)


def test_every_team_of_2022_has_its_three_letters() -> None:
    ids = {team.id for match in QATAR.matches for team in (match.home, match.away)}
    assert len(ids) == 32
    assert all(len(name) == 3 for name in ids)


def test_local_times_of_2022_are_those_of_qatar() -> None:
    assert match_between("QAT", "ECU").kickoff == datetime(2022, 11, 20, 16, 0, tzinfo=UTC)


def test_the_score_goes_up_goal_by_goal() -> None:
    scores = [(home, away) for _, home, away in match_between("ARG", "FRA").scores()]
    assert scores == [(1, 0), (2, 0), (2, 1), (2, 2), (3, 2), (3, 3)]


def test_an_own_goal_counts_for_the_team_that_gets_it() -> None:
    (own,) = [(goal, home, away) for goal, home, away in match_between("CAN", "MAR").scores() if goal.own]
    assert own[0].player == "Nayef Aguerd"
    assert own[0].for_home
    assert own[1:] == (1, 2)


def test_ninety_and_nine_is_minute_99_and_said_90_plus_9() -> None:
    late = match_between("SEN", "NED").goals[-1]
    assert (late.minutes_played, late.minute_text) == (99, "90+9")


def test_minutes_as_text_are_read_too() -> None:
    goals = only(
        goals1=[{"name": "A", "minute": "47"}, {"name": "B", "minute": "45+5"}, {"name": "C", "minute": "9"}]
    ).goals
    assert [(goal.player, goal.minute_text, goal.minutes_played) for goal in goals] == [
        ("C", "9", 9),
        ("B", "45+5", 50),
        ("A", "47", 47),
    ]


def test_a_time_with_an_offset_is_read_too() -> None:
    assert only().kickoff == datetime(2026, 7, 19, 19, 0, tzinfo=UTC)


def test_a_match_without_a_time_is_at_noon() -> None:
    fields = played()
    del fields["time"]
    (match,) = tournament({"matches": [fields]}, "test").matches
    assert match.kickoff.hour == 12


def test_a_team_that_is_not_in_the_list_gets_an_id_of_its_name() -> None:
    assert only().away.id == "SOUTH_AFRICA"


def test_a_match_that_was_not_played_is_left_out() -> None:
    assert tournament({"matches": [played(score=None)]}, "test").matches == ()


def test_penalties_and_own_goals_are_told_apart() -> None:
    kinds = Counter((goal.own, goal.penalty) for match in QATAR.matches for goal in match.goals)
    assert kinds == {(False, False): 153, (False, True): 17, (True, False): 2}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"goals1": [{"name": "A", "minute": "soon"}]}, r"test: matches\[0\]: 'soon' is no minute"),
        ({"goals1": [{"minute": 3}]}, r"test: matches\[0\]: the field 'name' is missing"),
        ({"time": "noon"}, r"test: matches\[0\]: 'noon' is no time"),
        ({"date": "19 July"}, r"test: matches\[0\]: .*'19 July'"),
    ],
)
def test_a_mistake_in_a_file_is_placed(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(BridgeError, match=said):
        only(**fields)


@pytest.mark.parametrize("content", ["not JSON", "[]", '{"matches": 3}'])
def test_another_kind_of_file_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BridgeError, match=r"other\.json"):
        read_tournament(path)
