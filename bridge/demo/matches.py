"""A tournament, read from a file of openfootball's `worldcup.json` format. Pure, but for reading the file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson

from bridge.demo.teams import Team, team_named
from bridge.errors import BridgeError

_MINUTE = re.compile(r"(\d{1,3})(?:\+(\d{1,2}))?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?: UTC([+-]\d{1,2}))?")
# The 2022 file has local times without an offset: Qatar's.
_QATAR = 3
_HALF = 45
_BREAK = 15


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal. `for_home` says which team it counts for; of an own goal `player` plays for the other.

    `minute` is the regular one (1 to 120), `stoppage` the minutes added after it: 90 and 9 is 90+9.
    """

    for_home: bool
    player: str
    minute: int
    stoppage: int
    own: bool
    penalty: bool

    @property
    def minute_text(self) -> str:
        """As people say it: `12`, or `90+9`."""
        return f"{self.minute}+{self.stoppage}" if self.stoppage else str(self.minute)

    @property
    def minutes_played(self) -> int:
        """As a clock that never stops has it: 99 for 90+9."""
        return self.minute + self.stoppage

    @property
    def since_kickoff(self) -> timedelta:
        """With the break between the halves."""
        return timedelta(minutes=self.minutes_played + (_BREAK if self.minute > _HALF else 0))


@dataclass(frozen=True, slots=True)
class Match:
    """A match that was played, its goals in the order in which they fell. `group` is None in the knock-out rounds."""

    id: str
    kickoff: datetime
    home: Team
    away: Team
    venue: str
    stage: str
    group: str | None
    goals: tuple[Goal, ...]

    def scores(self) -> Iterator[tuple[Goal, int, int]]:
        """Each goal with the score after it, home first."""
        home = away = 0
        for goal in self.goals:
            home, away = (home + 1, away) if goal.for_home else (home, away + 1)
            yield goal, home, away


@dataclass(frozen=True, slots=True)
class Tournament:
    """Its matches in the order of their kick-off."""

    name: str
    matches: tuple[Match, ...]

    @property
    def goal_count(self) -> int:
        """Goals of all matches, without penalty shoot-outs."""
        return sum(len(match.goals) for match in self.matches)


def read_tournament(path: Path) -> Tournament:
    """The tournament in a file. Raises BridgeError that says what is wrong and at which match."""
    try:
        data = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise BridgeError(f"{path} can't be read as a file of matches: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("matches"), list):
        raise BridgeError(f'{path} is no file of matches: it needs an object with "name" and "matches"')
    return tournament(data, str(path))


def tournament(data: Mapping[str, Any], origin: str) -> Tournament:
    """The tournament in decoded JSON; `origin` is named in errors. Matches without a score were not played: left out."""
    played = []
    for index, fields in enumerate(data["matches"]):
        try:
            if fields.get("score"):
                played.append((_kickoff(fields), index, fields))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _misread(origin, index, error) from error
    played.sort(key=lambda match: match[:2])
    matches = []
    for number, (kickoff, index, fields) in enumerate(played, start=1):
        try:
            matches.append(_match(f"{kickoff.year}-{number:02d}", kickoff, fields))
        except (KeyError, TypeError, ValueError) as error:
            raise _misread(origin, index, error) from error
    return Tournament(str(data.get("name", "Tournament")), tuple(matches))


def _misread(origin: str, index: int, error: Exception) -> BridgeError:
    what = f"the field {error} is missing" if isinstance(error, KeyError) else str(error)
    return BridgeError(f"{origin}: matches[{index}]: {what}")


def _match(name: str, kickoff: datetime, fields: Mapping[str, Any]) -> Match:
    goals = [_goal(goal, for_home=True) for goal in fields.get("goals1", [])]
    goals += [_goal(goal, for_home=False) for goal in fields.get("goals2", [])]
    goals.sort(key=lambda goal: (goal.minute, goal.stoppage))
    return Match(
        id=name,
        kickoff=kickoff,
        home=team_named(fields["team1"]),
        away=team_named(fields["team2"]),
        venue=fields.get("ground") or "an unknown ground",
        stage=fields["round"],
        group=fields.get("group"),
        goals=tuple(goals),
    )


def _goal(fields: Mapping[str, Any], *, for_home: bool) -> Goal:
    minute = _MINUTE.fullmatch(str(fields["minute"]))
    if minute is None:
        raise ValueError(f"{fields['minute']!r} is no minute: expected 90, or 90+3")
    return Goal(
        for_home=for_home,
        player=fields["name"],
        minute=int(minute[1]),
        stoppage=int(minute[2] or 0) + int(fields.get("offset", 0)),
        own=bool(fields.get("owngoal")),
        penalty=bool(fields.get("penalty")),
    )


def _kickoff(fields: Mapping[str, Any]) -> datetime:
    day = datetime.strptime(fields["date"], "%Y-%m-%d").replace(tzinfo=UTC)
    if "time" not in fields:
        return day + timedelta(hours=12)
    time = _TIME.match(fields["time"])
    if time is None:
        raise ValueError(f"{fields['time']!r} is no time: expected 19:00, or 15:00 UTC-4")
    zone = timezone(timedelta(hours=int(time[3] or _QATAR)))
    return day.replace(hour=int(time[1]), minute=int(time[2]), tzinfo=zone).astimezone(UTC)
