"""How to reach Kafka, and waiting for it at the start."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from bridge.errors import KafkaTrouble
from bridge.kafka.credentials import Credentials
from bridge.kafka.headernames import read_any_header_name

log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 5.0
_STOP_DEADLINE = 10.0
# A JoinGroup is answered when the group has formed, which may take the whole rebalance timeout.
_ANSWER_MARGIN = 10_000
_LEAST_REQUEST_TIMEOUT = 30_000
# A rebalance begins for each member with its next heartbeat, and nobody gets anything new before the last one has joined.
_HEARTBEATS_PER_SESSION = 10

Compression = Literal["gzip", "snappy", "lz4", "zstd"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How to reach Kafka. Times are milliseconds.

    `session_timeout`: how long a silent replica is still counted among its group. `rebalance_timeout`: how long the
    group waits for its members to join anew. `max_poll_interval`: how long a member may read nothing and be
    counted. `request_timeout`: of one answer; None fits the rebalance timeout. `metadata_max_age`: how soon a new topic or
    partition is seen. `fetch_...`: bytes of one answer, of one partition in it, and how long the broker waits for a record.
    `compression`: of what is written. `patient`: wait also for credentials that are
    refused. `credentials` is shared by all clients, and changes while they run.
    """

    bootstrap_servers: str
    client_id: str = "campaign-bridge"
    session_timeout: int = 10_000
    rebalance_timeout: int = 60_000
    max_poll_interval: int = 300_000
    request_timeout: int | None = None
    metadata_max_age: int = 30_000
    fetch_max_bytes: int = 52_428_800
    fetch_partition_bytes: int = 1_048_576
    fetch_max_wait: int = 500
    compression: Compression | None = None
    patient: bool = True
    credentials: Credentials = field(default_factory=Credentials)

    def client_options(self) -> dict[str, Any]:
        """What every client of aiokafka takes."""
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": self.client_id,
            "metadata_max_age_ms": self.metadata_max_age,
            "request_timeout_ms": self.request_timeout or least_request_timeout(self.rebalance_timeout),
            **self.credentials.options(),
        }

    def reading_options(self) -> dict[str, Any]:
        """What every consumer takes besides."""
        return {"fetch_max_bytes": self.fetch_max_bytes, "fetch_max_wait_ms": self.fetch_max_wait}

    def group_options(self) -> dict[str, Any]:
        """What a member of a consumer group takes besides."""
        return {
            "session_timeout_ms": self.session_timeout,
            "heartbeat_interval_ms": max(self.session_timeout // _HEARTBEATS_PER_SESSION, 1),
            # It defaults to the session timeout, which is too short to drain in.
            "rebalance_timeout_ms": self.rebalance_timeout,
            "max_poll_interval_ms": self.max_poll_interval,
        }


def least_request_timeout(rebalance_timeout: int) -> int:
    """Milliseconds that an answer must be given: that to a JoinGroup takes as long as the group needs to form."""
    return max(_LEAST_REQUEST_TIMEOUT, rebalance_timeout + _ANSWER_MARGIN)


class Startable(Protocol):
    """A client of aiokafka: producer, consumer or admin."""

    async def start(self) -> None: ...  # noqa: D102 - the names say it


IsolationLevel = Literal["read_committed", "read_uncommitted"]
"""Whether records of transactions that were aborted, or are still open, are read. Own topics hold no transactions; a source
topic may, and what its producer took back must not become a campaign.
"""


def open_producer(
    connection: Connection,
    *,
    linger: int = 0,
    max_request_size: int = 1_048_576,
    max_batch_size: int = 131_072,
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
        compression_type=connection.compression,
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
    """Start, again and again with growing pauses, until Kafka answers and lets us in.

    Raises KafkaTrouble at once for an impatient connection whose credentials are refused.
    """
    read_any_header_name()
    pause = _FIRST_PAUSE
    while True:
        try:
            await client.start()
        except (KafkaError, OSError) as error:
            refusal = connection.credentials.refusal
            if refusal is not None and not connection.patient:
                raise KafkaTrouble(f"Kafka: {refusal}") from error
            if refusal is None:  # which has been told
                where, how = connection.bootstrap_servers, connection.credentials.security
                log.warning("Kafka at %s (%s) cannot be reached, trying again: %s", where, how, error)
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
    finally:
        _hang_up(client)


def _hang_up(client: Any) -> None:
    """Close what a client that was stopped, maybe half, has open still: it would be so for as long as the process lives."""
    inner = getattr(client, "_client", None) or getattr(client, "client", None)  # an admin's is public
    for connection in list(getattr(inner, "_conns", {}).values()):
        connection.close()
