"""The vendor, with what it knows for sure: which calls came, and which made an execution."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulation.loop import NOBODY, REPLICA, VirtualLoop

from bridge.tracecontext import Trace
from bridge.vendor.answers import (
    Accepted,
    Failed,
    NotFound,
    NotSent,
    PollError,
    Published,
    RefusedEvent,
    RunAnswer,
    Running,
    StatusAnswer,
    Throttled,
    Unknown,
)

_TIMEOUT = 3.0
# Seconds that a late execution takes: some end before the deadline of 300 s, most after it.
_LATE = (250.0, 900.0)
_HARMLESS_BELOW = 0.4


@dataclass(slots=True)
class Execution:
    """`ends`: when (loop time), and how."""

    trigger: str
    made: float
    ends: float
    failed: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A request that left, or was about to (`at`: loop time)."""

    at: float
    trigger: str
    topic_key: str


@dataclass(slots=True)
class Vendor:
    """`trouble`: the probability that a call or a poll does not end well; `sluggish`: that an execution takes longer than it
    is followed for sure. The trigger's id is in the context.
    """

    loop: VirtualLoop
    dice: random.Random
    trouble: float
    sluggish: float
    executions: dict[str, Execution] = field(default_factory=dict)
    # Requests that reached the vendor, by trigger, and whether each certainly had no effect.
    calls: Counter[str] = field(default_factory=Counter)
    harmless: Counter[str] = field(default_factory=Counter)
    polled_to_the_end: set[str] = field(default_factory=set)
    # The replica that got to know of an execution.
    heard: dict[str, str] = field(default_factory=dict)
    # When the last request of each trigger left (loop time), and all of them in their order.
    left: dict[str, float] = field(default_factory=dict)
    log: list[Call] = field(default_factory=list)
    # Requests that may have had an effect, in the order of their arrival (loop time): when, and of which trigger.
    effective: list[tuple[float, str]] = field(default_factory=list)
    # What happens to a replica soon after its next call has left.
    at_a_call: dict[str, Callable[[], None]] = field(default_factory=dict)

    async def run(
        self,
        brand: str,
        event_generator_id: str,
        topic_key: str,
        context: Mapping[str, Any],
        trace: Trace | None = None,
    ) -> RunAnswer:
        trigger = str(context["trigger"])
        self.left[trigger] = self.loop.time()
        self.log.append(Call(self.loop.time(), trigger, topic_key))
        fate = self.dice.random() / self.trouble if self.trouble else 1.0
        if fate < 0.15:
            await asyncio.sleep(self.dice.uniform(0.001, 0.1))
            return NotSent("refused connection")
        # From here on the request is on its way, whatever becomes of the replica.
        answer: asyncio.Future[RunAnswer] = self.loop.create_future()
        happens = self.at_a_call.pop(REPLICA.get(), None)
        token = REPLICA.set(NOBODY)
        try:
            self.loop.call_later(self.dice.uniform(0.001, 0.3), self._arrive, trigger, fate, answer)
            if happens is not None:
                self.loop.call_later(self.dice.uniform(0.001, 0.3), happens)
        finally:
            REPLICA.reset(token)
        try:
            async with asyncio.timeout(_TIMEOUT):
                answered = await answer
        except TimeoutError:
            return Unknown("timeout", None)
        if isinstance(answered, Accepted):
            self.heard[answered.execution_id] = REPLICA.get()
        return answered

    def _arrive(self, trigger: str, fate: float, answer: "asyncio.Future[RunAnswer]") -> None:
        self.calls[trigger] += 1
        back = self.dice.uniform(0.001, 0.3)
        if fate >= _HARMLESS_BELOW:
            self.effective.append((self.loop.time(), trigger))
        if fate < 0.3:
            self.harmless[trigger] += 1
            self.loop.call_later(back, _answer, answer, Throttled(self.dice.choice([None, 1_000, 3_000])))
        elif fate < _HARMLESS_BELOW:
            self.harmless[trigger] += 1
            self.loop.call_later(back, _answer, answer, RefusedEvent(400, "bad"))
        elif fate < 0.5:
            self.loop.call_later(back, _answer, answer, Unknown("500", 500))
        else:
            number = f"exec-{len(self.executions)}"
            now = self.loop.time()
            late = self.sluggish and self.dice.random() < self.sluggish
            ends = now + (self.dice.uniform(*_LATE) if late else self.dice.uniform(0.1, 20.0))
            self.executions[number] = Execution(trigger, now, ends, self.dice.random() < 0.1)
            if fate < 0.65:
                self.loop.call_later(back, _answer, answer, Unknown("reset", None))
            elif fate < 0.75:
                pass  # the answer is lost
            else:
                self.loop.call_later(back, _answer, answer, Accepted(number))

    async def status(self, brand: str, execution_id: str) -> StatusAnswer:
        await asyncio.sleep(self.dice.uniform(0.001, 0.2))
        if self.dice.random() < self.trouble / 2:
            return PollError("lost")
        execution = self.executions.get(execution_id)
        if execution is None:
            return NotFound()
        if self.loop.time() < execution.ends:
            return Running("processing")
        self.polled_to_the_end.add(execution_id)
        return Failed("x", "failed", None, None) if execution.failed else Published(7, None)

    async def probe(self, brand: str) -> StatusAnswer:
        await asyncio.sleep(0.01)
        return NotFound()


def _answer(future: "asyncio.Future[RunAnswer]", value: RunAnswer) -> None:
    if not future.done():
        future.set_result(value)
