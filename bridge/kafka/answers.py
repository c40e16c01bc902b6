"""Asking Kafka with a deadline: aiokafka repeats most requests for ever."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TypeVar

from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from bridge.errors import KafkaTrouble
from bridge.kafka.records import TopicPartition

T = TypeVar("T")

_DEADLINE = 30.0


class NotAMember(KafkaTrouble):
    """The group has gone on without this member: its partitions may have another owner by now."""


class NoAnswer(KafkaTrouble):
    """Kafka did not answer within 30 s; what was asked for may have happened."""


class OutOfRange(KafkaTrouble):
    """The position of some partitions is not in the log (any more): seek them before reading on."""

    def __init__(self, positions: Mapping[TopicPartition, int]) -> None:
        places = ", ".join(f"{partition}/{offset}" for partition, offset in positions.items())
        super().__init__(f"these offsets do not exist (any more): {places}")
        self.positions = positions


async def answer(group: str, what: str, asked: Awaitable[T]) -> T:
    """Kafka's answer to what `group` asked. Raises NotAMember, NoAnswer, or KafkaTrouble when it is refused."""
    try:
        async with asyncio.timeout(_DEADLINE):
            return await asked
    except TimeoutError:
        raise NoAnswer(f"Kafka did not answer group {group} within {_DEADLINE:.0f} s ({what})") from None
    except (CommitFailedError, IllegalStateError) as error:
        raise NotAMember(f"group {group} has gone on without this member ({what}): {error}") from error
    except KafkaError as error:
        raise KafkaTrouble(f"Kafka refused group {group} ({what}): {error}") from error
