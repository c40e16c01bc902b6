"""Kafka, thin over aiokafka. Nothing outside this package imports aiokafka."""

from bridge.kafka.answers import NoAnswer, NotAMember, OutOfRange
from bridge.kafka.connection import Connection, open_producer, running
from bridge.kafka.consumer import GroupConsumer
from bridge.kafka.membership import Member, Partitions
from bridge.kafka.producer import Ack, Producer
from bridge.kafka.records import Headers, NewRecord, Record, TopicPartition

__all__ = [
    "Ack",
    "Connection",
    "GroupConsumer",
    "Headers",
    "Member",
    "NewRecord",
    "NoAnswer",
    "NotAMember",
    "OutOfRange",
    "Partitions",
    "Producer",
    "Record",
    "TopicPartition",
    "open_producer",
    "running",
]
