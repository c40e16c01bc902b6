"""What a person selects: by ids, or by route, outcome and time. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from bridge.durations import format_instant
from bridge.outcomes.reading import WrittenResult


@dataclass(frozen=True, slots=True)
class Selection:
    """`ids` are of events or triggers; without any, outcomes count. Received in [start, end), ms. Without a route, any."""

    ids: frozenset[str]
    route: str | None
    outcomes: Collection[str]
    start: int
    end: int

    def takes(self, result: WrittenResult) -> bool:
        """Whether a result is selected, as far as it tells: a later one of its family may say more."""
        if self.route is not None and result.fields["route"] != self.route:
            return False
        if self.ids:
            return not self.ids.isdisjoint((result.event_id, result.trigger_id, result.get("repeats")))
        received = result.received or ""
        return result.fields["outcome"] in self.outcomes and (
            format_instant(self.start) <= received < format_instant(self.end)
        )
