"""The vendor's client: its two endpoints, as docs/vendor.md tells them."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from types import TracebackType
from typing import Any, Literal, Self, assert_never

from bridge.clock import Clock
from bridge.tracecontext import Trace, carried
from bridge.vendor.address import check_base_url, run_body, run_path, status_path
from bridge.vendor.answers import NotSent, PollError, RunAnswer, StatusAnswer, Unknown
from bridge.vendor.errortext import readable
from bridge.vendor.exchange import Failure, MaybeWritten, NotWritten, Transport
from bridge.vendor.reading import Reply, read_run, read_status
from bridge.vendor.request import Headers, Origin, Request
from bridge.vendor.transport import DirectTransport

PROBE_EXECUTION_ID = "campaign-bridge-probe"
"""No execution of the vendor has this id: 404 on its status means that the brand's keys work."""

_JSON = ("Content-Type", "application/json")

TransportName = Literal["direct", "httpcore"]


@dataclass(frozen=True, slots=True)
class BrandKeys:
    """A brand's two keys. Raises ValueError, without showing it, for one that an HTTP header cannot carry."""

    api_key: str = field(repr=False)
    brand_key: str = field(repr=False)
    headers: Headers = field(init=False, repr=False, compare=False)
    """How a request carries them."""

    def __post_init__(self) -> None:
        for name, key in (("api_key", self.api_key), ("brand_key", self.brand_key)):
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise ValueError(f"{name} must be one word of printable ASCII characters: look for stray line breaks")
        object.__setattr__(self, "headers", (("x-api-key", self.api_key), ("x-brand-key", self.brand_key)))

    @property
    def both(self) -> tuple[str, str]:
        """What no text may show."""
        return self.api_key, self.brand_key


class VendorClient:
    """Calls and polls the vendor; every answer and every failure of network or vendor is a value, never an exception.

    `timeout_ms` counts from the start of a request, with connecting (which may take half of it). `connections` is the
    number of requests that can be in flight; more wait, as part of connecting. Raises ValueError for a `base_url` that
    is not acceptable (see check_base_url). Cancelling a call closes its connection; whether it had an effect is then
    unknown.
    """

    def __init__(
        self,
        base_url: str,
        timeout_ms: int,
        brands: Mapping[str, BrandKeys],
        *,
        clock: Clock,
        connections: int = 256,
        transport: TransportName = "direct",
        tls: ssl.SSLContext | None = None,
        propagate: bool = False,
    ) -> None:
        self._propagate = propagate
        self._clock = clock
        self._headers: Headers = (
            ("User-Agent", f"campaign-bridge/{version('campaign-bridge')}"),
            ("Accept", "application/json"),
            ("Accept-Encoding", "identity"),
        )
        self._run_headers = (_JSON, *self._headers)
        self._keys = dict(brands)
        self._transport = _transport(
            transport, check_base_url(base_url), timeout_ms / 1000, connections, tls or ssl.create_default_context()
        )

    def replace_keys(self, brand: str, keys: BrandKeys) -> None:
        """Every request of the brand that begins from now on carries these keys; those under way end as they are."""
        self._keys[brand] = keys

    async def run(
        self,
        brand: str,
        event_generator_id: str,
        topic_key: str,
        context: Mapping[str, Any],
        trace: Trace | None = None,
    ) -> RunAnswer:
        """Trigger a campaign, once. Raises KeyError for an unknown brand, ValueError for an empty id.

        `trace` is sent along where `propagate` says so: the vendor's page names no such headers.
        """
        keys = self._keys[brand]
        headers = self._run_headers + keys.headers
        if self._propagate and trace is not None:
            headers += _sent(trace)
        request = Request("POST", run_path(event_generator_id), headers, run_body(topic_key, context))
        try:
            reply = await self._transport.ask(request)
        except NotWritten as error:
            return NotSent(_why(keys, error))
        except MaybeWritten as error:
            return Unknown(_why(keys, error), None)
        return read_run(reply, now=self._clock.now(), secrets=keys.both)

    async def status(self, brand: str, execution_id: str) -> StatusAnswer:
        """How an execution stands. Raises KeyError for an unknown brand, ValueError for an empty id."""
        answer, _ = await self._status(brand, execution_id)
        return answer

    async def probe(self, brand: str) -> StatusAnswer:
        """Whether the brand's keys work, without an effect: NotFound says yes, PollRefused says no."""
        return await self.status(brand, PROBE_EXECUTION_ID)

    async def look(self, brand: str) -> tuple[StatusAnswer, int | None]:
        """As `probe`, and what the vendor's clock says: ms since 1970 UTC, in whole seconds; None where it does not."""
        answer, reply = await self._status(brand, PROBE_EXECUTION_ID)
        return answer, None if reply is None else _moment(reply.date)

    async def _status(self, brand: str, execution_id: str) -> tuple[StatusAnswer, Reply | None]:
        keys = self._keys[brand]
        request = Request("GET", status_path(execution_id), self._headers + keys.headers, None)
        try:
            reply = await self._transport.ask(request)
        except Failure as error:
            return PollError(_why(keys, error)), None
        return read_status(execution_id, reply, now=self._clock.now(), secrets=keys.both), reply

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _moment(date: str | None) -> int | None:
    try:
        return None if date is None else int(parsedate_to_datetime(date).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None


def _sent(trace: Trace) -> Headers:
    """Foreign texts: what no header carries is left out, whole."""
    found = tuple(carried(trace).items())
    return found if all(value.isascii() and value.isprintable() for _, value in found) else ()


def _why(keys: BrandKeys, failure: Failure) -> str:
    return readable(str(failure).encode("utf-8", "replace"), keys.both)


def _transport(name: TransportName, base_url: str, timeout: float, connections: int, tls: ssl.SSLContext) -> Transport:
    match name:
        case "direct":
            return DirectTransport(Origin(base_url), timeout=timeout, connections=connections, tls=tls)
        case "httpcore":
            # Imported where it is asked for: most never do.
            from bridge.vendor.fallback import HttpcoreTransport  # noqa: PLC0415

            return HttpcoreTransport(base_url, timeout=timeout, connections=connections, tls=tls)
        case _:
            assert_never(name)
