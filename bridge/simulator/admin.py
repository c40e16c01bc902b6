"""`/_simulator/...`: faults on demand, and what was got. For tests and people; the vendor has nothing of the kind."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bridge.simulator import answers
from bridge.simulator.arrivals import Arrivals
from bridge.simulator.executions import ExecutionLog, record_of
from bridge.simulator.faultbook import FaultBook
from bridge.simulator.faults import FAULT, Fault
from bridge.simulator.report import Report

T = TypeVar("T")

PREFIX = "/_simulator"
_LINES_AT_ONCE = 500
_PLACES = "health, report, executions, requests, faults, down"


class _Down(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seconds: float = Field(gt=0, le=3600)


class Admin:
    """Answers what is asked of the simulator itself.

    `down` is told for how many seconds to be away; `reset` makes the report begin again; `now` gives seconds.
    """

    def __init__(
        self,
        faults: FaultBook,
        log: ExecutionLog,
        arrivals: Arrivals,
        *,
        report: Callable[[], Report],
        reset: Callable[[], None],
        down: Callable[[float], None],
        now: Callable[[], float],
    ) -> None:
        self._faults = faults
        self._log = log
        self._arrivals = arrivals
        self._report = report
        self._reset = reset
        self._down = down
        self._now = now

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; its path begins with /_simulator."""
        place = request.path.removeprefix(PREFIX).strip("/").split("/")
        try:
            if place[0] == "faults":
                return await self._change_faults(request, request.method, place[1:])
            return await self._answer(request, request.method, place)
        except ValidationError as error:
            return answers.as_json({"error": "Bad Request", "problems": _problems(error)}, 400)
        except orjson.JSONDecodeError as error:
            return answers.error(400, f"the body is not valid JSON: {error}")

    async def _answer(self, request: web.BaseRequest, method: str, place: list[str]) -> web.StreamResponse:
        match method, place:
            case "GET" | "HEAD", ["health" | "report" as name]:
                return answers.as_json({"status": "ok"} if name == "health" else self._report())
            case "DELETE", ["report"]:
                self._reset()
                return web.Response(status=204)
            case "GET", ["requests"]:
                return await _listed(request, self._arrivals.came, lambda arrival: arrival)
            case "GET", ["executions"]:
                return await _listed(request, self._log.made, lambda made: record_of(made, self._now()))
            case "POST", ["down"]:
                return await self._go_down(request)
            case _:
                return answers.error(404, f"{method} {request.path}: there are {_PLACES}")

    async def _change_faults(self, request: web.BaseRequest, method: str, rest: list[str]) -> web.StreamResponse:
        match method, rest:
            case "GET", []:
                return answers.as_json([_shown(a.id, a.fault, a.left, a.hits) for a in self._faults.active])
            case "POST", []:
                return answers.as_json({"ids": self._add(orjson.loads(await request.read()))}, 201)
            case "DELETE", []:
                self._faults.clear()
                return web.Response(status=204)
            case "DELETE", [fault_id]:
                known = self._faults.remove(fault_id)
                return web.Response(status=204) if known else answers.error(404, f"no fault {fault_id} is in force")
            case _:
                return answers.error(405, "faults takes GET, POST and DELETE, faults/ID takes DELETE")

    def _add(self, data: Any) -> list[str]:
        wanted = [FAULT.validate_python(item) for item in (data if isinstance(data, list) else [data])]
        return [self._faults.add(fault) for fault in wanted]

    async def _go_down(self, request: web.BaseRequest) -> web.StreamResponse:
        seconds = _Down.model_validate(orjson.loads(await request.read())).seconds
        response = answers.as_json({"down_for_seconds": seconds}, 202)
        # Places before the connection is cut with all others.
        await response.prepare(request)
        await response.write_eof()
        self._down(seconds)
        return response


async def _listed(request: web.BaseRequest, every: Sequence[T], shown: Callable[[T], Any]) -> web.StreamResponse:
    """One JSON object a line, in the order in which they came."""
    try:
        after, limit = (int(request.query.get(name, default)) for name, default in (("after", 0), ("limit", -1)))
    except ValueError:
        return answers.error(400, "after and limit must be whole numbers")
    listed = every[max(after, 0) :]
    listed = listed if limit < 0 else listed[:limit]
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    for start in range(0, len(listed), _LINES_AT_ONCE):
        lines = [orjson.dumps(shown(one)) for one in listed[start : start + _LINES_AT_ONCE]]
        await response.write(b"\n".join(lines) + b"\n")
    await response.write_eof()
    return response


def _shown(fault_id: str, fault: Fault, left: int | str, hits: int) -> dict[str, Any]:
    return {"id": fault_id, "left": left, "hits": hits, "fault": fault.model_dump()}


def _problems(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, detail['loc'])) or 'body'}: {detail['msg']}" for detail in error.errors(include_url=False)
    ]
