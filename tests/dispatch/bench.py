"""A simulator, a broker in memory, and replicas between them; triggers to publish, and what became of them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import orjson
from dispatch.broker import Broker
from dispatch.replica import Replica
from dispatch.turning import TurnedClock
from msgspec import structs
from waiting import eventually

from bridge.dispatch.around import Topics
from bridge.events import Source
from bridge.holds.model import EVERYTHING, Hold, Reason
from bridge.ledger.codec import decode
from bridge.ledger.digest import Digest
from bridge.ledger.records import Claim, Record
from bridge.settings.model import Settings
from bridge.simulator import BrandConfig, Simulator
from bridge.tracecontext import Trace
from bridge.triggers import (
    Limit,
    OnUnknown,
    Priority,
    Repeats,
    Trigger,
    Verdict,
    repetition_id,
    trigger_id,
)

T = TypeVar("T")

KEYS = {
    "acme": BrandConfig(api_key="acme-api-key", brand_key="acme-brand-key"),
    "other": BrandConfig(api_key="other-api-key", brand_key="other-brand-key"),
}
WRONG = BrandConfig(api_key="rotated", brand_key="rotated")
PARTITIONS = 2
# How far time is turned at each look, when nothing is under way at the vendor.
_STEP = 0.2
_LONG_STEP = 0.5


def settings_for(simulator: Simulator, **changes: Mapping[str, Any]) -> Settings:
    """Each of `changes` overrides settings of the section of that name."""
    sections: dict[str, dict[str, Any]] = {
        "vendor": {"base_url": simulator.base_url},
        "topics": {"partitions": PARTITIONS},
        "reconcile": {"first_poll": "1s"},
        "brands": {name: {"api_key": keys.api_key, "brand_key": keys.brand_key} for name, keys in KEYS.items()},
    }
    for name, values in changes.items():
        sections[name] = {**sections.get(name, {}), **values}
    return Settings.model_validate(sections)


class Bench:
    """What a trigger is called tells it from all others: it is its dedup key, event id and topic key."""

    def __init__(self, simulator: Simulator, clock: TurnedClock) -> None:
        self.simulator = simulator
        self.clock = clock
        self.broker = Broker(clock, PARTITIONS)
        self.fingerprints = {"goal": "goal-1", "start": "start-1"}
        self.generators: dict[str, str] = {}
        self.topics: Topics | None = None
        self.replicas: list[Replica] = []
        self.began = clock.now()

    def replica(self, **changes: Mapping[str, Any]) -> Replica:
        """A replica that does not run yet. For `changes` see settings_for."""
        name = f"replica-{len(self.replicas) + 1}"
        settings = settings_for(self.simulator, **changes)
        made = Replica(
            name,
            settings,
            self.broker,
            self.clock,
            fingerprints=self.fingerprints,
            generators=self.generators,
            topics=self.topics,
        )
        self.replicas.append(made)
        return made

    @asynccontextmanager
    async def running(self, **changes: Mapping[str, Any]) -> AsyncIterator[Replica]:
        """One replica with every partition."""
        replica = self.replica(**changes)
        async with replica.running(range(PARTITIONS)):
            yield replica

    def publish(
        self,
        name: str,
        *,
        brand: str = "acme",
        route: str = "goal",
        generator: str = "gen-1",
        topic_key: str | None = None,
        order_by: str | None = None,
        priority: Priority = Priority.NORMAL,
        on_unknown: OnUnknown = OnUnknown.PARK,
        expires_in: float = 3600.0,
        verdict: Verdict | None = None,
        limit: Limit | None = None,
        supersede_by: str | None = None,
        trace: Trace | None = None,
    ) -> str:
        """Write a trigger as intake does; its id. `expires_in` is seconds from now."""
        now = self.clock.now()
        trigger = Trigger(
            id=trigger_id(brand, route, name, name),
            brand=brand,
            route=route,
            event_generator_id=generator,
            topic_key=name if topic_key is None else topic_key,
            event_id=name,
            dedup_key=name,
            order_by=order_by,
            priority=priority,
            on_unknown=on_unknown,
            context={"event": name},
            expires_at=now + round(expires_in * 1000),
            event_time=now,
            received=now,
            source=Source("events", 0, 1),
            table="table-1",
            verdict=verdict,
            limit=limit,
            supersede_by=supersede_by,
            trace=trace,
        )
        self.broker.triggers[trigger.partition(PARTITIONS)].put(trigger.id.encode(), trigger.encode())
        return trigger.id

    def update(self, name: str, *, of: str = "m1", **fields: Any) -> str:
        """Write a trigger that replaces those of the same value and topic key, and is replaced by them; its id."""
        return self.publish(name, **{"route": "score", "topic_key": "fans", "supersede_by": of, **fields})

    def repeat(self, original: str, number: int = 1, *, doubtful: bool = True, expires_in: float = 3600.0) -> str:
        """Write the repetition of a trigger as `bridge resend` does; its id."""
        written = [Trigger.decode(raw.value) for log in self.broker.triggers for raw in log.records]
        found = next(one for one in written if one.id == original)
        again = structs.replace(
            found,
            id=repetition_id(original, number),
            repeats=Repeats(original, number, doubtful),
            expires_at=self.clock.now() + round(expires_in * 1000),
            verdict=None,
        )
        where = found.partition(PARTITIONS)
        self.broker.triggers[where].put(again.id.encode(), again.encode())
        return again.id

    async def until(self, condition: Callable[[], T], *, turning: float = _STEP, within: float = 20.0) -> T:
        """The first true value of `condition`. Time runs ahead meanwhile, but not while the vendor has a request."""

        def look() -> T:
            value = condition()
            if not value and not any(replica.vendor.under_way for replica in self.replicas):
                self.clock.turn(turning)
            return value

        return await eventually(look, within=within, every=0.003)

    async def settled(self, seconds: float = 5.0) -> None:
        """Let so much time pass: for what must not happen."""
        end = self.clock.boottime() + seconds
        await self.until(lambda: self.clock.boottime() >= end, turning=_LONG_STEP)

    async def pile_up(self, replica: Replica, count: int) -> None:
        """Wait until so many triggers were read, while an operator holds everything."""
        await self.until(lambda: replica.metric("bridge_triggers_waiting", brand="acme") >= count)

    def hold_all(self, replica: Replica) -> None:
        """An operator holds everything, before anything is called."""
        hold = Hold(EVERYTHING, Reason.OPERATOR, "a test", "tester", self.clock.now())
        replica.board.learn(f"hold/{EVERYTHING}", hold.encode())

    def called(self, brand: str = "acme") -> list[str]:
        """The events of the executions that the vendor made, in order."""
        return [made.context["event"] for made in self.simulator.executions if made.brand == brand]

    def calls(self, status: str = "202") -> int:
        """How many runs the vendor answered so."""
        return self.simulator.report().requests.get("run", {}).get(status, 0)

    def polls(self, status: str = "200") -> int:
        """How many status requests the vendor answered so."""
        return self.simulator.report().requests.get("status", {}).get(status, 0)

    def results(self, trigger: str) -> list[dict[str, Any]]:
        """Every result of the trigger, in the order of writing."""
        every = [orjson.loads(value) for value in self.broker.results]
        return [result for result in every if result["trigger_id"] == trigger]

    def outcome(self, trigger: str) -> dict[str, Any] | None:
        """The result with the highest revision."""
        return max(self.results(trigger), key=lambda result: int(result["revision"]), default=None)

    async def ended(self, trigger: str, *, turning: float = _STEP) -> dict[str, Any]:
        """The outcome, once there is one."""
        return await self.until(lambda: self.outcome(trigger), turning=turning) or {}

    def lines(self, trigger: str) -> list[Record]:
        """What the ledger holds of the trigger."""
        decoded = [decode(raw.value).record for log in self.broker.ledger for raw in log.records]
        return [record for record in decoded if not isinstance(record, Claim | Digest) and record.id == trigger]

    def kinds(self, trigger: str) -> list[str]:
        """The kinds of those records."""
        return [record.kind for record in self.lines(trigger)]

    def hold(self, scope: str) -> Hold | None:
        """The hold on the scope that the control topic tells of."""
        known = dict(self.broker.control)
        value = known.get(f"operator/{scope}") or known.get(f"hold/{scope}")
        return None if value is None else Hold.decode(value)

    def committed(self) -> int:
        """Triggers of all partitions that the group counts as finished."""
        return sum(self.broker.committed.values())
