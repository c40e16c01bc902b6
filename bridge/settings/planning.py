"""What the settings say of the own topics."""

from collections.abc import Iterable

from bridge.kafka.topics import TopicNames, TopicPlan
from bridge.settings.model import Settings


def topic_plan(settings: Settings, sources: Iterable[str]) -> TopicPlan:
    """The own topics as a replica makes and checks them; `sources` are the topics that it reads."""
    topics = settings.topics
    return TopicPlan(
        names=TopicNames(settings.name),
        create=topics.create,
        partitions=topics.partitions,
        replication=topics.replication,
        max_message_bytes=topics.max_message_bytes,
        triggers_retention=topics.retention.triggers,
        ledger_retention=topics.retention.ledger,
        results_retention=topics.retention.results,
        dead_letters_retention=topics.retention.dead_letters,
        sources=frozenset(sources),
    )
