"""How far a partition of triggers is done: out-of-order finishes, in-order commits. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """The offset to commit: that of the lowest trigger that is not finished.

    `position` is the next offset to read. Offsets begin in order and finish in any.
    """

    position: int
    _open: dict[int, None] = field(default_factory=dict)  # in the order of their beginning, which is that of offsets

    def begin(self, offset: int) -> None:
        """The trigger at `offset` was read."""
        self._open[offset] = None
        self.position = offset + 1

    def finish(self, offset: int) -> None:
        """The trigger at `offset` is finished; doing so twice is nothing."""
        self._open.pop(offset, None)

    def committable(self) -> int:
        """Everything before this offset is finished."""
        return next(iter(self._open), self.position)
