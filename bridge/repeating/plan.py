"""What a verb would do, line by line: for a person to look at before anything is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.durations import parse_instant
from bridge.errors import BridgeError
from bridge.repeating.families import Family
from bridge.triggers import Trigger


@dataclass(frozen=True, slots=True)
class Send:
    """It is written to that partition of the triggers."""

    trigger: Trigger
    partition: int


@dataclass(frozen=True, slots=True)
class Asked:
    """It was asked for already, as this trigger, and has no end yet."""

    trigger_id: str


@dataclass(frozen=True, slots=True)
class Left:
    """It is left alone."""

    why: str


Fate = Send | Asked | Left


@dataclass(frozen=True, slots=True)
class Subject:
    """What a line is about. `at` (ms) is when the event was received; `was` how it ended until now."""

    event_id: str
    trigger_id: str
    route: str
    topic_key: str
    was: str
    at: int | None

    @classmethod
    def of(cls, family: Family) -> "Subject":
        """A family that has members, under the id of its original."""
        latest = family.latest or family.members[-1]
        result = latest.result
        reason = result.get("reason")
        told = latest.outcome if reason is None else f"{latest.outcome}: {reason}"
        received = family.members[0].result.received
        return cls(
            result.event_id,
            family.original,
            str(result.fields["route"]),
            str(result.get("topic_key") or ""),
            f"repetition {latest.number} {told}" if latest.number else told,
            None if received is None else parse_instant(received),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One trigger, or one record that may become some, and what becomes of it."""

    subject: Subject
    fate: Fate


@dataclass(frozen=True, slots=True)
class Plan:
    """All lines, in the order of time. `missing`: ids that a person named, and of which nothing is known."""

    lines: Sequence[Line]
    missing: Sequence[str] = ()

    @classmethod
    def of(cls, lines: Iterable[Line], missing: Iterable[str]) -> "Plan":
        """These lines in that order."""
        return cls(sorted(lines, key=lambda line: line.subject.at or 0), sorted(missing))

    @property
    def sends(self) -> list[Send]:
        """What would be written."""
        return [line.fate for line in self.lines if isinstance(line.fate, Send)]

    @property
    def asked(self) -> list[Asked]:
        """What waits already."""
        return [line.fate for line in self.lines if isinstance(line.fate, Asked)]

    @property
    def doubtful(self) -> int:
        """How many may reach the same people twice."""
        return sum(send.trigger.repeats is not None and send.trigger.repeats.doubtful for send in self.sends)


class TooMany(BridgeError):
    """More would be sent than a person said they mean."""


def refuse_too_many(routes: Iterable[str], limit: int) -> None:
    """Raise TooMany when these, a route each, are more than `limit`."""
    counts: dict[str, int] = {}
    for route in routes:
        counts[route] = counts.get(route, 0) + 1
    total = sum(counts.values())
    if total > limit:
        told = ", ".join(f"{count:,} of {route}" for route, count in sorted(counts.items(), key=lambda one: -one[1]))
        raise TooMany(
            f"{total:,} triggers would be sent ({told}), and each may reach hundreds of thousands of people. Narrow it down "
            f"with --route, --from and --to, or say --limit {total}"
        )
