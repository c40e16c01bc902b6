"""The replicas of an episode: each a process, started like any other, and replaced when it ends."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from chaos.evidence import Loss, SelfEnd
from service.replica import Replica
from waiting import eventually

from bridge.clock import SystemClock

_SETTLED_WITHIN = 120.0
_LOOK = 0.2
_SAID = 2_000


class Fleet:
    """`partitions` and `source_partitions`: what all replicas together must own."""

    def __init__(self, folder: Path, partitions: int, source_partitions: int) -> None:
        self._folder = folder
        self._wanted = {"dispatch": partitions, "intake": source_partitions}
        self._running: list[Replica] = []
        self._all: list[Replica] = []
        self.self_ends: list[SelfEnd] = []

    @property
    def running(self) -> Sequence[Replica]:
        """Those that should run now, in the order of their starts."""
        return tuple(self._running)

    def launch(self) -> Replica:
        """One more. Does not wait."""
        name = f"r{len(self._all) + 1}"
        arguments: list[str | Path] = [
            "--config",
            self._folder / "bridge.yaml",
            "--routes",
            self._folder / "routes.yaml",
        ]
        environ = {key: value for key, value in os.environ.items() if not key.startswith("BRIDGE_")}
        replica = Replica(name, arguments, environ, self._folder / f"{name}.log")
        self._running.append(replica)
        self._all.append(replica)
        return replica

    def pick(self, drawn: float) -> Replica:
        """One of those that run; `drawn` is 0 to 1."""
        return self._running[int(drawn * len(self._running))]

    def name_of(self, replica: Replica) -> str:
        """As it signs its claims."""
        return replica.name if replica.start is None else str(replica.start["replica"])

    def dismiss(self, replica: Replica) -> None:
        """It is meant to end: nobody is surprised when it does."""
        self._running.remove(replica)

    async def terminate(self, replica: Replica) -> None:
        """SIGTERM, and wait for its end, which must be an end with 0."""
        self.dismiss(replica)
        code = await replica.stop()
        if code != 0:
            self._note(replica, code, asked=True)

    async def settled(self) -> None:
        """Until every replica is ready and each partition has exactly one owner. One that ended by itself is replaced.

        Raises AssertionError when it takes too long.
        """
        await eventually(self._is_settled, within=_SETTLED_WITHIN, every=_LOOK)

    async def disband(self) -> None:
        """SIGTERM to all, which must end with 0."""
        self._replace_ended()
        async with asyncio.TaskGroup() as group:
            for replica in self.running:
                group.create_task(self.terminate(replica))

    async def bury(self) -> None:
        """Whatever they do, end them."""
        for replica in self._all:
            await replica.bury()

    def losses(self) -> list[Loss]:
        """What their logs say of ledgers that others claimed."""
        return [
            Loss(self.name_of(replica), line["partition"], line["offset"])
            for replica in self._all
            for line in replica.lines("ledger lost")
        ]

    def tails(self) -> str:
        """The end of each log, for a person."""
        return "".join(replica.tail() for replica in self._all)

    async def _is_settled(self) -> bool:
        self._replace_ended()
        owned = dict.fromkeys(self._wanted, 0)
        for replica in self._running:
            if replica.start is None:
                return False
            try:
                if not await replica.is_ready():
                    return False
                assigned = await replica.counted("bridge_partitions_assigned", "stage")
            except (aiohttp.ClientError, TimeoutError):
                return False
            owned = {stage: owned[stage] + assigned[stage] for stage in owned}
        assert owned == self._wanted, f"owned: {owned}"
        return True

    def _replace_ended(self) -> None:
        """As whoever runs the replicas would."""
        for replica in [one for one in self._running if one.exit_code is not None]:
            self._running.remove(replica)
            self._note(replica, replica.exit_code or 0, asked=False)
            self.launch()

    def _note(self, replica: Replica, code: int, *, asked: bool) -> None:
        said = "; ".join(str(line.get("why")) for line in replica.lines("the process ends"))
        self.self_ends.append(
            SelfEnd(self.name_of(replica), code, SystemClock().now(), asked, said[:_SAID] or replica.output[-_SAID:])
        )
