"""`bridge doctor`."""

import asyncio
import logging
from enum import StrEnum
from typing import Annotated

import orjson
import typer

from bridge.cli.check import Config, Routes
from bridge.cli.tables import loaded, settings_of
from bridge.clock import SystemClock
from bridge.examining.examining import examine
from bridge.examining.findings import Finding, fine
from bridge.routing import Table
from bridge.settings import Settings
from bridge.settings.connecting import connection_of, keys_of
from bridge.telemetry import configure_logging
from bridge.vendor.client import VendorClient


class Form(StrEnum):
    """How it is told."""

    TEXT = "text"
    JSON = "json"


def doctor(
    routes: Routes,
    config: Config = None,
    form: Annotated[Form, typer.Option("--format", help="text for people, json for programs.")] = Form.TEXT,
) -> None:
    """Say whether all is there that a replica needs: Kafka, its rights and topics, Redis, each brand's keys, the clock.

    Nothing is made, sent or claimed. Each brand's keys are tried by asking for an execution that can't exist. Ends with 1
    when something is wrong, with 2 when settings or routing table are.
    """
    settings, table = settings_of(config), loaded(routes).table
    configure_logging("error")
    # What it would say, ten times a second, our own finding says once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    found = asyncio.run(_told(settings, table, form))
    if form is Form.JSON:
        print(orjson.dumps({"findings": found, "fine": fine(found)}, option=orjson.OPT_INDENT_2).decode())
    if not fine(found):
        raise typer.Exit(1)


async def _told(settings: Settings, table: Table, form: Form) -> list[Finding]:
    found: list[Finding] = []
    clock = SystemClock()
    vendor = settings.vendor
    async with VendorClient(
        vendor.base_url, vendor.timeout, keys_of(settings.brands), clock=clock, transport=vendor.transport
    ) as client:
        async for one in examine(settings, table, connection_of(settings, "doctor", patient=False), client, clock):
            found.append(one)
            if form is Form.TEXT:
                # One after the other: some take seconds.
                first, *more = one.says.splitlines()
                print(
                    f"{one.grade:8} {one.what:16} {first}", *(f"{'':26}{line}" for line in more), sep="\n", flush=True
                )
    return found
