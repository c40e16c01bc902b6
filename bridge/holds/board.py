"""The holds in force, as this replica knows them: the control topic, read whole and followed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bridge.clock import Clock
from bridge.holds.easing import Eased
from bridge.holds.model import EVERYTHING, Hold, Reason, brand_scope, route_scope
from bridge.telemetry import Telemetry

Write = Callable[[str, bytes | None], Awaitable[None]]

# Holds during which asking for the status of executions makes no sense either.
_POLLS_WAIT = (Reason.THROTTLED, Reason.UNAUTHORIZED)
# A person's hold and the service's own on one scope lie under keys of their own: neither replaces nor releases the other.
_OPERATORS = "operator/"
_SERVICES = "hold/"
# When a route that was held by its own limit was let go: what was called before does not count any more.
_LET_GO = "limit/"
_LONGEST_TIME = 16  # digits of milliseconds


class Board:
    """Who must wait. Changes made here count at once; `write(key, value)` tells the other replicas."""

    def __init__(self, clock: Clock, telemetry: Telemetry, write: Write) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._write = write
        self._holds: dict[str, Hold] = {}  # nearly always empty, and asked several times for each call
        self._watchers: list[asyncio.Event] = []
        self._let_go: dict[str, int] = {}
        self._eased: dict[str, Eased] = {}  # by scope; a hold's end does not end it

    def watch(self) -> asyncio.Event:
        """An event that is set whenever a hold changes; whoever waits clears it."""
        event = asyncio.Event()
        self._watchers.append(event)
        return event

    def learn(self, key: str, value: bytes | None) -> None:
        """A record of the control topic. Those that concern no hold are somebody else's."""
        if key.startswith(_LET_GO) and value is not None and value.isdigit() and len(value) <= _LONGEST_TIME:
            self._let_go[key.removeprefix(_LET_GO)] = int(value)
        if not key.startswith((_OPERATORS, _SERVICES)):
            return
        hold = None if value is None else self._read(key, value)
        if hold is not None:
            self._ease(hold)
        if hold is None or not hold.holds_at(self._clock.now()):
            self._forget(key)
        elif self._makes_way(key, hold):
            self._put(key, hold)

    def _read(self, key: str, value: bytes) -> Hold:
        """The hold in a record. One that can't be read may have been a person's wish that nothing be called: then it is."""
        scope = key.partition("/")[2]
        try:
            return replace(Hold.decode(value), scope=scope)
        except (ValueError, KeyError, TypeError):
            return Hold(scope, Reason.OPERATOR, "its record in the control topic can't be read", "?", self._clock.now())

    def on_calls(self, brand: str, route: str) -> Hold | None:
        """The hold that keeps calls of this route waiting, if any."""
        return self._first(EVERYTHING, brand_scope(brand), route_scope(route)) if self._holds else None

    def on_brand(self, brand: str) -> Hold | None:
        """The hold that keeps all calls of the brand waiting, if any."""
        return self._first(EVERYTHING, brand_scope(brand)) if self._holds else None

    def on_route(self, route: str) -> Hold | None:
        """The hold on this route alone, if any."""
        return self._first(route_scope(route)) if self._holds else None

    def let_go(self, route: str) -> int:
        """When a hold by the route's own limit ended last, ms; 0: never."""
        return self._let_go.get(route_scope(route), 0)

    def part(self, brand: str) -> float:
        """The part of the brand's rate that may be used now, above 0 and at most 1: less than 1 after 429s."""
        return self._eased.get(brand_scope(brand), Eased()).at(self._clock.now())

    def on_polls(self, brand: str) -> Hold | None:
        """The hold that keeps polls of the brand waiting, if any."""
        hold = self._holds.get(_SERVICES + brand_scope(brand))
        if hold is None or hold.reason not in _POLLS_WAIT or not hold.holds_at(self._clock.now()):
            return None
        return hold

    def _first(self, *scopes: str) -> Hold | None:
        now = self._clock.now()
        holds = (self._holds.get(kind + scope) for kind in (_OPERATORS, _SERVICES) for scope in scopes)
        return next((hold for hold in holds if hold is not None and hold.holds_at(now)), None)

    async def hold(self, hold: Hold) -> None:
        """Hold a scope, here at once and everywhere in milliseconds; a weightier hold of its kind stays."""
        key = (_OPERATORS if hold.reason is Reason.OPERATOR else _SERVICES) + hold.scope
        if self._makes_way(key, hold):
            if hold.reason is Reason.THROTTLED and hold.until is not None:
                eased = self._eased.get(hold.scope, Eased()).lowered(hold.at, hold.until)
                hold = replace(hold, part=eased.part)
            self._ease(hold)
            self._put(key, hold)
            await self._write(key, hold.encode())

    async def release(self, scope: str) -> bool:
        """Release a scope, whoever holds it, here at once and everywhere in milliseconds. False when nobody does."""
        keys = [kind + scope for kind in (_OPERATORS, _SERVICES) if kind + scope in self._holds]
        for key in keys:
            await self._end(key)
        return bool(keys)

    async def lift(self, scope: str) -> None:
        """End the service's own hold on a scope; an operator's stays."""
        if _SERVICES + scope in self._holds:
            await self._end(_SERVICES + scope)

    def in_force(self) -> list[Hold]:
        """Every hold that keeps something waiting now."""
        now = self._clock.now()
        return [hold for hold in self._holds.values() if hold.holds_at(now)]

    async def release_changed_routes(self, fingerprints: dict[str, str]) -> None:
        """Release the routes that were held for a configuration that is no longer theirs."""
        for hold in list(self._holds.values()):
            current = fingerprints.get(hold.scope.removeprefix("route/"))
            if (
                hold.reason in {Reason.MISCONFIGURED, Reason.LIMIT}
                and current is not None
                and hold.fingerprint != current
            ):
                await self.lift(hold.scope)

    async def _end(self, key: str) -> None:
        hold = self._holds.get(key)
        if hold is not None and hold.reason is Reason.LIMIT:
            self._let_go[hold.scope] = self._clock.now()
            await self._write(_LET_GO + hold.scope, str(self._let_go[hold.scope]).encode())
        self._forget(key)
        await self._write(key, None)

    def _makes_way(self, key: str, hold: Hold) -> bool:
        known = self._holds.get(key)
        return known is None or known.yields_to(hold, self._clock.now())

    def _ease(self, hold: Hold) -> None:
        if hold.part is not None and hold.until is not None and 0 < hold.part <= 1:
            self._eased[hold.scope] = Eased(hold.part, hold.until)

    def _put(self, key: str, hold: Hold) -> None:
        self._forget(key)
        self._holds[key] = hold
        self._telemetry.hold_set(hold.scope, hold.reason, hold.until)
        self._notify()

    def _forget(self, key: str) -> None:
        hold = self._holds.pop(key, None)
        if hold is not None:
            self._telemetry.hold_released(hold.scope, hold.reason)
            self._notify()

    def _notify(self) -> None:
        for event in self._watchers:
            event.set()
