"""What the answer to a status request means for the execution. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from bridge.holds.model import Reason
from bridge.ledger.item import UNRESOLVED
from bridge.ledger.records import Accepted, Ended
from bridge.vendor import answers
from bridge.vendor.answers import StatusAnswer

# What the vendor says itself of the end.
REAL_ENDS = frozenset({"published", "failed"})
# How long a brand waits after a 429 that doesn't say, ms.
_DEFAULT_PAUSE = 1_000


@dataclass(frozen=True, slots=True)
class Following:
    """How long an execution is followed. Milliseconds: `deadline` after its acceptance the outcome is `unresolved`
    (docs/vendor.md #12), and up to `corrections` after it is asked about all the same, now and then; a 404 within `lag` of it
    is not believed (docs/vendor.md #10).
    """

    deadline: int
    lag: int
    corrections: int


@dataclass(frozen=True, slots=True)
class NotYet:
    """Ask again."""


@dataclass(frozen=True, slots=True)
class HoldBrand:
    """The answer is about the brand, not about the execution: hold it, and ask again afterwards."""

    reason: Reason
    detail: str
    until: int | None


def execution(end: Accepted | Ended) -> Accepted:
    """The execution as it was accepted."""
    if isinstance(end, Accepted):
        return end
    return Accepted(end.id, end.about, end.attempt, end.execution_id, end.accepted)


def judge(accepted: Accepted, answer: StatusAnswer, now: int, following: Following) -> Ended | NotYet | HoldBrand:
    """What follows from an answer that came at `now` (ms)."""
    match answer:
        case answers.Published(audience, at):
            return _ended(accepted, "published", now, at=at, audience=audience)
        case answers.Failed(code, message, audience, at):
            return _ended(accepted, "failed", now, at=at, audience=audience, code=code, message=message)
        case answers.NotFound() if now - accepted.at > following.lag:
            return _ended(accepted, "lost", now, reason="the vendor does not know the execution that it accepted")
        case answers.PollThrottled(retry_after):
            until = now + (_DEFAULT_PAUSE if retry_after is None else retry_after)
            return HoldBrand(Reason.THROTTLED, "429 on a status request", until)
        case answers.PollRefused(status, text):
            # A status request of an execution that can't exist will tell when it works again, so not FORBIDDEN.
            return HoldBrand(Reason.UNAUTHORIZED, f"{status} on a status request: {text}", None)
        case answers.NotFound() | answers.Running() | answers.PollError():
            return NotYet()
    assert_never(answer)


def overdue(accepted: Accepted, now: int, following: Following) -> Ended | None:
    """The end of an execution that did not end in time."""
    if now - accepted.at < following.deadline:
        return None
    return _ended(accepted, UNRESOLVED, now, reason="the vendor did not tell in time how the execution ended")


def _ended(
    accepted: Accepted,
    outcome: str,
    now: int,
    *,
    at: int | None = None,
    reason: str | None = None,
    audience: int | None = None,
    code: str | None = None,
    message: str | None = None,
) -> Ended:
    # The vendor's clock may be wrong: a time that can't be is not believed.
    ended = at if at is not None and accepted.at <= at <= now else now
    return Ended(
        accepted.id,
        accepted.about,
        accepted.attempt,
        accepted.execution_id,
        accepted.at,
        outcome,
        reason or message or code,
        audience,
        code,
        message,
        ended,
    )


END_NAMES: Mapping[type[StatusAnswer], str] = {
    answers.Running: "running",
    answers.Published: "published",
    answers.Failed: "failed",
    answers.NotFound: "not_found",
    answers.PollThrottled: "throttled",
    answers.PollRefused: "refused_brand",
    answers.PollError: "error",
}
