"""What a scenario is, and how the rounds of one become figures. Pure."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.result import Figure, Outcome, Spec

if TYPE_CHECKING:
    from bench.bed import Bed

Values = Mapping[str, float]
"""By the id of the figure."""


@dataclass(frozen=True, slots=True)
class Round:
    """The service and, right after it, the reference on the same work. `facts`: what tells that nothing else was measured;
    `void`: why this round does not count.
    """

    service: Values
    reference: Values = field(default_factory=dict)
    facts: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Sequence[float]] = field(default_factory=dict)
    void: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """`beside`: the reference, in a word; `kafka`: whether it needs one; `told`: the facts in words, with their medians."""

    name: str
    what: str
    specs: tuple[Spec, ...]
    run: "Callable[[Bed], Coroutine[Any, Any, Round]]"
    beside: str = ""
    kafka: bool = True
    told: Callable[[Values], Sequence[str]] = lambda _facts: ()


def outcome(scenario: Scenario, rounds: Sequence[Round], void: int) -> Outcome:
    """The figures of these rounds, in the order of the specs; none when there is no round."""
    if not rounds:
        return Outcome(scenario.name, scenario.what, 0, (), ("No round counts: the machine is too busy.",), {}, void)
    facts = {name: median([one.facts[name] for one in rounds]) for name in rounds[0].facts}
    return Outcome(
        name=scenario.name,
        what=scenario.what,
        rounds=len(rounds),
        figures=tuple(_figure(spec, scenario, rounds) for spec in scenario.specs if spec.id in rounds[0].service),
        notes=tuple(scenario.told(facts)),
        series={name: tuple(values) for name, values in rounds[-1].series.items()},
        void=void,
    )


def _figure(spec: Spec, scenario: Scenario, rounds: Sequence[Round]) -> Figure:
    beside = spec.id in rounds[0].reference
    return Figure(
        spec,
        tuple(one.service[spec.id] for one in rounds),
        tuple(one.reference[spec.id] for one in rounds) if beside else (),
        scenario.beside if beside else "",
    )
