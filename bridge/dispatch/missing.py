"""Triggers whose topic does not exist yet: somebody is asked to make it, while everything else goes on.

Such a trigger has no intent and no record of any other kind before it has a topic, so whoever owns its partition next reads it
again, and asks again.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from bridge.clock import Clock
from bridge.dispatch import verdicts
from bridge.dispatch.around import Topics
from bridge.dispatch.work import State, Work
from bridge.ledger.records import Dropped
from bridge.provisioning.answers import Made, NotMade
from bridge.triggers import Unmapped


class Owner(Protocol):
    """The partition that the trigger belongs to."""

    @property
    def working(self) -> bool:
        """Whether attempts may begin."""

    async def welcome(self, work: Work) -> None:
        """Let it wait for its call."""

    async def drop(self, drops: list[Dropped]) -> None:
        """End these without a call."""


@dataclass(frozen=True, slots=True)
class MissingTopics:
    """`start(coroutine, name)` runs one beside everything else. Without `topics` nobody makes any."""

    topics: Topics | None
    clock: Clock
    start: Callable[[Coroutine[Any, Any, None], str], object]

    def ask(self, owner: Owner, work: Work) -> bool:
        """Have the topic made that the work lacks, which must be all that it lacks. False: nobody will."""
        missing = work.trigger.verdict
        if self.topics is None or not isinstance(missing, Unmapped):
            return False
        self.start(self._provide(self.topics, owner, work, missing), "missing topic")
        return True

    async def _provide(self, topics: Topics, owner: Owner, work: Work, missing: Unmapped) -> None:
        answer = await topics.topic_for(work.trigger, missing)
        if not owner.working:
            return  # its successor asks, too
        match answer:
            case Made(topic_key):
                work.trigger = work.trigger.with_topic(topic_key)
                work.state = State.WAITING
                await owner.welcome(work)
            case NotMade(why):
                await owner.drop([verdicts.unmapped(work, missing, f"{missing.reason}; {why}", self.clock.now())])
