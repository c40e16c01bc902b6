"""The schemas that are known, and asking for those that are not: in the background, so that nothing waits but records that
need them.
"""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from bridge.clock import Clock
from bridge.errors import BridgeError, SchemaNeeded, Undecodable
from bridge.formats.schemas import Reader, Unfit
from bridge.formats.wire import SchemaId
from bridge.registry.access import Access
from bridge.registry.client import NoSuchSchema, RegistryRefuses, RegistryTrouble, fetch
from bridge.registry.reading import reader_of

log = logging.getLogger(__name__)

# Seconds. What was refused for good is asked again after a while: a person may have registered it.
_REFUSAL_LASTS = 60.0
# Nobody has needed it for so long: its partition went to another replica.
_FORGOTTEN = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 10.0
_AT_ONCE = 4


class Hears(Protocol):
    """Who is told how the registry is."""

    def registry_answered(self, end: str) -> None:
        """It told of a schema: found, missing or unfit."""

    def registry_in_trouble(self, why: str, *, refused: bool) -> None:
        """It gave no answer that says anything; `refused`: a person must mend that."""


@dataclass(slots=True)
class _Wanted:
    """A schema that records wait for: the newest time (ms) at which one of them was written, and when it was needed last."""

    written: int
    needed_at: float
    asked: bool = False


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Nothing can be read by it; until when (boot time, s) it isn't asked for again."""

    reason: str
    until: float


@dataclass(slots=True)
class Registry:
    """Knows the schemas that were used last. `access()` says how the registry is reached now; `patience` (ms): how old a record
    is at least when its schema is missing for good; `capacity`: how many are kept.
    """

    access: Callable[[], Access]
    patience: int
    capacity: int
    clock: Clock
    telemetry: Hears
    _known: OrderedDict[SchemaId, Reader | _Refusal] = field(default_factory=OrderedDict)
    _wanted: dict[SchemaId, _Wanted] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def reader(self, schema: SchemaId, written: int) -> Reader:
        """As bridge.formats.Schemas says. One that is not known is asked for while `running`."""
        known = self._lookup(schema)
        if known is None:
            self._want(schema, written)
            raise SchemaNeeded(schema)
        if isinstance(known, _Refusal):
            raise Undecodable(f"schema {schema}: {known.reason}")
        return known

    def settled(self, schema: SchemaId) -> bool:
        """Whether records of it need not wait any longer. Ask now and then while they do: what nobody needs is forgotten."""
        if self._lookup(schema) is not None:
            return True
        wanted = self._wanted.get(schema)
        if wanted is None:
            return True  # forgotten meanwhile: reading it asks again
        wanted.needed_at = self.clock.boottime()
        return False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Registry"]:
        """While this is open, what is needed is asked for."""
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(self._ask_for_all(), name="schemas")
            try:
                yield self
            finally:
                asking.cancel()

    async def learn(self, schema: SchemaId) -> None:
        """Ask for it once, now, whatever its records' age: for who looks at records. Raises BridgeError."""
        if self._lookup(schema) is None:
            try:
                self._keep(schema, await self._found(schema))
            except NoSuchSchema as error:
                self._refuse(schema, str(error))
            except RegistryTrouble as error:
                raise BridgeError(f"schema {schema} can't be looked up in the schema registry: {error}") from error

    def _lookup(self, schema: SchemaId) -> Reader | _Refusal | None:
        known = self._known.get(schema)
        if isinstance(known, _Refusal) and self.clock.boottime() >= known.until:
            del self._known[schema]
            return None
        if known is not None:
            self._known.move_to_end(schema)
        return known

    def _want(self, schema: SchemaId, written: int) -> None:
        wanted = self._wanted.get(schema)
        if wanted is None:
            self._wanted[schema] = _Wanted(written, self.clock.boottime())
            self._news.set()
        else:
            wanted.written = max(wanted.written, written)
            wanted.needed_at = self.clock.boottime()

    def _keep(self, schema: SchemaId, known: Reader | _Refusal) -> None:
        self._known[schema] = known
        while len(self._known) > self.capacity:
            self._known.popitem(last=False)

    def _refuse(self, schema: SchemaId, reason: str) -> None:
        self._keep(schema, _Refusal(reason, self.clock.boottime() + _REFUSAL_LASTS))

    async def _ask_for_all(self) -> None:
        slots = asyncio.Semaphore(_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                await self._news.wait()
                self._news.clear()
                for schema in [one for one, wanted in self._wanted.items() if not wanted.asked]:
                    self._wanted[schema].asked = True
                    group.create_task(self._until_settled(schema, slots), name=f"schema {schema}")

    async def _until_settled(self, schema: SchemaId, slots: asyncio.Semaphore) -> None:
        wanted = self._wanted[schema]
        pause, since = _FIRST_PAUSE, self.clock.now()
        try:
            while self.clock.boottime() - wanted.needed_at < _FORGOTTEN:
                async with slots:
                    settled = await self._ask(schema, wanted, since)
                if settled:
                    return
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
                pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            del self._wanted[schema]

    async def _ask(self, schema: SchemaId, wanted: _Wanted, since: int) -> bool:
        try:
            self._keep(schema, await self._found(schema))
        except NoSuchSchema as error:
            # A record's own time may lie ahead, or be missing: then it counts from the first question.
            written = since if wanted.written < 0 else min(wanted.written, since)
            if self.clock.now() - written < self.patience:
                return False
            self._refuse(schema, str(error))
        except RegistryTrouble:
            return False
        return True

    async def _found(self, schema: SchemaId) -> Reader | _Refusal:
        """Raises NoSuchSchema and RegistryTrouble, and tells of them."""
        try:
            found: Reader | _Refusal = await reader_of(await fetch(self.access(), schema))
            end = "found"
        except Unfit as error:
            found, end = self._unfit(str(error)), "unfit"
        except NoSuchSchema:
            self.telemetry.registry_answered("missing")
            raise
        except RegistryTrouble as error:
            self.telemetry.registry_in_trouble(str(error), refused=isinstance(error, RegistryRefuses))
            raise
        except OSError as error:
            why = (
                f"schema {schema} can't be compiled here, for which files are written and a process is started: {error}"
            )
            self.telemetry.registry_in_trouble(why, refused=True)
            raise RegistryRefuses(why) from error
        except Exception as error:
            # A schema that we did not think of must not stop what is read by others.
            log.exception("schema %s could not be read", schema)
            found, end = self._unfit(f"{type(error).__name__}, a fault of the bridge, see its log"), "unfit"
        self.telemetry.registry_answered(end)
        return found

    def _unfit(self, why: str) -> _Refusal:
        return _Refusal(f"its schema can't be used: {why}", self.clock.boottime() + _REFUSAL_LASTS)
