"""Puts the events of events.jsonl onto their Kafka topic, as the service that owns them would. Each happens now.

python publish.py, with the Python that campaign-bridge is installed in.
"""

import asyncio
import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

KAFKA = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
TOPIC = "streaming.creator-events"

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it complains of a topic that has only just been made


async def main() -> None:
    """Make the topic if it is not there, and publish the events in order, each acknowledged."""
    admin = AIOKafkaAdminClient(bootstrap_servers=KAFKA)
    await admin.start()
    try:
        if TOPIC not in await admin.list_topics():
            await admin.create_topics([NewTopic(TOPIC, num_partitions=3, replication_factor=1)])
    finally:
        await admin.close()
    lines = Path(__file__).with_name("events.jsonl").read_text(encoding="utf-8").splitlines()
    async with AIOKafkaProducer(bootstrap_servers=KAFKA) as producer:
        for line in lines:
            event = json.loads(line)
            event["occurred_at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
            await producer.send_and_wait(TOPIC, json.dumps(event).encode())
            print(f"published {event['id']} ({event['type']})")


asyncio.run(main())
