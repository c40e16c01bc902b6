"""A trigger and its repetitions, as their results tell of them. Pure.

The original and its repetitions are one family, because one campaign is what all of them are about: whatever one of
them achieved forbids another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bridge.outcomes.reading import WrittenResult
from bridge.triggers import repetition_id

# An execution exists that reached somebody, or may have.
_REACHED = {
    "published": "it is published",
    "lost": "it was accepted, and how that ended was never found out",
    "unresolved": "it was accepted, and had not ended when the bridge gave up asking",
}


@dataclass(frozen=True, slots=True)
class Member:
    """The original (number 0) or a repetition, with its final result."""

    number: int
    result: WrittenResult

    @property
    def outcome(self) -> str:
        """How it ended."""
        return str(self.result.fields["outcome"])

    @property
    def called(self) -> bool:
        """Whether the vendor was asked, as far as is known."""
        return bool(self.result.get("attempts"))


@dataclass(frozen=True, slots=True)
class Family:
    """The members that have a result, by their number. `original`: the trigger's id."""

    original: str
    members: tuple[Member, ...]

    @property
    def next_number(self) -> int:
        """That of the next repetition: the first that has not ended. So asking twice at once names the same one."""
        ended = {member.number for member in self.members}
        return next(number for number in range(1, len(ended) + 2) if number not in ended)

    @property
    def latest(self) -> Member | None:
        """The last that ended for itself, not because another one went on in its place."""
        return next((member for member in reversed(self.members) if member.outcome != "superseded"), None)

    @property
    def names(self) -> set[str]:
        """What a person may call it by."""
        results = [member.result for member in self.members]
        return {self.original, *(one.event_id for one in results), *(one.trigger_id for one in results)}

    @property
    def doubtful(self) -> bool:
        """Whether one of them may have reached people, and nobody knows."""
        return any(member.outcome == "unknown" or member.result.get("possible_duplicate") for member in self.members)

    def reached(self) -> str | None:
        """Why none may follow: one of them reached people, or has an execution that may have; or it is no event's at all."""
        if any(member.result.get("test") for member in self.members):
            return "it is a test: `bridge send` makes another one"
        return next((_REACHED[member.outcome] for member in self.members if member.outcome in _REACHED), None)


def original_of(result: WrittenResult) -> str:
    """The trigger that this one repeats, or itself."""
    repeats = result.get("repeats")
    return result.trigger_id if repeats is None else str(repeats)


def families(results: Iterable[WrittenResult], originals: Collection[str]) -> dict[str, Family]:
    """The families of these originals, each with what results say of it; one without any result has no members."""
    members: dict[str, list[WrittenResult]] = defaultdict(list)
    for result in _final(one for one in results if original_of(one) in originals):
        members[original_of(result)].append(result)
    return {original: _family(original, members[original]) for original in originals}


def _final(results: Iterable[WrittenResult]) -> Iterable[WrittenResult]:
    """Of each trigger the result with the highest revision, the first of equal ones: what the contract says."""
    best: dict[str, WrittenResult] = {}
    for result in results:
        known = best.get(result.trigger_id)
        if known is None or result.revision > known.revision:
            best[result.trigger_id] = result
    return best.values()


def _family(original: str, results: Iterable[WrittenResult]) -> Family:
    left: Mapping[str, WrittenResult] = {result.trigger_id: result for result in results}
    members: list[Member] = []
    number = 0
    # Results of some may no longer be kept; what has a thousand repetitions is not asked for by people.
    while len(members) < len(left) and number < _MOST:
        result = left.get(repetition_id(original, number))
        if result is not None:
            members.append(Member(number, result))
        number += 1
    return Family(original, tuple(members))


_MOST = 1_000
