"""What a campaign is about, in a line for the screen. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.demo.story import Publication
from bridge.demo.verdict import SeenOutcome


class Headlines:
    """Lines about outcomes, told from the events that were published."""

    def __init__(self, story: Sequence[Publication], topics: Mapping[str, str]) -> None:
        """`topics`: who a topic key belongs to, by key."""
        self._events = {publication.event_id: publication.body for publication in story}
        self._topics = topics

    def line(self, outcome: SeenOutcome) -> tuple[str, str]:
        """What happened, and what became of it."""
        event = self._events.get(outcome.event_id, {"type": "?"})
        if outcome.outcome == "unmapped":
            return _what(event), "unmapped: no topic key"
        return _what(event), f"{outcome.outcome} for {self._topics.get(outcome.topic_key or '', outcome.topic_key)}"


def _what(event: Mapping[str, Any]) -> str:
    match event["type"]:
        case "match_started":
            return f"Kick-off: {event['match']['name']} ({event['match']['stage']})"
        case "goal":
            scorer = "own goal" if event["own_goal"] else event["player"]
            score = f"{event['home']['id']} {event['home']['goals']}-{event['away']['goals']} {event['away']['id']}"
            return f"Goal for {event['team']['name']}: {scorer}, {event['minute_text']}' ({score})"
        case "creator_live":
            return f"Live: {event['creator']['name']}, “{event['title']}”"
        case other:
            return str(other)
