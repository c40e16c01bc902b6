"""A door before a registry that knows no GUIDs: it gives each schema one, and finds it by that.

Apicurio's Confluent interface has none. So the producers that write them into headers, which are real, get them here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import orjson
from aiohttp import web
from registry.server import guid
from yarl import URL

from bridge.demo.ports import HOST

_KEPT = ("authorization", "content-type", "accept")


@asynccontextmanager
async def door_to(registry: str) -> AsyncIterator[str]:
    """The address of a door to the registry at this address."""
    known: dict[str, int] = {}

    async def pass_on(request: web.Request) -> web.Response:
        # As it was written: a subject may hold a slash.
        path = request.raw_path
        parts = path.partition("?")[0].split("/")
        if parts[1:3] == ["schemas", "guids"]:
            path = f"/schemas/ids/{known.get(parts[3], 2**31 - 1)}"
        headers = {name: request.headers[name] for name in _KEPT if name in request.headers}
        address = URL(f"{registry}{path}", encoded=True)
        try:
            async with session.request(request.method, address, headers=headers, data=await request.read()) as answer:
                body = await answer.read()
        except TimeoutError:
            return web.Response(status=503)
        told = orjson.loads(body) if body else None
        if isinstance(told, dict) and "id" in told:
            known[str(guid(told["id"]))] = told["id"]
            body = orjson.dumps(told | {"guid": str(guid(told["id"]))})
        return web.Response(status=answer.status, body=body, content_type="application/json")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", pass_on)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=8)) as session:
            yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
