"""The reference of the filter: read everything with aiokafka's `getmany`, make objects of it with orjson, and no more.

python -m bench.raw KAFKA TOPIC COUNT
"""

import resource
import sys
import time

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition


async def read(kafka: str, topic: str, count: int) -> dict[str, float]:
    """Events a second and the CPU-seconds of it, from the first batch on."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - nothing else waits for a topic without a group
        consumer.assign([TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)])
        seen, wanted, began, cpu = 0, 0, time.perf_counter(), time.process_time()
        while seen < count:
            for records in (await consumer.getmany(timeout_ms=250)).values():
                seen += len(records)
                wanted += sum(orjson.loads(record.value)["type"] == "goal" for record in records)
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
    finally:
        await consumer.stop()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {"rate": seen / seconds, "cpu": used, "peak": peak, "wanted": wanted}


if __name__ == "__main__":
    print(orjson.dumps(uvloop.run(read(sys.argv[1], sys.argv[2], int(sys.argv[3])))).decode())
