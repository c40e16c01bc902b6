"""A hold: what must wait, why, and until when."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from types import UnionType

import orjson


class Reason(StrEnum):
    """Why something is held; the later ones yield to the earlier ones of the same scope."""

    OPERATOR = "operator"
    UNAUTHORIZED = "unauthorized"  # the keys don't work: a status request for an execution that can't exist tells when
    FORBIDDEN = "forbidden"  # the keys may not run campaigns: one waiting trigger at a time tells when
    MISCONFIGURED = "misconfigured"  # 404 or 422: the generator is wrong
    LIMIT = "limit"  # the route's own limit
    THROTTLED = "throttled"  # 429


EVERYTHING = "all"


@lru_cache(maxsize=4_096)
def brand_scope(brand: str) -> str:
    """The scope of a brand."""
    return f"brand/{brand}"


@lru_cache(maxsize=4_096)
def route_scope(route: str) -> str:
    """The scope of a route."""
    return f"route/{route}"


_TYPES: Mapping[str, type | UnionType] = {
    **dict.fromkeys(("scope", "detail", "by"), str),
    "at": int,
    "until": int | None,
    "fingerprint": str | None,
    "part": int | float | None,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold on `scope`. Times are milliseconds since 1970 UTC; `until` None: until released.

    `fingerprint` is the held route's configuration: a new one releases the hold. `part`: of a throttled brand, the part of
    its rate (above 0, at most 1) with which it goes on.
    """

    scope: str
    reason: Reason
    detail: str
    by: str
    at: int
    until: int | None = None
    fingerprint: str | None = None
    part: float | None = None

    def holds_at(self, now: int) -> bool:
        """Whether it is in force at `now`."""
        return self.until is None or now < self.until

    def encode(self) -> bytes:
        """The value of its record in the control topic."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, value: bytes) -> "Hold":
        """The hold in a record's value. Of a newer release, what is not known is left out, and a reason that is not known
        is taken for an operator's: only a person ends it. Raises ValueError, KeyError or TypeError when it is no hold.
        """
        fields = orjson.loads(value)
        known = {name: fields[name] for name in cls.__slots__ if name in fields}
        for name, wanted in _TYPES.items():
            if not isinstance(known.get(name), wanted) or isinstance(known.get(name), bool):
                raise TypeError(f"a hold's {name} is not {type(known.get(name)).__name__}")
        known["reason"] = Reason(fields["reason"]) if fields["reason"] in list(Reason) else Reason.OPERATOR
        return cls(**known)

    def yields_to(self, other: "Hold", now: int) -> bool:
        """Whether `other` replaces this one: this one is over, or `other` weighs more, or as much and lasts longer."""
        if not self.holds_at(now):
            return True
        weights = list(Reason)
        mine, theirs = weights.index(self.reason), weights.index(other.reason)
        if theirs != mine:
            return theirs < mine
        return self.until is not None and (other.until is None or other.until > self.until)
