"""What a run of the bench found: figures with every single value, as they are kept in a file and compared. Pure."""

from statistics import median
from typing import Literal

import msgspec

from bench.distribution import NEVER

VERSION = 1
"""Of the file. One of another version is refused."""


class Goal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a figure must reach: the median itself, or its ratio to the reference."""

    least: float | None = None
    most: float | None = None
    of: Literal["median", "ratio"] = "median"

    def met_by(self, value: float) -> bool:
        """Whether this is good enough; no number at all is not."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class Spec(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a figure is. `id`: `scenario.figure`; `better`: whether more of it is better."""

    id: str
    what: str
    unit: str
    better: Literal["more", "less"]
    goal: Goal | None = None


class Figure(msgspec.Struct, frozen=True, omit_defaults=True):
    """One figure, measured several times. `reference`: the same of the reference, round by round: the n-th of each was
    measured right after the other.
    """

    spec: Spec
    values: tuple[float, ...]
    reference: tuple[float, ...] = ()
    beside: str = ""

    @property
    def median(self) -> float:
        """Of the values."""
        return median(self.values)

    @property
    def low(self) -> float:
        """The least."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The most."""
        return max(self.values)

    @property
    def ratios(self) -> tuple[float, ...]:
        """To the reference, round by round; empty without one, or where one of the two has none of it, or never came to it."""
        if not self.reference or not all(self.reference) or NEVER in (*self.values, *self.reference):
            return ()
        return tuple(ours / theirs for ours, theirs in zip(self.values, self.reference, strict=True))

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' ratios to the reference; None where there are none."""
        return median(self.ratios) if self.ratios else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        goal = self.spec.goal
        if goal is None:
            return None
        judged = self.median if goal.of == "median" else self.ratio
        return judged is not None and goal.met_by(judged)


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one scenario found. `notes`: how it is known that nothing else was measured; `series`: for the plots; `void`: how
    many rounds were thrown away because the machine was too busy to measure.
    """

    name: str
    what: str
    rounds: int
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    series: dict[str, tuple[float, ...]] = {}
    void: int = 0


class Machine(msgspec.Struct, frozen=True):
    """Where it ran. `memory_mb`: of the machine; loads: of the last minute."""

    cpu: str
    cores: int
    memory_mb: int
    system: str
    python: str
    load_before: float
    load_after: float


class Saved(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole run. `at`: RFC 3339; `revision`: of the source; `seconds`: how long it took; `tiny`: with counts so small that
    its figures say nothing; `remark`: what a person says of it.
    """

    version: int
    at: str
    revision: str
    seconds: float
    machine: Machine
    outcomes: tuple[Outcome, ...]
    tiny: bool = False
    remark: str = ""

    @property
    def figures(self) -> dict[str, Figure]:
        """By id."""
        return {figure.spec.id: figure for outcome in self.outcomes for figure in outcome.figures}


def write(saved: Saved) -> bytes:
    """As JSON."""
    return msgspec.json.format(msgspec.json.encode(saved), indent=1) + b"\n"


def read(data: bytes) -> Saved:
    """Raises msgspec.ValidationError or msgspec.DecodeError when it is no run, ValueError when of another version."""
    saved = msgspec.json.decode(data, type=Saved)
    if saved.version != VERSION:
        raise ValueError(f"it is of version {saved.version}, and this reads {VERSION}: run `make bench` anew")
    return saved
