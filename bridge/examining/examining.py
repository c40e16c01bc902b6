"""`bridge doctor`: is all there that a replica needs? Nothing is made, sent, claimed or committed by looking."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import assert_never

from bridge.clock import Clock
from bridge.errors import BridgeError
from bridge.examining.findings import Finding, Grade, clock, mode
from bridge.kafka.archive import Archive
from bridge.kafka.authorization import require
from bridge.kafka.connection import Connection
from bridge.kafka.provisioning import missing_topics, provide_topics
from bridge.kafka.rights import rights_of
from bridge.routing import Table
from bridge.settings import Settings
from bridge.settings.planning import topic_plan
from bridge.vendor.answers import Failed, NotFound, PollError, PollRefused, PollThrottled, Published, Running
from bridge.vendor.client import VendorClient


async def examine(
    settings: Settings, table: Table, connection: Connection, vendor: VendorClient, now: Clock
) -> AsyncIterator[Finding]:
    """One finding after the other, the next also where one is bad. `connection` is an impatient one."""
    async for finding in _kafka(settings, table, connection):
        yield finding
    if settings.budget.redis_url is not None:
        async for finding in _redis(settings, now):
            yield finding
    for brand in settings.brands:
        async for finding in _brand(brand, vendor, now):
            yield finding
    if not settings.brands:
        yield Finding("brands", Grade.ERROR, "the settings have none: nobody could be called")
    yield mode(settings.mode, {name: route.mode for name, route in table.routes.items()})


async def _kafka(settings: Settings, table: Table, connection: Connection) -> AsyncIterator[Finding]:
    plan = replace(topic_plan(settings, (source.topic for source in table.sources.values())), create=False)
    lookups = [one.origin.topic for one in table.lookups if one.origin is not None]
    rights = rights_of("run", settings.name, plan.sources, lookups, create=settings.topics.create)
    async with Archive(connection) as archive:
        try:
            await archive.answered(require(connection, ()))
            missing = await archive.answered(missing_topics(connection, plan))
        except BridgeError as error:
            yield Finding("Kafka", Grade.ERROR, str(error))
            return
        yield Finding("Kafka", Grade.OK, f"answers at {settings.kafka.bootstrap_servers}")
        try:
            await archive.answered(require(connection, rights))
        except BridgeError as error:
            yield Finding("rights", Grade.ERROR, str(error))
        else:
            yield Finding("rights", Grade.OK, "all that `bridge run` needs")
        if missing and settings.topics.create:
            yield Finding("topics", Grade.WARNING, f"{', '.join(missing)}: not there yet, the first start makes them")
            return
        try:
            own = await archive.answered(provide_topics(connection, plan))
        except BridgeError as error:
            yield Finding("topics", Grade.ERROR, str(error))
            return
        yield Finding("topics", Grade.OK, f"the own ones fit, {own.partitions} partitions")
        for warning in own.warnings:
            yield Finding("topics", Grade.WARNING, warning)


async def _redis(settings: Settings, now: Clock) -> AsyncIterator[Finding]:
    from bridge.budget.looking import clock_of_redis  # noqa: PLC0415 - takes long, and only who shares a budget needs it

    url = settings.budget.redis_url
    if url is None:
        return
    try:
        theirs = await clock_of_redis(url.get_secret_value())
    except BridgeError as error:
        strict = settings.budget.strict
        without = "nothing is called without it" if strict else "without it each replica takes its share of the limit"
        yield Finding("Redis", Grade.ERROR if strict else Grade.WARNING, f"{error}: {without}")
    else:
        yield Finding("Redis", Grade.OK, "answers")
        yield clock("Redis", now.now(), theirs)


async def _brand(brand: str, vendor: VendorClient, now: Clock) -> AsyncIterator[Finding]:
    answer, theirs = await vendor.look(brand)
    what = f"brand {brand}"
    match answer:
        case NotFound():
            yield Finding(what, Grade.OK, "its keys work: the vendor knows no execution that can't exist")
        case PollRefused(status, text):
            yield Finding(
                what,
                Grade.ERROR,
                f"the vendor refuses its keys (HTTP {status}: {text}): check brands.{brand}.api_key and brand_key",
            )
        case PollThrottled():
            yield Finding(
                what, Grade.WARNING, "the vendor answers 429, and so says nothing of its keys: ask again later"
            )
        case PollError(why):
            yield Finding(
                what, Grade.ERROR, f"the vendor can't be asked ({why}): check vendor.base_url and the way there"
            )
        case Running() | Published() | Failed():
            yield Finding(
                what, Grade.WARNING, "the vendor knows an execution that can't exist: is vendor.base_url right?"
            )
        case _:
            assert_never(answer)
    if theirs is not None:
        yield clock("the vendor", now.now(), theirs)
