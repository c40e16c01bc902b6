"""The holds in force, as this replica knows them: the control topic, read whole and followed."""

import asyncio
from collections.abc import Awaitable, Callable

from bridge.clock import Clock
from bridge.holds.model import EVERYTHING, Hold, Reason, brand_scope, route_scope
from bridge.telemetry import Telemetry

Write = Callable[[str, bytes | None], Awaitable[None]]

# Holds during which asking for the status of executions makes no sense either.
_POLLS_WAIT = (Reason.THROTTLED, Reason.UNAUTHORIZED)
_PREFIX = "hold/"


class Board:
    """Who must wait. Changes made here count at once; `write(key, value)` tells the other replicas."""

    def __init__(self, clock: Clock, telemetry: Telemetry, write: Write) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._write = write
        self._holds: dict[str, Hold] = {}
        self._watchers: list[asyncio.Event] = []

    def watch(self) -> asyncio.Event:
        """An event that is set whenever a hold changes; whoever waits clears it."""
        event = asyncio.Event()
        self._watchers.append(event)
        return event

    def learn(self, key: str, value: bytes | None) -> None:
        """A record of the control topic. Those that are no holds are somebody else's."""
        if not key.startswith(_PREFIX):
            return
        scope = key.removeprefix(_PREFIX)
        if value is None:
            self._forget(scope)
        else:
            hold = Hold.decode(value)
            if hold.holds_at(self._clock.now()):
                self._put(hold)
            else:
                self._forget(scope)

    def on_calls(self, brand: str, route: str) -> Hold | None:
        """The hold that keeps calls of this route waiting, if any."""
        now = self._clock.now()
        for scope in (EVERYTHING, brand_scope(brand), route_scope(route)):
            hold = self._holds.get(scope)
            if hold is not None and hold.holds_at(now):
                return hold
        return None

    def on_brand(self, brand: str) -> Hold | None:
        """The hold that keeps all calls of the brand waiting, if any."""
        now = self._clock.now()
        holds = (self._holds.get(scope) for scope in (EVERYTHING, brand_scope(brand)))
        return next((hold for hold in holds if hold is not None and hold.holds_at(now)), None)

    def on_route(self, route: str) -> Hold | None:
        """The hold on this route alone, if any."""
        hold = self._holds.get(route_scope(route))
        return hold if hold is not None and hold.holds_at(self._clock.now()) else None

    def on_polls(self, brand: str) -> Hold | None:
        """The hold that keeps polls of the brand waiting, if any."""
        hold = self._holds.get(brand_scope(brand))
        if hold is None or hold.reason not in _POLLS_WAIT or not hold.holds_at(self._clock.now()):
            return None
        return hold

    async def hold(self, hold: Hold) -> None:
        """Hold a scope, here at once and everywhere in milliseconds; a weightier hold that is there stays."""
        known = self._holds.get(hold.scope)
        if known is None or known.yields_to(hold, self._clock.now()):
            self._put(hold)
            await self._write(_PREFIX + hold.scope, hold.encode())

    async def release(self, scope: str) -> bool:
        """Release a scope, here at once and everywhere in milliseconds. False when it was not held."""
        if scope not in self._holds:
            return False
        self._forget(scope)
        await self._write(_PREFIX + scope, None)
        return True

    def in_force(self) -> list[Hold]:
        """Every hold that keeps something waiting now."""
        now = self._clock.now()
        return [hold for hold in self._holds.values() if hold.holds_at(now)]

    def expire(self) -> None:
        """Forget the holds whose time is over. Their records stay in the topic, and say so themselves."""
        now = self._clock.now()
        for scope in [scope for scope, hold in self._holds.items() if not hold.holds_at(now)]:
            self._forget(scope)

    async def release_changed_routes(self, fingerprints: dict[str, str]) -> None:
        """Release the routes that were held for a configuration that is no longer theirs."""
        for scope, hold in list(self._holds.items()):
            current = fingerprints.get(scope.removeprefix("route/"))
            if hold.reason is Reason.MISCONFIGURED and current is not None and hold.fingerprint != current:
                await self.release(scope)

    def _put(self, hold: Hold) -> None:
        if self._holds.get(hold.scope) != hold:
            self._holds[hold.scope] = hold
            self._telemetry.hold_set(hold.scope, hold.reason, hold.until)
            self._notify()

    def _forget(self, scope: str) -> None:
        if self._holds.pop(scope, None) is not None:
            self._telemetry.hold_released(scope)
            self._notify()

    def _notify(self) -> None:
        for event in self._watchers:
            event.set()
