"""A trigger as a record that its topic takes."""

from msgspec import structs

from bridge.kafka import NewRecord
from bridge.triggers import Rejected, Trigger

# Of what identifies an event, this much is kept when all of it does not fit.
_LONGEST_TEXT = 256


def trigger_record(trigger: Trigger, topic: str, partitions: int, limit: int) -> tuple[NewRecord, Trigger]:
    """The record, and the trigger that it holds: one larger than `limit` bytes becomes a rejected one.

    Its partition follows from the trigger as it was decided, so that it stays the same.
    """
    partition = trigger.partition(partitions)
    key = trigger.id.encode()
    try:
        record = NewRecord(topic, key, trigger.encode(), partition=partition)
    except TypeError as error:  # orjson's: what is nested too deep, for instance
        trigger = _rejected(trigger, f"route {trigger.route}: the context cannot be written as JSON: {error}")
        return NewRecord(topic, key, trigger.encode(), partition=partition), trigger
    if record.size() > limit:
        reason = f"route {trigger.route}: the trigger takes {record.size()} bytes, the topic {topic} at most {limit}"
        trigger = _rejected(trigger, reason)
        record = NewRecord(topic, key, trigger.encode(), partition=partition)
    return record, trigger


def _rejected(trigger: Trigger, reason: str) -> Trigger:
    return structs.replace(
        trigger,
        topic_key=trigger.topic_key[:_LONGEST_TEXT],
        event_id=trigger.event_id[:_LONGEST_TEXT],
        dedup_key=trigger.dedup_key[:_LONGEST_TEXT],
        order_by=None if trigger.order_by is None else trigger.order_by[:_LONGEST_TEXT],
        supersede_by=None if trigger.supersede_by is None else trigger.supersede_by[:_LONGEST_TEXT],
        context={},
        verdict=Rejected(reason),
    )
