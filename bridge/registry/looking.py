"""Schemas for who looks at records, one after the other: each is asked for when a record needs it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bridge.clock import Clock, SystemClock
from bridge.errors import StartupRefused, Undecodable
from bridge.events import Format, Record
from bridge.formats import REGISTERED, NoSchemas
from bridge.formats.schemas import MISSING_EXTRA, Reader
from bridge.formats.wire import SchemaId, framed
from bridge.settings import RegistrySettings

if TYPE_CHECKING:
    from bridge.registry.schemas import Hears, Registry


class Looking:
    """The schemas of the records that were made `ready`."""

    def __init__(self, settings: RegistrySettings | None) -> None:
        """Without settings there is no registry."""
        self._settings = settings
        self._registry: Registry | None = None

    async def ready(self, record: Record, formats: Iterable[Format]) -> None:
        """Learn what a record needs that is read in these formats. Raises BridgeError when the registry does not tell."""
        for encoded in REGISTERED.keys() & set(formats):
            try:
                schema = framed(record, message=encoded == "protobuf").schema
            except Undecodable:
                continue  # decoding says so, too
            if self._settings is None:
                self.reader(schema, record.timestamp)
                continue
            await self._opened(self._settings).learn(schema)

    def _opened(self, settings: RegistrySettings) -> "Registry":
        if self._registry is None:
            self._registry = registry(lambda: settings, SystemClock(), _Nobody())
        return self._registry

    def reader(self, schema: SchemaId, written: int) -> Reader:
        """As bridge.formats.Schemas says."""
        known = NoSchemas() if self._registry is None else self._registry
        return known.reader(schema, written)


def registry(settings: Callable[[], RegistrySettings], clock: Clock, hears: "Hears") -> "Registry":
    """By the settings in force. Raises StartupRefused where its client is not installed."""
    try:
        from bridge.registry.access import Access  # noqa: PLC0415 - an optional extra of the package
        from bridge.registry.schemas import Registry  # noqa: PLC0415
    except ImportError as error:
        raise StartupRefused(f"{MISSING_EXTRA} ({error})") from error
    now = settings()
    return Registry(lambda: Access.of(settings()), now.patience, now.cache, clock, hears)


class _Nobody:
    """Who looks is told by an error."""

    def registry_answered(self, end: str) -> None:
        """Nothing."""

    def registry_in_trouble(self, why: str, *, refused: bool) -> None:
        """Nothing."""
