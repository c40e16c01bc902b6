"""What an audit has found so far. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.audit.findings import Fault, Kind, Open, Report
from bridge.audit.results import Judged


@dataclass(slots=True)
class Tally:
    """Counts, and what must be told of one by one. The numbers are those of Report."""

    triggers: int = 0
    tests: int = 0
    records: int = 0
    garbage: int = 0
    repeats: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    open: list[Open] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def read(self, triggers: int, tests: int, records: int, garbage: int) -> None:
        """So many were read from one partition of triggers."""
        self.triggers += triggers
        self.tests += tests
        self.records += records
        self.garbage += garbage

    def judged(self, one: Judged) -> None:
        """How one trigger stands."""
        self.faults += one.faults
        self.repeats += one.called > 1
        if one.outcome is not None:
            self.outcomes[one.outcome] += 1
        if one.open is not None:
            self.open.append(one.open)

    def found(self, faults: Iterable[Fault]) -> None:
        """Faults that are no trigger's of the span."""
        self.faults += faults

    def report(self, start: int, end: int, taken_at: int) -> Report:
        """All of it, the worst faults first."""
        order = list(Kind)
        return Report(
            start=start,
            end=end,
            taken_at=taken_at,
            records=self.records,
            garbage=self.garbage,
            triggers=self.triggers,
            tests=self.tests,
            outcomes=self.outcomes,
            repeats=self.repeats,
            open=self.open,
            faults=sorted(self.faults, key=lambda one: order.index(one.kind)),
        )
