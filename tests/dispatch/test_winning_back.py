"""A partition that another replica claimed while the group still listed it as ours."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from bridge.clock import SystemClock
from bridge.dispatch.opening import Opening, Wish
from bridge.kafka.records import TopicPartition
from bridge.telemetry import Telemetry


class Group:
    """What a member says to its group, in order; just after it said `lost_at`, the partition is lost."""

    def __init__(self, lost_at: str) -> None:
        self.said: list[str] = []
        self.ours = True
        self._lost_at = lost_at

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        del partitions
        self._say("pause")

    def seek(self, where: TopicPartition, offset: int) -> None:
        del where, offset
        self._say("seek")

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        del offsets
        self._say("commit")
        await asyncio.sleep(0)

    def _say(self, what: str) -> None:
        self.said.append(what)
        if what == self._lost_at:  # and a moment later
            asyncio.get_running_loop().call_soon(self._lose)

    def _lose(self) -> None:
        self.ours = False


@pytest.mark.parametrize(("lost_at", "said"), [("pause", ["pause"]), ("commit", ["pause", "commit"])])
async def test_one_that_was_lost_meanwhile_is_left_alone_though_it_may_be_ours_again(
    lost_at: str, said: list[str]
) -> None:
    """Else the group's progress would be set back to where it was, and a newer reading with it."""
    group, clock = Group(lost_at), SystemClock()
    nobody = cast("Any", None)
    opening = Opening(
        consumer=cast("Any", group),
        topic="bridge.triggers",
        ledger=nobody,
        make=nobody,
        reader=nobody,
        clock=clock,
        telemetry=Telemetry(CollectorRegistry(), clock),
    )
    wish = Wish(1, lambda: group.ours, nobody)
    async with asyncio.timeout(10):
        await opening.win_back(wish, 6, nobody, nobody)
    assert group.said == said
