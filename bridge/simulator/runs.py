"""`POST /event-generators/{id}/run`."""

from aiohttp import web

from bridge.simulator import answers
from bridge.simulator.answering import Answering
from bridge.simulator.arrivals import Arrivals
from bridge.simulator.executions import Execution
from bridge.simulator.faultbook import FaultBook
from bridge.simulator.faults import (
    Close,
    Fault,
    Hang,
    HugeBody,
    Redirect,
    Reset,
    Slow,
    Status,
    Unreadable,
    makes_execution,
)
from bridge.simulator.maker import Maker
from bridge.simulator.strict import Refusal, Rule, RunCall, read_run


class Runs:
    """Checks a run in the order keys, limit, body, generator; makes its execution; answers."""

    def __init__(self, *, arrivals: Arrivals, maker: Maker, faults: FaultBook, answering: Answering) -> None:
        self._arrivals = arrivals
        self._maker = maker
        self._faults = faults
        self._answering = answering

    async def handle(self, request: web.BaseRequest, generator: str) -> web.StreamResponse:
        """Answer one run."""
        brand = self._arrivals.enter(request, "run")
        if not isinstance(brand, str):
            return await self._answering.turn_away(request, "run", brand)
        if self._faults.pick_unread("run", brand, generator):
            return await self._answering.spoil(request, "run", Reset(unread=True))
        body = await self._answering.body(request, "run")
        if body is None:
            return web.Response()
        call = body if isinstance(body, Refusal) else read_run(request.headers, body)
        if isinstance(call, RunCall):
            call = self._maker.refusal(brand, generator) or call
        if isinstance(call, Refusal):
            return await self._answering.turn_away(request, "run", call)
        for breach in self._maker.breaches(generator, call.context):
            self._answering.report(request, Rule.CONTRACT, breach)
        return await self._execute(request, brand, generator, call)

    async def _execute(self, request: web.BaseRequest, brand: str, generator: str, call: RunCall) -> web.StreamResponse:
        fault = self._faults.pick("run", brand, generator, call.topic_key)
        # Made at once and answered later: whoever gives up meanwhile has started it all the same.
        execution = self._maker.make(brand, generator, call, fault) if makes_execution(fault) else None
        match fault:
            case Status() | Reset() | Close() | Hang() | Redirect():
                return await self._answering.spoil(request, "run", fault)
            case Slow(seconds=seconds):
                await self._answering.hold("run", seconds)
            case _:
                await self._answering.hold("run")
        return await self._accept(request, execution or self._maker.make(brand, generator, call, fault), fault)

    async def _accept(self, request: web.BaseRequest, execution: Execution, fault: Fault | None) -> web.StreamResponse:
        match fault:
            case Unreadable(body=body):
                return await self._answering.send(request, "run", answers.unreadable(execution, body))
            case HugeBody(size=size):
                response = answers.huge({"execution_id": execution.id, "status": "queued"}, size, 202)
                return await self._answering.send(request, "run", response)
            case _:
                return await self._answering.send(request, "run", answers.accepted(execution), execution)
