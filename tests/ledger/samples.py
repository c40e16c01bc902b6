"""Records of made-up triggers. A trigger, an attempt and an execution each go by a short name."""

from hashlib import blake2b

from ledger.memory import START

from bridge.events import Source
from bridge.ledger.records import (
    About,
    Accepted,
    Attempt,
    Dropped,
    Ended,
    Intent,
    Parked,
    Refused,
    Released,
    Unknown,
)
from bridge.triggers import OnUnknown, Priority, Trigger


def trigger_named(name: str) -> str:
    """Its id."""
    return blake2b(name.encode(), digest_size=16).hexdigest()


def about(offset: int = 0, on_unknown: OnUnknown = OnUnknown.PARK) -> About:
    return About(
        brand="acme",
        route="goal",
        event_generator_id="gen-1",
        topic_key="topic-1",
        event_id="e1",
        source=Source("events", 0, 7),
        event_time=START,
        received=START,
        on_unknown=on_unknown,
        expires_at=START + 300_000,
        offset=offset,
    )


def trigger(name: str = "t") -> Trigger:
    return Trigger(
        id=trigger_named(name),
        brand="acme",
        route="goal",
        event_generator_id="gen-1",
        topic_key="topic-1",
        event_id="e1",
        dedup_key="e1",
        order_by=None,
        priority=Priority.NORMAL,
        on_unknown=OnUnknown.PARK,
        context={"minute": 12, "team": "Ä\u2028"},
        expires_at=START + 300_000,
        event_time=START,
        received=START,
        source=Source("events", 0, 7),
        table="table-1",
    )


def attempt(nonce: str = "a", number: int = 1) -> Attempt:
    return Attempt(nonce, number, START + number)


def intent(
    name: str = "t", nonce: str = "a", number: int = 1, offset: int = 0, policy: OnUnknown = OnUnknown.PARK
) -> Intent:
    return Intent(trigger_named(name), about(offset, policy), attempt(nonce, number))


def unknown(
    name: str = "t", nonce: str = "a", number: int = 1, offset: int = 0, policy: OnUnknown = OnUnknown.PARK
) -> Unknown:
    return Unknown(trigger_named(name), about(offset, policy), attempt(nonce, number), "a test says so")


def released(
    name: str = "t", nonce: str = "a", number: int = 1, offset: int = 0, policy: OnUnknown = OnUnknown.PARK
) -> Released:
    return Released(trigger_named(name), about(offset, policy), attempt(nonce, number), "429")


def accepted(name: str = "t", nonce: str = "a", number: int = 1, offset: int = 0) -> Accepted:
    return Accepted(trigger_named(name), about(offset), attempt(nonce, number), f"execution-{nonce}", START + 10)


def refused(name: str = "t", nonce: str = "a", number: int = 1, offset: int = 0) -> Refused:
    return Refused(trigger_named(name), about(offset), attempt(nonce, number), 400, "bad context", START + 10)


def ended(name: str = "t", nonce: str = "a", number: int = 1, offset: int = 0, *, outcome: str = "published") -> Ended:
    return Ended(
        trigger_named(name),
        about(offset),
        attempt(nonce, number),
        f"execution-{nonce}",
        START + 10,
        outcome,
        None if outcome == "published" else f"it is {outcome}",
        1200,
        None,
        None,
        START + 20,
    )


def dropped(name: str = "t", outcome: str = "expired", offset: int = 0, attempts: int = 0) -> Dropped:
    return Dropped(trigger_named(name), about(offset), outcome, f"it is {outcome}", attempts, START + 30)


def parked(name: str = "t", offset: int = 0) -> Parked:
    return Parked(trigger_named(name), trigger(name), offset, "held")
