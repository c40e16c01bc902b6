"""Reading results and triggers back from their topics, frugally: they may hold millions, and few are meant."""

from collections.abc import Callable, Collection, Iterable

from bridge.durations import parse_instant
from bridge.kafka.archive import Snapshot
from bridge.outcomes.reading import WrittenResult, read_result
from bridge.repeating.families import Family, families, original_of
from bridge.repeating.selecting import Selection
from bridge.repeating.terms import Found
from bridge.triggers import Trigger

MARGIN = 600_000
"""Times of different clocks, and an event's own, are compared with so much room, ms."""


async def read_results(topic: Snapshot, since: int, keep: Callable[[WrittenResult], bool]) -> list[WrittenResult]:
    """Those to keep of the results that were written since then (ms), by partition in order."""
    kept: list[WrittenResult] = []
    for partition, (_, end) in topic.bounds.items():
        async for batch in topic.read(partition, await topic.offset_at(partition, since - MARGIN), end):
            for raw in batch:
                try:
                    result = read_result(raw.value)
                except (ValueError, TypeError):
                    continue  # `bridge audit` tells of it
                if keep(result):
                    kept.append(result)
    return kept


async def find_triggers(topic: Snapshot, since: int, ids: Collection[str]) -> dict[str, Found]:
    """The triggers with these ids, of those written since then (ms), each as it was written first: that is the one which
    was acted on; a redelivery may have been decided by another table.
    """
    keys = {trigger.encode() for trigger in ids}
    found: dict[str, Found] = {}
    for partition, (_, end) in topic.bounds.items():
        if not keys:
            break
        async for batch in topic.read(partition, await topic.offset_at(partition, since - MARGIN), end):
            for raw in batch:
                if raw.key not in keys:
                    continue
                try:
                    trigger = Trigger.decode(raw.value or b"")
                except ValueError:
                    continue  # dispatch passes over it, too
                found.setdefault(trigger.id, Found(trigger, partition))
    return found


def families_began(selected: Iterable[WrittenResult]) -> int:
    """A time (ms) before which no member of their families was written; 0 where that is not known."""
    return min((_began(result) for result in selected), default=0)


def _began(result: WrittenResult) -> int:
    """An original begins when it is received; of a repetition's only its event's time is known."""
    own = original_of(result) == result.trigger_id
    text = result.received if own else result.fields["times"].get("event")
    return 0 if text is None else parse_instant(str(text))


async def selected_families(topic: Snapshot, selection: Selection) -> list[Family]:
    """The families of which a member is selected by its final result, each with all that results say of it."""
    first = await read_results(topic, selection.start, selection.takes)
    originals = {original_of(result) for result in first}
    found = await families_of(topic, families_began(first), originals)
    return [family for family in found if any(selection.takes(member.result) for member in family.members)]


async def families_of(topic: Snapshot, since: int, originals: Collection[str]) -> list[Family]:
    """The families of these originals, by what was written of them since then (ms)."""
    if not originals:
        return []
    results = await read_results(topic, since, lambda result: original_of(result) in originals)
    return list(families(results, originals).values())
