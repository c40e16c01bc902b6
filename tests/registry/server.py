"""A schema registry in this process: Confluent's interface as far as it is asked, and whatever trouble a test wants."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import orjson
from aiohttp import web

from bridge.demo.ports import HOST


def _record(title: str, /, **fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": title, "fields": [{"name": one, "type": kind} for one, kind in fields.items()]}


GOAL = _record(
    "Goal",
    id="string",
    type="string",
    occurred_at="string",
    match=_record("Match", id="string"),
    team=_record("Team", id="string", name="string"),
    minute="int",
)
"""What the events of tests/intake hold, as Avro."""


def guid(schema: int) -> UUID:
    """The GUID of a schema."""
    return uuid5(NAMESPACE_OID, str(schema))


@dataclass
class SchemaServer:
    """`asked` lists the paths of its requests. `trouble` answers in place of it; `hangs`: nothing answers; `user`: whom it accepts."""

    schemas: dict[int, dict[str, Any]] = field(default_factory=dict)
    versions: dict[tuple[str, int], int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    trouble: web.Response | None = None
    hangs: bool = False
    knows_guids: bool = True
    user: str | None = None
    port: int = 0
    secure: bool = False

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{HOST}:{self.port}"

    def add(
        self,
        schema: int,
        text: Any,
        *,
        kind: str = "AVRO",
        references: Sequence[tuple[str, str, int]] = (),
        subject: str = "",
        version: int = 1,
    ) -> None:
        """A schema; `references` are names, subjects and versions."""
        written = text if isinstance(text, str) else orjson.dumps(text).decode()
        self.schemas[schema] = {
            "schema": written,
            **({} if kind == "AVRO" else {"schemaType": kind}),
            "references": [{"name": name, "subject": its, "version": number} for name, its, number in references],
        }
        self.versions[subject or f"subject-{schema}", version] = schema

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        self.headers.append(dict(request.headers))
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble is not None:
            return _copy(self.trouble)
        if self.user is not None and request.headers.get("authorization") != self.user:
            return web.json_response({"error_code": 40101, "message": "Unauthorized"}, status=401)
        return self._told(request.path.strip("/").split("/"))

    def _told(self, path: list[str]) -> web.Response:
        match path:
            case ["schemas", "types"]:
                return web.json_response(["AVRO", "PROTOBUF", "JSON"])
            case ["schemas", "ids", number]:
                return _found(self.schemas.get(int(number)), 40403)
            case ["schemas", "guids", wanted] if self.knows_guids:
                return _found({str(guid(number)): one for number, one in self.schemas.items()}.get(wanted), 40403)
            case ["subjects", subject, "versions", version]:
                number_of = self.versions.get((subject, int(version)))
                told = {"subject": subject, "version": int(version), "id": number_of}
                return _found(None if number_of is None else told | self.schemas[number_of], 40402)
        return web.Response(status=404)


def _found(told: dict[str, Any] | None, code: int) -> web.Response:
    if told is None:
        return web.json_response({"error_code": code, "message": "Schema not found"}, status=404)
    return web.json_response(told)


def _copy(answer: web.Response) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


def basic(user: str, password: str) -> str:
    """The header of basic authentication."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@asynccontextmanager
async def serving(server: SchemaServer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[SchemaServer]:
    """While this is open it answers, at the port that it had before."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, server.port, ssl_context=tls, reuse_address=True).start()
        server.port = runner.addresses[0][1]
        server.secure = tls is not None
        yield server
    finally:
        await runner.cleanup()
