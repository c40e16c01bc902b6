"""Every request of a brand, one after the other: when it came, and how it was answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from bridge.clock import Clock
from bridge.simulator.faults import Endpoint
from bridge.simulator.gate import Gate, OverLimit
from bridge.simulator.strict import Refusal


@dataclass(slots=True)
class Arrival:
    """A request whose keys were right. `at` is when it came, in milliseconds since 1970 UTC; `answer` is the status, None
    as long as none was written.
    """

    at: int
    brand: str
    endpoint: Endpoint
    answer: int | None = None


_ARRIVAL = web.RequestKey("arrival", Arrival)


class Arrivals:
    """Lets requests in, and keeps them in the order in which they came."""

    def __init__(self, gate: Gate, clock: Clock) -> None:
        self._gate = gate
        self._clock = clock
        self._came: list[Arrival] = []

    @property
    def came(self) -> Sequence[Arrival]:
        """Those since the last reset."""
        return self._came

    def enter(self, request: web.BaseRequest, endpoint: Endpoint) -> str | OverLimit | Refusal:
        """The brand of a request that arrives now, or why it is turned away."""
        entered = self._gate.enter(request.headers, self._clock.boottime())
        brand = entered.brand if isinstance(entered, OverLimit) else entered
        if isinstance(brand, str):
            request[_ARRIVAL] = arrival = Arrival(self._clock.now(), brand, endpoint)
            self._came.append(arrival)
        return entered

    def reset(self) -> None:
        """Begin anew."""
        self._came.clear()


def note_answer(request: web.BaseRequest, status: int) -> None:
    """The request is answered so."""
    arrival = request.get(_ARRIVAL)
    if arrival is not None:
        arrival.answer = status
