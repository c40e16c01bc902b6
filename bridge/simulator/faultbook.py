"""The faults that are in force, and which request gets which."""

from collections import Counter
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Literal

from bridge.simulator.faults import Endpoint, Fault, Reset


@dataclass(slots=True)
class ActiveFault:
    """A fault in force. `left` is how many requests it will still hit."""

    id: str
    fault: Fault
    left: int | Literal["forever"]
    hits: int = 0


class FaultBook:
    """Faults in the order in which they were added: the first that fits a request, and whose dice fall so, hits it."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"faults/{seed}")
        self._ids = count(1)
        self._active: dict[str, ActiveFault] = {}
        self.hits: Counter[str] = Counter()

    def add(self, fault: Fault) -> str:
        """Put a fault in force. Its id takes it back."""
        fault_id = f"fault-{next(self._ids)}"
        self._active[fault_id] = ActiveFault(fault_id, fault, fault.count)
        return fault_id

    def remove(self, fault_id: str) -> bool:
        """Take one back; False when it is not in force (any more)."""
        return self._active.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Take all back."""
        self._active.clear()

    @property
    def active(self) -> tuple[ActiveFault, ...]:
        """What is in force."""
        return tuple(self._active.values())

    def pick(self, endpoint: Endpoint, brand: str, generator: str | None, topic_key: str | None) -> Fault | None:
        """The fault that hits this request, if any. What it does not know is None, and fits no filter."""
        if not self._active:
            return None
        return self._pick(endpoint, brand, generator, topic_key, unread=False)

    def pick_unread(self, endpoint: Endpoint, brand: str, generator: str | None) -> bool:
        """Whether this request is reset before its body is read."""
        return bool(self._active) and self._pick(endpoint, brand, generator, None, unread=True) is not None

    def _pick(
        self, endpoint: Endpoint, brand: str, generator: str | None, topic_key: str | None, *, unread: bool
    ) -> Fault | None:
        for active in self._active.values():
            fault = active.fault
            if (
                (isinstance(fault, Reset) and fault.unread) == unread
                and fault.fits(endpoint, brand, generator, topic_key)
                and (fault.probability >= 1 or self._random.random() < fault.probability)
            ):
                self._spend(active)
                return fault
        return None

    def _spend(self, active: ActiveFault) -> None:
        active.hits += 1
        self.hits[active.fault.kind] += 1
        if active.left != "forever":
            active.left -= 1
            if active.left == 0:
                del self._active[active.id]
