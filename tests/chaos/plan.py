"""Which fault comes when: a seed and how many of each kind decide. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """What can be made to happen."""

    KILL = "kill"  # SIGKILL of a replica
    TERM = "term"  # SIGTERM of a replica, which must drain and end with 0
    FREEZE = "freeze"  # SIGSTOP of a replica for 1.5 session timeouts
    BROKER = "broker"  # a broker halted or killed, and started again
    OUTAGE = "outage"  # the vendor refuses connections, answers 500, or not at all, for some seconds
    CUT = "cut"  # the vendor's connections are reset and closed under load
    LEADER = "leader"  # SIGKILL of the broker that leads a ledger partition
    ROLLING = "rolling"  # every broker halted and started again, in turn


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault. `victim`, `way` and `wait` (0 to 1) decide what is drawn for it: who, how, how long."""

    number: int
    kind: Kind
    victim: float
    way: float
    wait: float


def plan(seed: int, counts: Mapping[Kind, int]) -> list[Planned]:
    """All faults in their order: the same for the same seed and counts."""
    kinds = [kind for kind in Kind for _ in range(counts.get(kind, 0))]
    Random(f"order/{seed}").shuffle(kinds)
    planned = []
    for number, kind in enumerate(kinds, 1):
        drawn = Random(f"fault/{seed}/{number}")
        planned.append(Planned(number, kind, drawn.random(), drawn.random(), drawn.random()))
    return planned


def episodes(planned: Sequence[Planned], size: int, only: Collection[Kind] = ()) -> list[tuple[Planned, ...]]:
    """The plan in pieces of `size` faults, of these kinds only (all where none is named)."""
    chosen = [one for one in planned if not only or one.kind in only]
    return [tuple(chosen[start : start + size]) for start in range(0, len(chosen), size)]


def read_counts(text: str) -> dict[Kind, int]:
    """`kill=3,term=1` as counts. Raises ValueError that says what is wrong."""
    counts: dict[Kind, int] = {}
    for part in text.split(","):
        name, equals, number = part.strip().partition("=")
        kind = read_kind(name)
        if not equals or not number.isdecimal():
            raise ValueError(f"{part!r}: write a kind and a number, as in {kind}=3")
        counts[kind] = int(number)
    return counts


def read_kind(name: str) -> Kind:
    """A kind by its name. Raises ValueError that lists them all."""
    try:
        return Kind(name.strip())
    except ValueError:
        raise ValueError(f"{name!r} is no kind of fault; there are {', '.join(Kind)}") from None
