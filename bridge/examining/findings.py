"""What `bridge doctor` found: one line for each thing that was looked at. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at, and what is to be said of it: what is wrong and what to do, where something is."""

    what: str
    grade: Grade
    says: str


def fine(findings: Iterable[Finding]) -> bool:
    """Whether a replica would work: warnings are for people."""
    return all(one.grade is not Grade.ERROR for one in findings)


def mode(service: str, routes: Mapping[str, str]) -> Finding:
    """Who calls nobody, by the mode of the service and those of its routes: what is forgotten in shadow is silent."""
    if service == "shadow":
        return Finding("mode", Grade.WARNING, "shadow: events are decided and counted, and nobody is called")
    quiet = [f"{name} {one}" for name, one in routes.items() if one != "live"]
    if not quiet:
        return Finding("mode", Grade.OK, "live, with all routes")
    calling = len(routes) - len(quiet)
    says = f"live, with {calling} of {len(routes)} routes; the others call nobody: {', '.join(quiet)}"
    return Finding("mode", Grade.OK if calling else Grade.WARNING, says)


# A clock that is wrong makes events late or ahead: they are rejected from 5 minutes ahead on, and expire too early or too late.
_UNEASY, _WRONG = 2_000, 60_000


def clock(whose: str, ours: int, theirs: int) -> Finding:
    """Of two clocks (ms since 1970 UTC), read at about the same moment; `whose` the other is."""
    ahead = ours - theirs
    says = f"{abs(ahead) / 1000:.1f} s {'ahead of' if ahead > 0 else 'behind'} {whose}"
    if abs(ahead) < _UNEASY:
        return Finding("clock", Grade.OK, f"as that of {whose}")
    hint = "check NTP on this machine: expires_after and the times of events are judged by its clock"
    return Finding("clock", Grade.ERROR if abs(ahead) >= _WRONG else Grade.WARNING, f"{says}: {hint}")
