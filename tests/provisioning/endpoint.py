"""An endpoint of a user's own, over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass
class TopicsService:
    """Makes topics. `answers` are given one after the other, the last of them for ever: (status, JSON), or what to wait for."""

    answers: list[tuple[int, Any] | Callable[[], Awaitable[None]]]
    url: str = ""
    asked: list[tuple[Mapping[str, str], Any]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append((request.headers, orjson.loads(await request.read())))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
            if callable(answer):
                await answer()
                return web.Response(status=500)
            await asyncio.sleep(0.01)
            status, body = answer
            return web.Response(status=status, body=orjson.dumps(body))
        finally:
            self.at_once -= 1


@asynccontextmanager
async def topics_service(*answers: Any) -> AsyncIterator[TopicsService]:
    service = TopicsService(list(answers))
    app = web.Application()
    app.router.add_post("/topics", service.handle)
    server = TestServer(app)
    await server.start_server()
    service.url = str(server.make_url("/topics"))
    try:
        yield service
    finally:
        await server.close()
