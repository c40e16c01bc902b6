"""The shape of what stands inside of contracts and contexts: fields, and times and numbers with their format."""

from typing import Annotated, Any, Literal

from pydantic import Field

from bridge.routing.kinds import Shape, Text, part


class ContractFieldShape(Shape):
    """A field of a contract, the long way."""

    type: Text = Field(
        description="the type: one of the simple ones, or `list of` one of them", json_schema_extra=part("type")
    )
    required: Annotated[bool, Field(strict=True)] = Field(
        default=True, description="false: the field is left out when the event lacks it"
    )
    of: Any = Field(
        default=None,
        description="with type array: what each item is, a type or {type, ...}",
        json_schema_extra=part("field"),
    )
    fields: dict[str, Any] | None = Field(
        default=None,
        description="with type object: its fields, as those of a contract",
        json_schema_extra=part("fields"),
    )
    description: Text = Field(default="", description="what it is, for marketing: `bridge contract` shows it")


class WrittenTimeShape(Shape):
    """A time of the event as people write it."""

    time: Any = Field(
        description='the moment: a reference as in "{occurred_at}", or {cel: ...}', json_schema_extra=part("referred")
    )
    format: Text = Field(
        description="how it is written, as in HH:mm or EEEE d MMMM (CLDR date patterns; words in single quotes)"
    )
    zone: Text = Field(description="whose clocks, as in Europe/Berlin or UTC")
    locale: Text = Field(default="en", description="the language of names of days and months, as in de or pt-BR")
    unit: Literal["rfc3339", "epoch_ms", "epoch_s"] = Field(
        default="rfc3339", description="how the event writes it: RFC 3339 with a zone, or a number since 1970 UTC"
    )


class WrittenNumberShape(Shape):
    """A number of the event as people write it."""

    number: Any = Field(
        description='the number: a reference as in "{price}", or {cel: ...}', json_schema_extra=part("referred")
    )
    decimals: Annotated[int, Field(strict=True, ge=0, le=10)] | None = Field(
        default=None, description="digits after the point; half is rounded up. Default: those of the currency"
    )
    currency: Text = Field(default="", description="the ISO 4217 code of an amount, as in EUR")
    locale: Text = Field(default="en", description="the language of points, commas and signs, as in de or pt-BR")
