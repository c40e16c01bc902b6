"""Publishing the story, as the teams that own the events would: evenly over some seconds, at the times when it happens."""

import asyncio

import orjson

from bridge.clock import Clock
from bridge.demo.progress import Progress
from bridge.durations import format_instant
from bridge.kafka import NewRecord, Producer


class Publisher:
    """Writes the story's events, each acknowledged; `occurred_at` is the moment of the first publication."""

    def __init__(self, producer: Producer, progress: Progress, clock: Clock) -> None:
        self._producer = producer
        self._progress = progress
        self._clock = clock
        self._first: dict[str, bytes] = {}

    async def publish(self, seconds: float) -> None:
        """Publish everything within about `seconds`."""
        story = self._progress.story
        begun = self._clock.boottime()
        for number, publication in enumerate(story):
            ahead = begun + seconds * number / len(story) - self._clock.boottime()
            if ahead > 0:
                await asyncio.sleep(ahead)
            value = self._first.get(publication.event_id)
            if value is None:
                value = orjson.dumps(publication.body | {"occurred_at": format_instant(self._clock.now())})
                self._first[publication.event_id] = value
            await self._producer.send_all([NewRecord(publication.topic, publication.key.encode(), value)])
            self._progress.published += 1
