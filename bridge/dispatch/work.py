"""A trigger on its way to its call, as this replica holds it in memory."""

from enum import Enum, auto

from msgspec import Struct, field

from bridge.budget.budget import Lane
from bridge.ledger.item import Waiting
from bridge.ledger.rivals import Key, key_of
from bridge.triggers import Priority, Trigger

Order = tuple[int, str | Key]

_LANES = {Priority.HIGH: Lane.HIGH, Priority.NORMAL: Lane.NORMAL, Priority.LOW: Lane.LOW}


class State(Enum):
    """Where a piece of work is."""

    WAITING = auto()  # in the queue
    TAKEN = auto()  # an attempt is being made
    WATCHED = auto()  # an attempt of an earlier assignment has no end yet: its end is shared
    GONE = auto()  # finished, or another replica's by now


class Work(Struct, eq=False):
    """One trigger that is not finished. `offsets`: every place on the triggers partition where it was read.

    `since` is when it began to wait (boottime, seconds). `placed`: whether it has a place in the queue that comes up by
    itself; `heir`: who has that place when this one is GONE.
    """

    trigger: Trigger
    partition: int
    offset: int
    since: float
    offsets: list[int] = field(default_factory=list)
    made: int = 0
    parked: bool = False
    state: State = State.WAITING
    placed: bool = False
    heir: "Work | None" = None

    @property
    def lane(self) -> Lane:
        """Fresh triggers by priority, then retries."""
        return Lane.RETRY if self.made else _LANES[self.trigger.priority]

    @property
    def order(self) -> Order | None:
        """What must be called one after the other: one order_by value, which takes in one of supersede_by, or else that."""
        of = key_of(self.trigger) if self.trigger.order_by is None else self.trigger.order_by
        return None if of is None else (self.partition, of)

    def resume(self, standing: Waiting) -> None:
        """Go on where the ledger says that earlier attempts left it."""
        self.made, self.parked = standing.made, standing.parked
