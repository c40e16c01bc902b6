"""What the published events should lead to, worked out without the bridge's own routing: the demo's yardstick. Pure."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.demo.story import Publication

# Given to the replicas through the environment that config/routes.yaml reads.
GENERATORS = {
    "MATCH_START_GENERATOR_ID": "6f1d2c9e-3b57-4c8a-9a41-0d5e8f7b1c20",
    "GOAL_GENERATOR_ID": "11111111-2222-3333-4444-555555555555",
    "CREATOR_LIVE_GENERATOR_ID": "c0a8f3d4-7e21-4b96-8d0f-52e6a9b7c314",
}
# The context fields that together with generator and topic key tell one campaign from another.
SUBJECT_FIELDS = ("match_id", "minute", "score", "title")

Subject = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """A campaign that the events ask for. `topic_key` is None where the lookups have none: then nobody may be called."""

    event_id: str
    generator: str
    topic_key: str | None
    subject: Subject


@dataclass(frozen=True, slots=True)
class TopicKeys:
    """The topic keys of teams and creators, by their ids."""

    teams: Mapping[str, str]
    creators: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> "TopicKeys":
        """From teams.csv and creators.csv in `folder`."""
        return cls(
            teams=_column(folder / "teams.csv", "team_id"),
            creators=_column(folder / "creators.csv", "creator_id"),
        )


def expected_calls(story: Iterable[Publication], keys: TopicKeys) -> list[ExpectedCall]:
    """One for each campaign that these events ask for; repetitions of an event ask for nothing."""
    return [call for publication in story if not publication.repeat for call in _calls(publication.body, keys)]


def subject_of(context: Mapping[str, Any]) -> Subject:
    """What a campaign is about, from the context that was sent."""
    return tuple(str(context.get(field, "")) for field in SUBJECT_FIELDS)


def _calls(event: Mapping[str, Any], keys: TopicKeys) -> Iterator[ExpectedCall]:
    match event["type"]:
        case "match_started":
            subject = subject_of({"match_id": event["match"]["id"]})
            for side in ("home", "away"):
                key = keys.teams.get(event[side]["id"])
                yield ExpectedCall(event["id"], GENERATORS["MATCH_START_GENERATOR_ID"], key, subject)
        case "goal":
            score = f"{event['home']['goals']}-{event['away']['goals']}"
            subject = subject_of({"match_id": event["match"]["id"], "minute": event["minute"], "score": score})
            key = keys.teams.get(event["team"]["id"])
            yield ExpectedCall(event["id"], GENERATORS["GOAL_GENERATOR_ID"], key, subject)
        case "creator_live":
            subject = subject_of({"title": event["title"]})
            key = keys.creators.get(event["creator"]["id"])
            yield ExpectedCall(event["id"], GENERATORS["CREATOR_LIVE_GENERATOR_ID"], key, subject)
        case _:
            return


def _column(path: Path, key: str) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: row["topic_key"] for row in csv.DictReader(file)}
