"""The reference: what one writes in an afternoon with aiokafka and aiohttp. It reads a batch, calls the vendor for each event
of it that means a campaign, all at once, and commits after the batch. Both libraries are as they come.

It remembers nothing: whatever of a batch was called before a crash is called again. `tuned`: the same with uvloop, orjson and as
many connections as the service, so that the difference to the service is what the service does, and nothing else.

    python -m bench.naive '{"kafka": ..., "topic": ..., "group": ..., "vendor": ..., "per_second": 0, "tuned": false}'
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from bench.events import API_KEY, BRAND_KEY, GENERATOR, TEAMS, WANTED, context_of
from bridge.clock import SystemClock

_BATCH = 500
# aiohttp's own, and the service's.
_CONNECTIONS, _TUNED_CONNECTIONS = 100, 256
_TOO_MANY = 429
_HEADERS = {"x-api-key": API_KEY, "x-brand-key": BRAND_KEY}


@dataclass(frozen=True, slots=True)
class Options:
    """`per_second`: the most calls in a second of its own clock; 0: as many as it can. `tuned`: with all that makes it faster."""

    kafka: str
    topic: str
    group: str
    vendor: str
    per_second: int = 0
    tuned: bool = False


class _Told(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Says on the standard output what it got: whoever started it waits for that."""

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing is given back: the batch goes on."""

    def on_partitions_assigned(self, assigned: Any) -> None:
        """One line."""
        numbers = sorted(partition.partition for partition in assigned)
        print(orjson.dumps({"at": SystemClock().now(), "partitions": numbers}).decode(), flush=True)


class Window:
    """A fixed window, as in many a first version: so many (0: any number) in each second of the clock."""

    def __init__(
        self,
        most: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most = most
        self._clock = clock
        self._sleep = sleep
        self._second = 0
        self._used = 0

    async def enter(self) -> None:
        """Wait until another may leave."""
        while self._most:
            now = self._clock()
            if int(now) != self._second:
                self._second, self._used = int(now), 0
            if self._used < self._most:
                self._used += 1
                return
            await self._sleep(self._second + 1 - now)


async def run(options: Options) -> None:
    """Until it is killed."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=options.kafka,
        group_id=options.group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    consumer.subscribe([options.topic], listener=_Told())
    await consumer.start()
    window = Window(options.per_second)
    url = f"{options.vendor}/event-generators/{GENERATOR}/run"
    tuned = options.tuned
    loads = orjson.loads if tuned else json.loads
    connector = aiohttp.TCPConnector(limit=_TUNED_CONNECTIONS if tuned else _CONNECTIONS)
    headers = _HEADERS | ({"content-type": "application/json"} if tuned else {})
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        while True:
            batch = await consumer.getmany(timeout_ms=250, max_records=_BATCH)
            if not batch:
                continue
            events = [loads(record.value) for records in batch.values() for record in records]
            async with asyncio.TaskGroup() as group:
                for event in events:
                    if event["type"] == WANTED:
                        group.create_task(_call(session, window, url, event, tuned=tuned))
            with suppress(
                KafkaError
            ):  # a rebalance came in between: whoever has the partition now calls all of it again
                await consumer.commit()


async def _call(session: aiohttp.ClientSession, window: Window, url: str, event: Any, *, tuned: bool) -> None:
    body = {"topic_key": TEAMS[event["team"]["id"]], "context": context_of(event)}
    sent: dict[str, Any] = {"data": orjson.dumps(body)} if tuned else {"json": body}
    while True:
        await window.enter()
        async with session.post(url, **sent) as response:
            await (response.read() if tuned else response.json())
            if response.status != _TOO_MANY:
                response.raise_for_status()
                return
        await asyncio.sleep(float(response.headers.get("Retry-After", "1")))


if __name__ == "__main__":
    asked = Options(**json.loads(sys.argv[1]))
    (uvloop.run if asked.tuned else asyncio.run)(run(asked))
