"""The records of the ledger topic: what was decided and what came of it, one line each. Key: the trigger's id.

A *decision* carries the number of its writer's claim, and readers ignore one that lies behind a newer claim. A *fact* is
true whoever writes it, also an owner that has lost the partition. Every end carries all that a result needs, so that a
result can be written again, the same byte for byte, by whoever reads the end. Times are milliseconds since 1970 UTC.
"""

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType

from bridge.events import Source
from bridge.ledger.digest import Digest
from bridge.triggers import OnUnknown, Repeats, Trigger


class About(Struct, frozen=True, gc=False):
    """What a result needs to know of its trigger. `offset` is the trigger's own, on the triggers topic. `trace`: its
    `traceparent`; `test`: whether `bridge send` made it. A record says nothing of either where there is nothing to say.
    """

    brand: str
    route: str
    event_generator_id: str
    topic_key: str
    event_id: str
    source: Source
    event_time: int | None
    received: int
    on_unknown: OnUnknown
    expires_at: int
    offset: int
    repeats: Repeats | None = None
    supersede_by: str | None = None
    trace: str | UnsetType = UNSET
    test: bool | UnsetType = UNSET

    @classmethod
    def of(cls, trigger: Trigger, offset: int) -> "About":
        """About a trigger that lies at `offset` of its partition."""
        return cls(
            brand=trigger.brand,
            route=trigger.route,
            event_generator_id=trigger.event_generator_id,
            topic_key=trigger.topic_key,
            event_id=trigger.event_id,
            source=trigger.source,
            event_time=trigger.event_time,
            received=trigger.received,
            on_unknown=trigger.on_unknown,
            expires_at=trigger.expires_at,
            offset=offset,
            repeats=trigger.repeats,
            supersede_by=trigger.supersede_by,
            trace=UNSET if trigger.trace is None else trigger.trace.parent,
            test=trigger.test or UNSET,
        )


class Attempt(Struct, frozen=True, gc=False):
    """One try to call. `number` counts from 1; `possible_duplicate` when an earlier attempt may have had an effect."""

    nonce: str
    number: int
    called: int
    possible_duplicate: bool = False


class Claim(Struct, frozen=True, gc=False):
    """A replica takes the partition. The record's offset is the claim's number.

    `window` (ms): how long before the last decision under this claim an item may be that is still open. A successor whose
    own window is shorter (its table has other dedup windows) must read back so far.
    """

    kind: ClassVar[str] = "claim"
    replica: str
    window: int = 0


class Intent(Struct, frozen=True, gc=False):
    """A decision: this attempt may be under way from here on."""

    kind: ClassVar[str] = "intent"
    id: str
    about: About
    attempt: Attempt


class Parked(Struct, frozen=True, gc=False):
    """A decision: the trigger waits here instead of on the triggers topic. `offset` is where it lay there."""

    kind: ClassVar[str] = "parked"
    id: str
    trigger: Trigger
    offset: int
    why: str


class Missing(Struct, frozen=True, gc=False):
    """An entry that a lookup does not have."""

    lookup: str
    key: str


class Dropped(Struct, frozen=True, gc=False):
    """A decision: an end without a (further) call. `outcome`: expired, rejected, unmapped, superseded or unknown.

    `possible_duplicate`: whether one of the `attempts` made may have had an effect, as far as was known then. `missing`: why
    it is unmapped.
    """

    kind: ClassVar[str] = "dropped"
    id: str
    about: About
    outcome: str
    reason: str
    attempts: int
    at: int
    possible_duplicate: bool = False
    missing: Missing | None = None


class Unknown(Struct, frozen=True, gc=False):
    """A decision: nobody can know whether the attempt had an effect."""

    kind: ClassVar[str] = "unknown"
    id: str
    about: About
    attempt: Attempt
    why: str


class Carried(Struct, frozen=True, gc=False):
    """A decision: an item, written again before it leaves what a restore reads.

    One item may take several. `doubted`, `written`, `floor`, `overtaken_by`: as in bridge.ledger.item.Item. `since`: in the
    last one, that they tell all that was known of it from before this offset. `at`: of an item that is finished, and only
    waits for late news: the broker's time of its newest record, so that it is forgotten in time; else it is as old as this.
    """

    kind: ClassVar[str] = "carried"
    id: str
    records: tuple["Record", ...]
    doubted: bool = False
    written: int = 0
    floor: int = 0
    overtaken_by: str | UnsetType = UNSET
    since: int | UnsetType = UNSET
    at: int | UnsetType = UNSET


class Released(Struct, frozen=True, gc=False):
    """A fact: the attempt certainly had no effect."""

    kind: ClassVar[str] = "released"
    id: str
    about: About
    attempt: Attempt
    why: str


class Accepted(Struct, frozen=True, gc=False):
    """A fact: the vendor made an execution."""

    kind: ClassVar[str] = "accepted"
    id: str
    about: About
    attempt: Attempt
    execution_id: str
    at: int


class Refused(Struct, frozen=True, gc=False):
    """A fact: the vendor turned this event down for good."""

    kind: ClassVar[str] = "refused"
    id: str
    about: About
    attempt: Attempt
    status: int
    text: str
    at: int


class Ended(Struct, frozen=True, gc=False):
    """A fact: how an execution ended (published, failed, lost, unresolved). Its result was written before this."""

    kind: ClassVar[str] = "ended"
    id: str
    about: About
    attempt: Attempt
    execution_id: str
    accepted: int
    outcome: str
    reason: str | None
    audience_size: int | None
    error_code: str | None
    error_message: str | None
    at: int


class Reported(Struct, frozen=True, gc=False):
    """A fact: the result of a trigger that was parked is written."""

    kind: ClassVar[str] = "reported"
    id: str


Decision = Intent | Parked | Dropped | Unknown | Carried | Digest
Fact = Released | Accepted | Refused | Ended | Reported
OfAttempt = Intent | Unknown | Released | Accepted | Refused | Ended
Record = Claim | Decision | Fact

_DECISIONS = frozenset((Intent, Parked, Dropped, Unknown, Carried, Digest))


class Line(Struct, frozen=True, gc=False):
    """A record with the claim that it was written under; None for claims and facts. `digest`: in a decision, the offset of
    the newest seal that its writer knew to be sound.
    """

    record: Record
    claim: int | None
    digest: int | None = None


def is_decision(record: Record) -> bool:
    """Whether the record counts only under the newest claim."""
    return type(record) in _DECISIONS
