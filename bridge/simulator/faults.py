"""What can be made to go wrong. Each fault is a class; its `kind` is its name in JSON.

`made` says whether the execution exists all the same: a call that ended badly may have reached everybody.
"""

from typing import Annotated, Literal, Self, assert_never

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from bridge.simulator.config import RetryAfterForm

Endpoint = Literal["run", "status"]


class _Fault(BaseModel):
    """Which requests a fault hits: the first `count` that fit, each with `probability`. Filters left None fit all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: Literal["run", "status", "any"] = "run"
    count: Annotated[int, Field(ge=1)] | Literal["forever"] = 1
    probability: float = Field(default=1.0, gt=0, le=1)
    brand: str | None = None
    generator: str | None = None
    topic_key: str | None = None

    def fits(self, endpoint: Endpoint, brand: str, generator: str | None, topic_key: str | None) -> bool:
        """Whether a request is of the kind that this fault is for."""
        return (
            self.on in (endpoint, "any")
            and self.brand in (None, brand)
            and self.generator in (None, generator)
            and self.topic_key in (None, topic_key)
        )


class Status(_Fault):
    """An answer of that status. 429 carries Retry-After in the form asked for, `seconds` from now."""

    kind: Literal["status"] = "status"
    status: int = Field(default=500, ge=400, le=599)
    made: bool = False
    retry_after: RetryAfterForm = "seconds"
    seconds: int = Field(default=1, ge=0)


class Reset(_Fault):
    """The connection is reset (RST): before the execution is made or after, or before the body is even read."""

    kind: Literal["reset"] = "reset"
    made: bool = False
    unread: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.unread and (self.made or self.topic_key is not None):
            raise ValueError(
                "what is reset unread makes no execution and has no topic key yet: drop made and topic_key"
            )
        return self


class Close(_Fault):
    """The connection is closed (FIN) without an answer."""

    kind: Literal["close"] = "close"
    made: bool = False


class Hang(_Fault):
    """No answer ever; the connection stays open until the client gives up."""

    kind: Literal["hang"] = "hang"
    made: bool = False


class Slow(_Fault):
    """The right answer, `seconds` late; the execution is made before the wait or after it."""

    kind: Literal["slow"] = "slow"
    seconds: float = Field(default=1.0, ge=0)
    made: bool = True


class Unreadable(_Fault):
    """The execution is made, and a 202 comes that names none."""

    kind: Literal["unreadable_202"] = "unreadable_202"
    on: Literal["run"] = "run"
    body: Literal["empty", "not_json", "no_execution_id"] = "empty"


class Lag404(_Fault):
    """On a run: its status says 404 for `seconds` after acceptance. On status: while the execution is so young."""

    kind: Literal["lag_404"] = "lag_404"
    seconds: float = Field(default=1.0, ge=0)


class UnknownStatus(_Fault):
    """A status that the page does not list. On a run: for the execution's whole life. On status: in this answer."""

    kind: Literal["unknown_status"] = "unknown_status"
    value: str = Field(default="paused", min_length=1)


class NeverEnds(_Fault):
    """On a run: the execution never gets beyond processing. On status: this answer says processing."""

    kind: Literal["never_ends"] = "never_ends"


class Redirect(_Fault):
    """A redirect to `location`. Nothing is made."""

    kind: Literal["redirect"] = "redirect"
    location: str
    status: Literal[301, 302, 303, 307, 308] = 307


class HugeBody(_Fault):
    """The right answer, after a field of `size` bytes."""

    kind: Literal["huge_body"] = "huge_body"
    size: int = Field(default=10_000_000, ge=1, le=100_000_000)


Fault = Annotated[
    Status | Reset | Close | Hang | Slow | Unreadable | Lag404 | UnknownStatus | NeverEnds | Redirect | HugeBody,
    Field(discriminator="kind"),
]
FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)
"""Reads a fault from JSON's values."""


def makes_execution(fault: Fault | None) -> bool:
    """Whether a run that this fault hits makes its execution at once."""
    match fault:
        case None | Unreadable() | Lag404() | UnknownStatus() | NeverEnds() | HugeBody():
            return True
        case Redirect():
            return False
        case Status(made=made) | Reset(made=made) | Close(made=made) | Hang(made=made) | Slow(made=made):
            return made
        case _:
            assert_never(fault)
