"""What the vendor's answers can mean: two closed unions, for `match` with `assert_never`."""

from dataclasses import dataclass
from typing import ClassVar

from msgspec import Struct


class Accepted(Struct, frozen=True, gc=False):
    """The vendor made an execution. `status`: any 2xx, which all mean the same."""

    execution_id: str
    status: int = 202


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not a byte of the request left this process."""

    why: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """429. Milliseconds to wait (1 s to 5 min), None where the vendor doesn't say."""

    status: ClassVar[int] = 429
    retry_after_ms: int | None


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """Turned away for what this one event holds. `text` is the vendor's, cut and redacted."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class RefusedRoute:
    """Turned away for what the route's generator is."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class RefusedBrand:
    """Turned away for the brand's keys, or because `vendor.base_url` is not where the vendor is."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """An execution may have been made, or not; nobody can look it up. `status` is None where no answer came."""

    why: str
    status: int | None


RunAnswer = Accepted | NotSent | Throttled | RefusedEvent | RefusedRoute | RefusedBrand | Unknown


@dataclass(frozen=True, slots=True)
class Running:
    """Not ended. `status` is the vendor's word: queued, processing, or one that its page doesn't list."""

    status: str


@dataclass(frozen=True, slots=True)
class Published:
    """Handed to the vendor's delivery; never "delivered". `at`: ms since 1970 UTC. None: the vendor doesn't say."""

    audience: int | None
    at: int | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The execution failed. All but the fact is optional."""

    code: str | None
    message: str | None
    audience: int | None
    at: int | None


@dataclass(frozen=True, slots=True)
class NotFound:
    """404: no such execution, or not yet."""


@dataclass(frozen=True, slots=True)
class PollThrottled:
    """429. As Throttled."""

    retry_after_ms: int | None


@dataclass(frozen=True, slots=True)
class PollRefused:
    """401 or 403: about the key, not about the execution."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class PollError:
    """Nothing was learned. Ask again later."""

    why: str


StatusAnswer = Running | Published | Failed | NotFound | PollThrottled | PollRefused | PollError
