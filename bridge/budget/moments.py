"""Where slots come from."""

from typing import Protocol


class Moments(Protocol):
    """Moments at which one request may leave. Times are seconds of a clock that never goes back."""

    @property
    def rate(self) -> float:
        """Requests a second that may leave now, as far as is known; 0: none."""

    def wait(self, now: float) -> float:
        """Seconds until it is worth looking again; 0 when a slot is due; infinite when none is in sight."""

    def take(self, now: float) -> None:
        """Use the slot that is due."""

    def change_rate(self, rate: float, now: float) -> None:
        """This replica's own share is so much from now on."""
