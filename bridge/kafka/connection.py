"""How to reach Kafka, and waiting for it at the start."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_STOP_DEADLINE = 10.0
# A JoinGroup is answered when the group has formed, which may take the whole rebalance timeout.
_ANSWER_MARGIN = 10_000
_LEAST_REQUEST_TIMEOUT = 30_000
# A rebalance begins for each member with its next heartbeat, and nobody gets anything new before the last one has joined.
_HEARTBEATS_PER_SESSION = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How to reach Kafka. Times are milliseconds.

    `session_timeout`: how long a silent replica is still counted among its group. `rebalance_timeout`: how long the
    group waits for a replica to give up its partitions. `metadata_max_age`: how soon a new topic or partition is seen.
    """

    bootstrap_servers: str
    client_id: str = "campaign-bridge"
    session_timeout: int = 10_000
    rebalance_timeout: int = 60_000
    metadata_max_age: int = 30_000

    def client_options(self) -> dict[str, Any]:
        """What every client of aiokafka takes; security goes here."""
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": self.client_id,
            "metadata_max_age_ms": self.metadata_max_age,
            "request_timeout_ms": max(_LEAST_REQUEST_TIMEOUT, self.rebalance_timeout + _ANSWER_MARGIN),
        }

    def group_options(self) -> dict[str, Any]:
        """What a member of a consumer group takes besides."""
        return {
            "session_timeout_ms": self.session_timeout,
            "heartbeat_interval_ms": max(self.session_timeout // _HEARTBEATS_PER_SESSION, 1),
            # It defaults to the session timeout, which is too short to drain in.
            "rebalance_timeout_ms": self.rebalance_timeout,
        }


class Startable(Protocol):
    """A client of aiokafka: producer, consumer or admin."""

    async def start(self) -> None: ...  # noqa: D102 - the names say it


def open_producer(
    connection: Connection,
    *,
    linger: int = 0,
    max_request_size: int = 1_048_576,
    max_batch_size: int = 131_072,
    compression: Literal["lz4", "zstd", "snappy", "gzip"] | None = None,
) -> AIOKafkaProducer:
    """An idempotent producer with acks=all, not started yet: enter `running()` with it.

    `linger` is milliseconds; `max_request_size` bytes also bounds a single record, uncompressed.
    It retries for ever: whoever waits for an ack needs a deadline. A record that the topic refuses (too large) breaks
    it for good, so sizes must be checked before (`NewRecord.size()`).
    """
    return AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        linger_ms=linger,
        max_request_size=max_request_size,
        max_batch_size=max_batch_size,
        compression_type=compression,
        **connection.client_options(),
    )


@asynccontextmanager
async def running(client: Any, connection: Connection) -> AsyncIterator[Any]:
    """Start a client of aiokafka, waiting for Kafka as long as it takes, and stop it at the end."""
    try:
        await start_when_reachable(client, connection)
        yield client
    finally:
        await stop_within_deadline(client)


async def start_when_reachable(client: Startable, connection: Connection) -> None:
    """Start, again and again with growing pauses, until Kafka answers."""
    pause = _FIRST_PAUSE
    while True:
        try:
            await client.start()
        except (KafkaError, OSError) as error:
            log.warning("Kafka at %s cannot be reached, trying again: %s", connection.bootstrap_servers, error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            return


async def stop_within_deadline(client: Any) -> None:
    """Stop; when Kafka does not answer, give up after 10 s: the group's session timeout says the rest."""
    try:
        async with asyncio.timeout(_STOP_DEADLINE):
            await client.stop()
    except TimeoutError:
        log.warning("a Kafka client did not stop within %.0f s: leaving it to the session timeout", _STOP_DEADLINE)
    except KafkaError as error:
        log.warning("a Kafka client did not stop in order: %s", error)
    except asyncio.CancelledError:
        # It may be that of a task of the client's own; it must not pass for ours, and hide why we stop.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        log.warning("a Kafka client was stopped while it had requests under way")
