"""What the demo publishes, in order: match starts and goals, among events that no route wants, and creators. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bridge.demo import creators
from bridge.demo.matches import Goal, Match, Tournament
from bridge.demo.teams import Team

MATCH_TOPIC = "sports.match-events"
REPEATED_SHARE = 0.05
_NOISE = ("corner", "card", "substitution", "corner", "free_kick")
_LAST_MINUTE = 90


@dataclass(frozen=True, slots=True)
class Publication:
    """One record to publish. `body` lacks `occurred_at`: that is the moment when it is published first.

    `repeat`: the same event was published before, and comes again with the same bytes.
    """

    topic: str
    key: str
    body: dict[str, Any]
    repeat: bool = False

    @property
    def event_id(self) -> str:
        """The event's id; a repetition has the same."""
        return str(self.body["id"])


def publications(tournament: Tournament, seed: int) -> list[Publication]:
    """Everything to publish, in order; with the same seed always the same."""
    chance = random.Random(seed)
    moments = [moment for match in tournament.matches for moment in _match_events(match, chance)]
    moments.sort(key=lambda moment: moment[0])
    story = [Publication(MATCH_TOPIC, body["match"]["id"], body) for _, body in moments]
    shows = [Publication(creators.TOPIC, body["creator"]["id"], body) for body in creators.show_events()]
    return _repeated(_spread(story, shows), chance)


def _match_events(match: Match, chance: random.Random) -> Iterator[tuple[datetime, dict[str, Any]]]:
    for team in (match.home, match.away):
        yield match.kickoff - timedelta(hours=1), _event(match, f"line-up-{team.id}", "line_up", team=_side(team))
    score = {"home": _side(match.home, 0), "away": _side(match.away, 0)}
    yield match.kickoff, _event(match, "start", "match_started", **score)
    for number, (goal, home, away) in enumerate(match.scores(), start=1):
        yield match.kickoff + goal.since_kickoff, _goal_event(match, number, goal, home, away)
    for number, kind in enumerate(_NOISE, start=1):
        minute = chance.randint(1, _LAST_MINUTE)
        team = chance.choice((match.home, match.away))
        body = _event(match, f"{kind}-{number}", kind, team=_side(team), minute=minute)
        yield match.kickoff + timedelta(minutes=minute), body


def _goal_event(match: Match, number: int, goal: Goal, home: int, away: int) -> dict[str, Any]:
    return _event(
        match,
        f"goal-{number}",
        "goal",
        team=_side(match.home if goal.for_home else match.away),
        player=goal.player,
        own_goal=goal.own,
        penalty=goal.penalty,
        minute=goal.minutes_played,
        minute_text=goal.minute_text,
        home=_side(match.home, home),
        away=_side(match.away, away),
    )


def _event(match: Match, suffix: str, kind: str, **fields: Any) -> dict[str, Any]:
    about = {
        "id": match.id,
        "name": f"{match.home.name} vs {match.away.name}",
        "venue": match.venue,
        "stage": match.stage,
    }
    if match.group is not None:
        about["group"] = match.group
    return {"id": f"{match.id}-{suffix}", "type": kind, "match": about, **fields}


def _side(team: Team, goals: int | None = None) -> dict[str, Any]:
    side: dict[str, Any] = {"id": team.id, "name": team.name}
    return side if goals is None else side | {"goals": goals}


def _spread(story: list[Publication], shows: list[Publication]) -> list[Publication]:
    """The shows evenly among the story, both in their order."""
    every = len(story) / (len(shows) + 1)
    mixed = list(story)
    for number, show in reversed(list(enumerate(shows, start=1))):
        mixed.insert(round(number * every), show)
    return mixed


def _repeated(story: list[Publication], chance: random.Random) -> list[Publication]:
    """One in twenty comes again, some events later: what a producer does that retries."""
    again = set(chance.sample(range(len(story)), round(len(story) * REPEATED_SHARE)))
    told: list[tuple[int, int, Publication]] = []
    for place, publication in enumerate(story):
        told.append((place, 0, publication))
        if place in again:
            repetition = Publication(publication.topic, publication.key, publication.body, repeat=True)
            told.append((place + chance.randint(1, 20), 1, repetition))
    told.sort(key=lambda item: item[:2])
    return [publication for _, _, publication in told]
