"""Asks the user's endpoint for topics that are missing: one question for each, however many events want it."""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx2
import orjson

from bridge.clock import Clock
from bridge.provisioning.answers import Answer, Made, NotMade, NotYet, read_answer
from bridge.provisioning.request import RequestTemplate
from bridge.routing.paths import Path
from bridge.triggers import Trigger, Unmapped
from bridge.vendor.errortext import readable

_AT_ONCE = 8
_LONGEST_ANSWER = 1_048_576
# What comes compressed all the same is not unpacked: it could be any size.
_PLAIN = {"Accept-Encoding": "identity"}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
# So long an answer counts for the events that come next, and that there was none; a lookup that was filled is asked before.
_REMEMBERED, _GAVE_UP = 300.0, 10.0
_MOST_REMEMBERED = 10_000

Wanted = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where topics are asked for. Times are seconds: `timeout` of one question, `patience` of all for one topic."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: RequestTemplate
    topic_key: Path
    timeout: float
    patience: float


class Provisioner:
    """To be entered. Redirects are not followed, proxies of the environment are not used."""

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._client = httpx2.AsyncClient(
            headers={"User-Agent": "campaign-bridge", "Accept": "application/json"},
            follow_redirects=False,
            trust_env=False,
            timeout=None,  # of the whole question, below; the client's would be for each step of it
        )
        self._headers = endpoint.headers
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._asked: dict[Wanted, asyncio.Lock] = {}
        self._known: OrderedDict[Wanted, tuple[float, Made | NotMade]] = OrderedDict()  # until when, and what

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    def replace_headers(self, headers: Mapping[str, str]) -> None:
        """Every question that is asked from now on carries these instead of the endpoint's."""
        self._headers = headers

    async def topic_for(self, trigger: Trigger, missing: Unmapped) -> Made | NotMade:
        """The topic that the trigger lacks, or why there is none. Asks until it is told, at most for the patience."""
        wanted = (trigger.brand, missing.lookup, missing.key)
        lock = self._asked.setdefault(wanted, asyncio.Lock())
        try:
            async with lock:
                known = self._known.get(wanted)
                if known is not None and self._clock.boottime() < known[0]:
                    return known[1]
                answer = await self._ask(trigger, missing)
                if isinstance(answer, NotYet):
                    gave_up = NotMade(f"the provisioner made no topic in time: {answer.why}")
                    return self._remember(wanted, gave_up, _GAVE_UP)
                return self._remember(wanted, answer, _REMEMBERED)
        finally:
            if not lock.locked():
                self._asked.pop(wanted, None)

    def _remember(self, wanted: Wanted, answer: Made | NotMade, seconds: float) -> Made | NotMade:
        self._known[wanted] = (self._clock.boottime() + seconds, answer)
        self._known.move_to_end(wanted)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)
        return answer

    async def _ask(self, trigger: Trigger, missing: Unmapped) -> Answer:
        until, pause = self._clock.boottime() + self._endpoint.patience, _FIRST_PAUSE
        content = orjson.dumps(self._endpoint.body.filled(trigger, missing))
        while True:
            async with self._places:
                answer = await self._once(content)
            if not isinstance(answer, NotYet) or self._clock.boottime() + pause >= until:
                return answer
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads load, keeps no secret
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _once(self, content: bytes) -> Answer:
        endpoint, headers = self._endpoint, self._headers
        secrets = tuple(headers.values())
        asked_with = httpx2.Headers(headers)
        asked_with.update({"Content-Type": "application/json", **_PLAIN})
        try:
            async with (
                asyncio.timeout(endpoint.timeout),
                self._client.stream("POST", endpoint.url, content=content, headers=asked_with) as response,
            ):
                encoding = response.headers.get("Content-Encoding", "identity")
                if encoding != "identity":
                    return NotYet(
                        f"its answer is compressed ({readable(encoding.encode(), secrets)}), which was not asked for"
                    )
                body = b""
                async for piece in response.aiter_raw():
                    body += piece
                    if len(body) > _LONGEST_ANSWER:
                        return NotYet(f"its answer is longer than {_LONGEST_ANSWER} bytes")
        except (httpx2.HTTPError, TimeoutError) as error:
            said = readable(str(error).encode(), secrets) or type(error).__name__
            return NotYet(f"it could not be asked: {said}")
        return read_answer(response.status_code, body, endpoint.topic_key, secrets)
