"""What a run is asked to do."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chaos.plan import Kind, read_kind

# What is promised is shown with these (docs/chaos.md).
ONE_NODE = {Kind.KILL: 100, Kind.TERM: 50, Kind.FREEZE: 30, Kind.BROKER: 10, Kind.OUTAGE: 10, Kind.CUT: 10}
THREE_NODES = {Kind.ROLLING: 1, Kind.LEADER: 6}
_GOES_ON_MARGIN = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """`rate` is events a second, `session_timeout` ms; `episode` how many faults come before everything is counted.

    `aged`: how many finished triggers each episode's ledger holds before it begins.
    """

    faults: Mapping[Kind, int]
    seed: int = 1
    only: tuple[Kind, ...] = ()
    rate: float = 150.0
    replicas: int = 3
    nodes: int = 1
    episode: int = 12
    aged: int = 0
    session_timeout: int = 6_000
    partitions: int = 12
    source_partitions: int = 6

    @property
    def goes_on_within(self) -> float:
        """Seconds within which the work of a killed replica must go on."""
        return self.session_timeout / 1000 + _GOES_ON_MARGIN

    def to_json(self) -> dict[str, Any]:
        """As JSON's values."""
        return asdict(self) | {"faults": {str(kind): count for kind, count in self.faults.items()}}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Options":
        """What `to_json` made. Raises ValueError or TypeError when it is something else."""
        return cls(
            **{
                **fields,
                "faults": {read_kind(kind): count for kind, count in fields["faults"].items()},
                "only": tuple(read_kind(kind) for kind in fields["only"]),
            }
        )
