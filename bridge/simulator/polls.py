"""`GET /executions/{id}/status`."""

from aiohttp import web

from bridge.clock import Clock
from bridge.simulator import answers
from bridge.simulator.answering import Answering
from bridge.simulator.arrivals import Arrivals
from bridge.simulator.executions import Execution, ExecutionLog, status_body
from bridge.simulator.faultbook import FaultBook
from bridge.simulator.faults import (
    Close,
    Fault,
    Hang,
    HugeBody,
    Lag404,
    NeverEnds,
    Redirect,
    Reset,
    Slow,
    Status,
    UnknownStatus,
)
from bridge.simulator.strict import Refusal, Rule
from bridge.simulator.tally import Tally

_OTHER_BRAND = Refusal(403, "the API key does not have permission for this execution's brand")
_BODY = Refusal(400, "a status request has no body", Rule.BODY_ON_GET)


class Polls:
    """Checks a status request in the order keys, limit, form, brand of the execution; answers."""

    def __init__(
        self,
        clock: Clock,
        *,
        arrivals: Arrivals,
        log: ExecutionLog,
        faults: FaultBook,
        tally: Tally,
        answering: Answering,
    ) -> None:
        self._clock = clock
        self._arrivals = arrivals
        self._log = log
        self._faults = faults
        self._tally = tally
        self._answering = answering

    async def handle(self, request: web.BaseRequest, execution_id: str) -> web.StreamResponse:
        """Answer one status request."""
        brand = self._arrivals.enter(request, "status")
        if not isinstance(brand, str):
            return await self._answering.turn_away(request, "status", brand)
        execution = self._log.get(execution_id)
        generator, topic_key = (None, None) if execution is None else (execution.generator, execution.topic_key)
        if self._faults.pick_unread("status", brand, generator):
            return await self._answering.spoil(request, "status", Reset(unread=True))
        if request.body_exists:
            return await self._answering.turn_away(request, "status", _BODY)
        if execution is not None:
            if execution.brand != brand:
                return await self._answering.turn_away(request, "status", _OTHER_BRAND)
            execution.polls += 1
            self._tally.polled(execution.polls)
        fault = self._faults.pick("status", brand, generator, topic_key)
        match fault:
            case Status() | Reset() | Close() | Hang() | Redirect():
                return await self._answering.spoil(request, "status", fault)
            case Slow(seconds=seconds):
                await self._answering.hold("status", seconds)
            case _:
                await self._answering.hold("status")
        response = self._response(execution, fault)
        return await self._answering.send(request, "status", response)

    def _response(self, execution: Execution | None, fault: Fault | None) -> web.Response:
        now = self._clock.boottime()
        lag = fault.seconds if isinstance(fault, Lag404) else 0.0
        if execution is None or now - execution.born < max(lag, execution.hidden_for):
            return answers.error(404, "execution not found")
        match fault:
            case UnknownStatus(value=value):
                return answers.as_json(status_body(execution, now, stuck_as=value))
            case NeverEnds():
                return answers.as_json(status_body(execution, now, stuck_as="processing"))
            case HugeBody(size=size):
                return answers.huge(status_body(execution, now), size, 200)
            case _:
                return answers.as_json(status_body(execution, now))
