"""The results contract: one outcome a trigger on `<name>.results`, keyed by the event id."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from bridge.durations import format_instant

OutcomeName = Literal[
    "published", "failed", "rejected", "unmapped", "expired", "unknown", "lost", "unresolved", "superseded"
]


def _instant(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else format_instant(milliseconds)


_Written = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Instant = Annotated[int | None, PlainSerializer(_instant, return_type=_Written | None)]


# Every field is always written, so a schema of what is written requires them all.
_CONTRACT = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class ResultSource(BaseModel):
    """Where the event was read."""

    model_config = _CONTRACT

    topic: str = Field(description="Source topic.")
    partition: int = Field(description="Partition of the source topic; -1 of a test.")
    offset: int = Field(description="Offset of the event in that partition; -1 of a test.")


class ResultTimes(BaseModel):
    """What happened when: RFC 3339 in UTC, with milliseconds. What is not known is null."""

    model_config = _CONTRACT

    event: Instant = Field(default=None, description="When it happened, as the event says.")
    received: Instant = Field(default=None, description="When the bridge read the event.")
    called: Instant = Field(
        default=None, description="When the vendor was called, for the attempt that decided the outcome."
    )
    accepted: Instant = Field(default=None, description="When the vendor accepted the call.")
    ended: Instant = Field(default=None, description="When the outcome came to be.")


class Missing(BaseModel):
    """An entry that a lookup does not have, so that there is no topic to send to."""

    model_config = _CONTRACT

    lookup: str = Field(description="Lookup of the routing table.")
    key: str = Field(description="Key that it has no entry for.")


class Outcome(BaseModel):
    """What became of one trigger.

    A trigger may get more than one record: a repetition with the same `result_id` (after a crash), or better news with a
    higher `revision`. The highest revision is the outcome, and of equal ones the first.
    """

    model_config = _CONTRACT

    result_id: str = Field(description="The same for repetitions of one result: derived from trigger id and revision.")
    revision: int = Field(ge=1, le=7, description="Rank of the outcome; a later record counts only when it is higher.")
    trigger_id: str = Field(description="Id of the trigger: brand, route, topic key and dedup key, hashed.")
    outcome: OutcomeName = Field(description="What became of it. `published` means handed to the delivery pipeline.")
    reason: str | None = Field(description="Why, for a person, where the outcome is not `published`.")
    brand: str = Field(description="Brand in whose name the call was made.")
    route: str = Field(description="Route that decided.")
    event_generator_id: str = Field(description="The vendor's id of the campaign's event generator.")
    topic_key: str | None = Field(description="Preference Centre topic; null where it could not be found out.")
    event_id: str = Field(description="Id of the event, as its producer gave it. Also the record's key.")
    source: ResultSource = Field(description="Where the event was read.")
    execution_id: str | None = Field(description="The vendor's id of the execution.")
    audience_size: int | None = Field(
        description="Subscribers in its audience, as the vendor counts them; null where it did not say."
    )
    error_code: str | None = Field(description="The vendor's error code, or its HTTP status.")
    error_message: str | None = Field(description="The vendor's error text, cut to 500 characters.")
    attempts: int = Field(ge=0, description="Calls made, as far as is known.")
    possible_duplicate: bool = Field(description="Whether another attempt may have reached people, too.")
    repeats: str | None = Field(
        default=None,
        description="Id of the trigger that this one repeats, because a person had it sent again; null for all others.",
    )
    missing: Missing | None = Field(
        default=None, description="Of an unmapped one the entry to make; null for all others."
    )
    test: bool = Field(
        default=False,
        description="Whether a person made it to try a route, with `bridge send`: of no event that was "
        "published, and to a topic of their choice.",
    )
    times: ResultTimes = Field(description="What happened when.")
