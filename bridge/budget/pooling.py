"""Asks Redis for slots, for every brand, and gets over whatever becomes of Redis. What the answers mean: pool.py."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib import resources

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bridge.budget.pool import TIMEOUT, Answer, Pool
from bridge.clock import Clock
from bridge.errors import BridgeError
from bridge.telemetry import Telemetry

_CONNECTING = 2.0  # seconds for connecting, TLS, password and the first answer
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0
# A connection that lasted so long was a good one: the next is tried at once.
_GOOD = 10.0
# Who comes for the same slots comes at the same moment, unless told otherwise.
_JITTER = 0.002
_LOOK_AGAIN = 0.1

# A ValueError is a name that nobody can look up, a RuntimeError how uvloop refuses to write to what is closed.
_TROUBLE = (RedisError, OSError, TimeoutError, ValueError, RuntimeError, BridgeError)


class Unusable(BridgeError):
    """Redis answers, and it is of no use."""


@dataclass(slots=True)
class _Seat:
    """One brand's place at the pool."""

    brand: str
    pool: Pool
    waiting: Callable[[], int]
    wanted: asyncio.Event
    changed: Callable[[], None]
    told: str | None = None  # what the log says last: why Redis is of no use; "" when it is
    told_alone: bool = False
    told_missed: int = 0
    pause: float = field(default=_FIRST_PAUSE)


class Pooling:
    """Sharing of slots through Redis: pass it to a Budget."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        member: str,
        strict: bool,
        fresh: Callable[[], bool],
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`url` as redis:// or rediss://, with its password. `member` is this replica, `name` the service.

        `fresh`: whether the consumer group has answered of late. A replica that it may have given up lends no share.
        """
        self._url = url
        self._name = name
        self._member = member
        self._strict = strict
        self._fresh = fresh
        self._clock = clock
        self._telemetry = telemetry
        self._pools: dict[str, Pool] = {}
        self._script = resources.files("bridge.budget").joinpath("pool.lua").read_text("utf-8")

    def replace_url(self, url: str) -> None:
        """The same Redis, another password: connections made from now on use it."""
        self._url = url

    def moments(self, brand: str, limit: float) -> Pool:
        """The brand's pool."""
        return self._pools.setdefault(brand, Pool(limit, self._strict))

    async def run(
        self, brand: str, waiting: Callable[[], int], wanted: asyncio.Event, changed: Callable[[], None]
    ) -> None:
        """Take part in the brand's pool until cancelled, however often Redis goes away."""
        seat = _Seat(brand, self._pools[brand], waiting, wanted, changed)
        while True:
            began = self._clock.boottime()
            try:
                async with self._connection(seat) as (redis, script):
                    await self._take_part(seat, redis, script)
            except _TROUBLE as error:
                seat.pool.failed()
                self._tell_lost(seat, error)
            seat.changed()
            seat.pause = min(_LONGEST_PAUSE, seat.pause * 2)
            if self._clock.boottime() - began > _GOOD:
                seat.pause = _FIRST_PAUSE
            await asyncio.sleep(seat.pause * random.uniform(0.5, 1))  # noqa: S311 - spreads load, keeps no secret

    @asynccontextmanager
    async def _connection(self, seat: _Seat) -> AsyncIterator[tuple["Redis", str]]:
        """A connection that the client does not renew by itself: each may lead to another Redis."""
        redis = Redis.from_url(
            self._url,
            single_connection_client=True,
            protocol=2,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_CONNECTING,
            # With one, the client sends in wait_for, which swallows a cancellation now and then (Python 3.11). We have ours.
            socket_timeout=None,
        )
        try:
            async with asyncio.timeout(_CONNECTING):
                script = await redis.script_load(self._script)
                sent = self._clock.boottime()
                seconds, micros = await redis.time()
            seat.pool.connected(sent, seconds + micros / 1_000_000, self._clock.boottime())
            yield redis, script
        finally:
            with suppress(*_TROUBLE):
                await redis.aclose()

    async def _take_part(self, seat: _Seat, redis: "Redis", script: str) -> None:
        while True:
            if seat.pool.too_slow:
                raise Unusable("its answers take too long")
            seat.wanted.clear()
            now = self._clock.boottime()
            at = seat.pool.next_question(now, seat.waiting())
            if not self._fresh():
                await asyncio.sleep(_LOOK_AGAIN)
            elif at <= now:
                await self._ask(seat, redis, script)
            else:
                jitter = random.uniform(0, _JITTER)  # noqa: S311 - as above
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if at == float("inf") else at - now + jitter):
                        await seat.wanted.wait()

    async def _ask(self, seat: _Seat, redis: "Redis", script: str) -> None:
        pool = seat.pool
        question = pool.ask(self._clock.boottime(), seat.waiting())
        arguments = question.arguments(self._member, pool.whole)
        async with asyncio.timeout(TIMEOUT):
            reply = await redis.evalsha(script, 1, f"{self._name}:budget:{seat.brand}", *arguments)
        if not isinstance(reply, list):
            raise Unusable("it answers something else than the script does")
        answer = Answer.read(reply)
        if answer is None:
            raise Unusable("questions reach it too late")
        pool.answered(question, answer, self._clock.boottime())
        if answer.slots or seat.told != "":
            seat.changed()
        self._tell_back(seat)

    def _tell_back(self, seat: _Seat) -> None:
        self._telemetry.budget_slots_missed(seat.brand, seat.pool.missed - seat.told_missed)
        seat.told_missed = seat.pool.missed
        if seat.told != "":
            seat.told, seat.told_alone = "", False
            self._telemetry.budget_shared(seat.brand)

    def _tell_lost(self, seat: _Seat, error: BaseException) -> None:
        why = "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        if seat.told != why:
            seat.told = why
            self._telemetry.budget_not_shared(seat.brand, why, strict=self._strict)
        if not self._strict and not seat.told_alone and seat.pool.alone(self._clock.boottime()):
            seat.told_alone = True
            self._telemetry.budget_fell_back(seat.brand)
