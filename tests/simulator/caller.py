"""Calls the simulator as a well-behaved client does, except where a test says otherwise; and clocks to turn."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from multidict import CIMultiDictProxy

from bridge.simulator import Simulator

KEYS = {"x-api-key": "demo-api-key", "x-brand-key": "demo-brand-key"}
JSON = {**KEYS, "Content-Type": "application/json"}
GENERATOR = "11111111-2222-3333-4444-555555555555"
RUN = f"/event-generators/{GENERATOR}/run"


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> int:
        return 1_770_000_000_000 + round(self.seconds * 1000)

    def boottime(self) -> float:
        return self.seconds


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


class Caller:
    """An HTTP client of one simulator."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self._session = session

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | list[tuple[str, str]] = KEYS,
        data: bytes | None = None,
    ) -> Answer:
        skipped = ["Content-Type"]  # so that none is sent but what the test gives
        async with self._session.request(
            method,
            url,
            headers=headers,
            data=None if data is None else io.BytesIO(data),
            skip_auto_headers=skipped,
            allow_redirects=False,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def run(
        self,
        topic_key: str = "a-topic",
        context: Mapping[str, Any] | None = None,
        *,
        generator: str = GENERATOR,
        headers: Mapping[str, str] = JSON,
    ) -> Answer:
        body = orjson.dumps({"topic_key": topic_key, "context": context or {"event_id": "e1"}})
        return await self.send("POST", f"{self.simulator.base_url}/event-generators/{generator}/run", headers, body)

    async def execution(self, topic_key: str = "a-topic", context: Mapping[str, Any] | None = None) -> str:
        """Run, and give the execution's id."""
        answer = await self.run(topic_key, context)
        assert answer.status == 202, answer
        return str(answer.json()["execution_id"])

    async def status(self, execution_id: str, headers: Mapping[str, str] = KEYS) -> Answer:
        return await self.send("GET", f"{self.simulator.base_url}/executions/{execution_id}/status", headers)

    async def body(self, data: bytes, headers: Mapping[str, str] | list[tuple[str, str]] = JSON) -> Answer:
        """A run with that body."""
        return await self.send("POST", f"{self.simulator.base_url}{RUN}", headers, data)

    async def admin(self, method: str, place: str, body: Any = None) -> Answer:
        data = None if body is None else orjson.dumps(body)
        return await self.send(method, f"{self.simulator.admin_url}/{place}", {}, data)

    async def until_cut(self, request: bytes) -> bytes:
        """What comes back on a bare connection until it ends. Raises ConnectionResetError when it is reset."""
        host, port = self.simulator.base_url.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(request)
            return await reader.read()
        finally:
            writer.close()


def bare(method: str, path: str, body: bytes = b"", *, promised: int | None = None) -> bytes:
    """A request as bytes; `promised` is a Content-Length that the body does not keep."""
    length = len(body) if promised is None else promised
    lines = [f"{method} /smart-campaigns/v1{path} HTTP/1.1", "Host: vendor", *(f"{k}: {v}" for k, v in JSON.items())]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode() + body
