"""Made-up creators who go live while the football runs: the second source of the demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TOPIC = "streaming.creator-events"


@dataclass(frozen=True, slots=True)
class Show:
    """One time that a creator goes live. Titles tell shows apart."""

    creator_id: str
    creator: str
    title: str


SHOWS = (
    Show("c-ada", "Ada Plays", "Speedrun night"),
    Show("c-bo", "Bo Bakes", "Sourdough from nothing"),
    Show("c-chidi", "Chidi Codes", "A compiler in an evening"),
    Show("c-dua", "Dua Draws", "Your dog, in ink"),
    Show("c-emre", "Emre Eats", "Street food of Gaziantep"),
    Show("c-fen", "Fen Fishes", "Ice, a hole, and patience"),
    Show("c-ada", "Ada Plays", "Speedrun night, the rematch"),
    Show("c-chidi", "Chidi Codes", "Debugging what you sent me"),
    Show("c-bo", "Bo Bakes", "The cake that fell"),
    Show("c-emre", "Emre Eats", "Twelve kinds of baklava"),
)


def show_events() -> Iterator[dict[str, Any]]:
    """Going live, and going offline, which no route wants; without `occurred_at`."""
    for number, show in enumerate(SHOWS, start=1):
        creator = {"id": show.creator_id, "name": show.creator}
        yield {
            "id": f"s-{number}",
            "type": "creator_live",
            "creator": creator,
            "title": show.title,
            "url": f"https://example.com/live/{show.creator_id}",
        }
        yield {"id": f"s-{number}-end", "type": "creator_offline", "creator": creator}
