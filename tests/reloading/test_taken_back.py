"""A lookup does not learn what a transaction took back."""

from kafka.cluster import make_topic
from kafka.foreign import librdkafka

from bridge.kafka import Connection
from bridge.reloading.lookups import TopicLookups
from bridge.routing.live import FromTopic
from bridge.routing.lookups import Lookup


async def test_entries_of_a_transaction_that_was_aborted_or_is_open_are_none(kafka: str, unique: str) -> None:
    await make_topic(kafka, unique, 1, {"cleanup.policy": "compact"})
    origin, lookups = FromTopic(unique, None), TopicLookups()
    with librdkafka(kafka, transactional_id=unique) as producer:
        producer.init_transactions(30)
        for key, end in (("GER", producer.commit_transaction), ("FRA", producer.abort_transaction), ("ARG", None)):
            producer.begin_transaction()
            producer.produce(unique, b"topic", key)
            producer.flush(30)
            if end is not None:
                end(30)
        await lookups.read(
            [Lookup("teams", lookups.entries(origin).entries, origin=origin)], Connection(bootstrap_servers=kafka)
        )
        assert lookups.entries(origin).entries == {"GER": "topic"}
        producer.abort_transaction(30)
