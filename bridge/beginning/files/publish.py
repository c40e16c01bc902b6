"""Puts the events of events.jsonl onto their Kafka topic, as the service that owns them would. Each happens now.

python publish.py, with the Python that campaign-bridge is installed in.
"""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaProducer

KAFKA = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
TOPIC = "streaming.creator-events"


async def main() -> None:
    """Publish them in order, each acknowledged."""
    lines = Path(__file__).with_name("events.jsonl").read_text(encoding="utf-8").splitlines()
    async with AIOKafkaProducer(bootstrap_servers=KAFKA) as producer:
        for line in lines:
            event = json.loads(line)
            event["occurred_at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
            await producer.send_and_wait(TOPIC, json.dumps(event).encode())
            print(f"published {event['id']} ({event['type']})")


asyncio.run(main())
