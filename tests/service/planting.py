"""The topics of a finished run, copied under another service's name, and changed by hand on the way."""

from collections.abc import Callable
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka.cluster import admin, read_topic
from service.service import PARTITIONS, Service

from bridge.kafka.connection import Connection
from bridge.kafka.provisioning import provide_topics
from bridge.kafka.topics import TopicNames, TopicPlan

Change = Callable[[str, dict[str, Any]], list[dict[str, Any]]]
"""What to write in place of a topic's record, both decoded."""


async def copy_changed(service: Service, to: str, change: Change) -> None:
    """All that an audit reads. Records keep their partitions and their order, so claims keep their offsets unless something
    is taken out before them.
    """
    plan = TopicPlan(names=TopicNames(to), partitions=PARTITIONS, replication=1)
    await provide_topics(Connection(bootstrap_servers=service.kafka), plan)
    producer = AIOKafkaProducer(bootstrap_servers=service.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for topic in ("triggers", "ledger", "results"):
            for record in await read_topic(service.kafka, f"{service.name}.{topic}"):
                for value in change(topic, orjson.loads(record.value)):
                    written = orjson.dumps(value)
                    await producer.send(f"{to}.{topic}", written, key=record.key, partition=record.partition)
        await producer.flush()
    finally:
        await producer.stop()
    await _commit_as(service, to)


async def _commit_as(service: Service, to: str) -> None:
    async with admin(service.kafka) as client:
        committed = await client.list_consumer_group_offsets(f"{service.name}.dispatch")
    consumer = AIOKafkaConsumer(bootstrap_servers=service.kafka, group_id=f"{to}.dispatch", enable_auto_commit=False)
    await consumer.start()
    try:
        places = {TopicPartition(f"{to}.triggers", where.partition): at.offset for where, at in committed.items()}
        consumer.assign(list(places))
        await consumer.commit(places)
    finally:
        await consumer.stop()
