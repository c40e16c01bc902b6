"""How much each scenario does: enough that a figure settles, and little enough that all of them fit into half an hour."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts, and seconds. `tiny()` is to see that it works: its figures say nothing."""

    capacity: int = 20_000
    bare: int = 20_000
    rates: tuple[int, ...] = (100, 200, 400)
    warm_up: float = 3.0
    window: float = 12.0
    filter: int = 300_000
    every: int = 100
    restored: int = 200_000
    backlog: int = 12_000
    flow: int = 200
    before_kill: float = 8.0
    after_kill: float = 16.0
    executions: int = 1_000_000
    disk: float = 12.0

    @classmethod
    def tiny(cls) -> "Sizes":
        """A second or two each."""
        return cls(
            capacity=60,
            bare=100,
            rates=(100,),
            warm_up=0.5,
            window=1.0,
            filter=500,
            every=50,
            restored=300,
            backlog=60,
            flow=40,
            before_kill=1.0,
            after_kill=6.0,
            executions=500,
            disk=1.0,
        )
