"""Kafka, thin over aiokafka. Nothing outside this package imports aiokafka."""

from bridge.kafka.answers import NoAnswer, NotAMember, OutOfRange
from bridge.kafka.connection import Connection, IsolationLevel, open_producer, running
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.membership import Member, Partitions
from bridge.kafka.producer import Ack, Producer, Writing
from bridge.kafka.provisioning import OwnTopics, provide_topics
from bridge.kafka.records import Headers, NewRecord, Record, TopicPartition
from bridge.kafka.topics import TopicNames, TopicPlan
from bridge.kafka.unfolding import bound_unfolding

__all__ = [
    "Ack",
    "Connection",
    "GroupConsumer",
    "Headers",
    "IsolationLevel",
    "Member",
    "NewRecord",
    "NoAnswer",
    "NotAMember",
    "OutOfRange",
    "OwnTopics",
    "Partitions",
    "Producer",
    "Record",
    "TopicNames",
    "TopicPartition",
    "TopicPlan",
    "Writing",
    "open_producer",
    "provide_topics",
    "running",
]

# Before any client reads: whatever reads of Kafka imports this package.
bound_unfolding()
