"""How a request ends: with an answer, or in one of the ways in which answers get lost. Each end is counted."""

import asyncio
from random import Random
from typing import Literal, assert_never

from aiohttp import web

from bridge.clock import Clock
from bridge.simulator import answers
from bridge.simulator.arrivals import note_answer
from bridge.simulator.config import SimulatorConfig
from bridge.simulator.connections import Connections, close, reset
from bridge.simulator.executions import Execution
from bridge.simulator.faults import Close, Endpoint, Hang, Redirect, Reset, Status
from bridge.simulator.gate import OverLimit
from bridge.simulator.strict import Refusal, Rule
from bridge.simulator.tally import Tally, Violation

Counted = Endpoint | Literal["other"]
Spoiling = Status | Reset | Close | Hang | Redirect
"""The faults that take the place of the answer."""

_TOO_LARGE = Refusal(413, "the body is too large", Rule.BODY_TOO_LARGE)
_PATH_SHOWN = 200


class Answering:
    """Ends requests, and counts how."""

    def __init__(self, config: SimulatorConfig, clock: Clock, tally: Tally, connections: Connections) -> None:
        self._config = config
        self._clock = clock
        self._tally = tally
        self._connections = connections
        self._random = Random(f"latency/{config.seed}")

    async def send(
        self, request: web.BaseRequest, endpoint: Counted, response: web.Response, answers_for: Execution | None = None
    ) -> web.StreamResponse:
        """Write the response here rather than in aiohttp, so that it is known whether it left."""
        try:
            await response.prepare(request)
            await response.write_eof()
        except ConnectionError:
            self._tally.answered(endpoint, "client_gone")
        else:
            self._tally.answered(endpoint, str(response.status))
            note_answer(request, response.status)
            if answers_for is not None:
                answers_for.answered = True
        return response

    async def turn_away(
        self, request: web.BaseRequest, endpoint: Counted, why: Refusal | OverLimit
    ) -> web.StreamResponse:
        """The answer to a request that may not come in."""
        if isinstance(why, OverLimit):
            response = answers.throttled(self._config.retry_after, why.seconds, self._clock.now())
        else:
            response = answers.error(why.status, why.message)
            if why.rule is not None:
                self.report(request, why.rule, why.message)
        return await self.send(request, endpoint, response)

    def report(self, request: web.BaseRequest, rule: Rule, detail: str) -> None:
        """Note what is wrong with a request."""
        path = request.rel_url.raw_path[:_PATH_SHOWN]
        self._tally.violated(Violation(rule, detail, request.method, path, self._clock.now()))

    async def body(self, request: web.BaseRequest, endpoint: Endpoint) -> bytes | Refusal | None:
        """The request's body; None when the client went before it had sent all of it."""
        try:
            return await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _TOO_LARGE
        except (ConnectionError, web.RequestPayloadError):
            self._tally.answered(endpoint, "client_gone")
            return None
        except asyncio.CancelledError:
            self._tally.answered(endpoint, "cut")
            raise

    async def hold(self, endpoint: Endpoint, seconds: float | None = None) -> None:
        """Wait so long, or as long as the vendor takes for any answer."""
        if seconds is None:
            seconds = (self._config.latency + self._config.jitter * self._random.random()) / 1000
        if seconds <= 0:
            return
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            self._tally.answered(endpoint, "cut")
            raise

    async def spoil(self, request: web.BaseRequest, endpoint: Endpoint, fault: Spoiling) -> web.StreamResponse:
        """What comes instead of the answer."""
        match fault:
            case Status(status=429):
                response = answers.throttled(fault.retry_after, fault.seconds, self._clock.now())
                return await self.send(request, endpoint, response)
            case Status(status=status):
                return await self.send(request, endpoint, answers.error(status, "a fault that was asked for"))
            case Redirect(location=location, status=status):
                return await self.send(request, endpoint, answers.redirected(location, status))
            case Reset():
                self._tally.answered(endpoint, "reset")
                reset(request)
            case Close():
                self._tally.answered(endpoint, "closed")
                close(request)
            case Hang():
                self._tally.answered(endpoint, "hung")
                await self._connections.until_gone(request)
            case _:
                assert_never(fault)
        return web.Response()  # aiohttp finds the connection closed and drops it
