"""The trigger: what intake decides and dispatch acts on. One record of the `<name>.triggers` topic.

A trigger's id says what it is about, never when it was seen: brand, route, topic key as the route refers to it, and the
dedup key. So a redelivered record, a producer's duplicate and a replayed topic all make the same id.
"""

import re
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec
import orjson
from msgspec import Struct, structs

from bridge.events import Source
from bridge.tracecontext import Trace, parse


class Priority(StrEnum):
    """Which of the waiting triggers is called first."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class OnUnknown(StrEnum):
    """What becomes of a trigger when nobody can know whether its call had an effect."""

    PARK = "park"
    RESEND = "resend"


class Rejected(Struct, frozen=True, gc=False, tag_field="outcome", tag="rejected"):
    """A verdict: the event, the contract or the clock forbids the call. `reason` names route, field and type."""

    reason: str


class Unmapped(Struct, frozen=True, gc=False, tag_field="outcome", tag="unmapped"):
    """A verdict: a lookup has no entry for the key. `reason` says which lookup and key. `topic`: it is the topic key that is
    missing, and nothing else is.
    """

    lookup: str
    key: str
    reason: str
    topic: bool = False


Verdict = Rejected | Unmapped


class Limit(Struct, frozen=True, gc=False):
    """At most `max_calls` in any `per` milliseconds, counted by route or by topic key; above it the route is held."""

    max_calls: int
    per: int
    by: str


class Repeats(Struct, frozen=True, gc=False):
    """What a trigger repeats, because a person asked for it (`bridge resend`, `bridge redrive`): the original `trigger`,
    for the `number`-th time, from 1. `doubtful`: whether it may have had an effect already, as far as was known then.
    """

    trigger: str
    number: int
    doubtful: bool


class Trigger(Struct, frozen=True, gc=False):
    """One call to make, or, with a `verdict`, one that must not be made. Times are milliseconds since 1970 UTC.

    `topic_key` is what is sent; empty where a verdict left it unknown. `expires_at` is the moment after which no
    attempt may start. `table` is the hash of the routing table that decided. `supersede_by`: a newer trigger of the same
    route, topic key and value replaces this one while it waits; None where the route does not say so. `trace`: what it goes on
    with for OpenTelemetry; None where tracing is off. `test`: a person made it with `bridge send`, of no event of a topic.
    """

    id: str
    brand: str
    route: str
    event_generator_id: str
    topic_key: str
    event_id: str
    dedup_key: str
    order_by: str | None
    priority: Priority
    on_unknown: OnUnknown
    context: dict[str, Any]
    expires_at: int
    event_time: int | None
    received: int
    source: Source
    table: str
    limit: Limit | None = None
    verdict: Verdict | None = None
    repeats: Repeats | None = None
    supersede_by: str | None = None
    trace: Trace | None = None
    test: bool = False

    def partition(self, partitions: int) -> int:
        """The triggers partition (0 to `partitions` - 1) that it belongs to: by its order_by value, else by its supersede_by
        value, so that what replaces another meets it in one place, else by its dedup key.
        """
        return partition_of(self.supersede_by if self.order_by is None else self.order_by, self.dedup_key, partitions)

    def with_topic(self, topic_key: str | None) -> "Trigger":
        """For a topic that was made because it lacked one; as it is, if it lacked none, or still does.

        What is known of its attempts names that topic, and its own record does not.
        """
        lacks_it = isinstance(self.verdict, Unmapped) and self.verdict.topic
        return structs.replace(self, topic_key=topic_key, verdict=None) if topic_key and lacks_it else self

    def encode(self) -> bytes:
        """The record's value. Its key is the id."""
        value = structs.asdict(self)
        value["source"] = structs.asdict(self.source)
        if self.limit is not None:
            value["limit"] = structs.asdict(self.limit)
        if self.verdict is not None:
            value["verdict"] = {**structs.asdict(self.verdict), "outcome": self.verdict.__struct_config__.tag}
        if self.repeats is not None:
            value["repeats"] = structs.asdict(self.repeats)
        # What is not there takes no room: tracing costs nothing where it is off.
        if self.trace is None:
            del value["trace"]
        if not self.test:
            del value["test"]
        return orjson.dumps(value)

    @classmethod
    def decode(cls, value: bytes) -> "Trigger":
        """The trigger in a record's value. Raises ValueError when it is none.

        Fields that this release does not know are left out: a newer one, being rolled out, may add some that do no harm
        when they are.
        """
        try:
            found = _read(value)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ValueError(str(error)) from error
        if not _ID.fullmatch(found.id):
            raise ValueError("a trigger's id is 32 hexadecimal digits")
        if not (found.brand and found.route and found.event_generator_id):
            raise ValueError("a trigger names its brand, its route and its generator")
        return found


_DECODER = msgspec.json.Decoder(Trigger)


def _read(value: bytes) -> Trigger:
    """Of the types that it says. Its trace must not make it unreadable: one that is none is left out. Raises MsgspecError."""
    try:
        found = _DECODER.decode(value)
    except msgspec.ValidationError:
        fields = msgspec.json.decode(value)
        if not isinstance(fields, dict):
            raise
        trace = Trace.read(fields.pop("trace", None))
        return structs.replace(msgspec.convert(fields, Trigger), trace=trace)
    if found.trace is not None and parse(found.trace.parent) is None:
        return structs.replace(found, trace=None)
    return found


_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def trigger_id(brand: str, route: str, topic_key_reference: str, dedup_key: str) -> str:
    """32 hexadecimal digits: blake2b-128 over the parts, each with its length before it, so that no two lists of parts
    run together to the same text.

    `topic_key_reference` is the topic key as the route refers to it (`teams/GER`, or the text itself), so that a
    lookup that was reloaded meanwhile changes nothing.
    """
    parts = [part.encode("utf-8", "surrogatepass") for part in (brand, route, topic_key_reference, dedup_key)]
    whole = b"".join([len(part).to_bytes(4, "big") + part for part in parts])
    return blake2b(whole, digest_size=16).hexdigest()


@lru_cache(maxsize=4_096)  # a wave's are asked for twice: before the intents and before the calls
def repetition_id(original: str, number: int) -> str:
    """The id of the `number`-th repetition of the trigger `original`; 0 is that trigger itself.

    Asking twice before the first has ended makes the same id, and so one call (docs/architecture.md, Repetitions).
    """
    return original if number == 0 else blake2b(f"{original}/repetition/{number}".encode(), digest_size=16).hexdigest()


def partition_of(order: str | None, dedup_key: str, partitions: int) -> int:
    """The triggers partition (0 to `partitions` - 1): by what must meet in one place, or else by the dedup key.

    Computed here, never by a client library from live metadata: a trigger that changed its partition would meet a
    ledger that does not know it.
    """
    text = dedup_key if order is None else order
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % partitions
