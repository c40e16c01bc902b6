"""The simulator as a whole: a server that can go away and come back."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiohttp import web

from bridge.clock import Clock, SystemClock
from bridge.simulator.admin import PREFIX, Admin
from bridge.simulator.answering import Answering
from bridge.simulator.arrivals import Arrival, Arrivals
from bridge.simulator.config import BrandConfig, SimulatorConfig
from bridge.simulator.connections import Connections
from bridge.simulator.executions import ExecutionLog, ExecutionRecord, record_of
from bridge.simulator.faultbook import FaultBook
from bridge.simulator.gate import Gate
from bridge.simulator.looplag import LoopLag
from bridge.simulator.maker import Maker
from bridge.simulator.polls import Polls
from bridge.simulator.report import Books, Report
from bridge.simulator.runs import Runs
from bridge.simulator.strict import NO_SUCH_PATH, Refusal, RunPath, StatusPath, read_path
from bridge.simulator.tally import Tally

_BACKLOG = 1024


class Simulator:
    """A strict stand-in for the vendor.

        async with Simulator(SimulatorConfig(latency=0)) as simulator:
            simulator.faults.add(faults.Reset(made=True))
            ... call simulator.base_url ...
            assert simulator.report().executions.duplicates == 0

    `port` 0 takes a free one. Entering raises OSError when it can't listen.
    """

    def __init__(
        self,
        config: SimulatorConfig | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
    ) -> None:
        self.config = config = config or SimulatorConfig()
        self._clock = clock = clock or SystemClock()
        self._host, self._port = host, port
        self._prefix = config.prefix
        self.faults = FaultBook(config.seed)
        self._connections = Connections(self._handle)
        self._gate = Gate(config)
        self._arrivals = Arrivals(self._gate, clock)
        self._log = ExecutionLog(config.identity)
        self._lag = LoopLag(clock)
        tally = Tally()
        self._books = Books(tally, self._log, self._gate, self._connections, self._lag, self.faults.hits)
        self._answering = Answering(config, clock, tally, self._connections)
        maker = Maker(config, clock, self._log)
        self._runs = Runs(arrivals=self._arrivals, maker=maker, faults=self.faults, answering=self._answering)
        self._polls = Polls(
            clock,
            arrivals=self._arrivals,
            log=self._log,
            faults=self.faults,
            tally=tally,
            answering=self._answering,
        )
        self._admin = Admin(
            self.faults,
            self._log,
            self._arrivals,
            report=self.report,
            reset=self.reset,
            down=self._down_for,
            now=clock.boottime,
        )
        self._listening: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        """What `vendor.base_url` is set to."""
        return f"{self._origin}{self._prefix}"

    @property
    def admin_url(self) -> str:
        """Under it are report, executions, faults, down and health."""
        return f"{self._origin}{PREFIX}"

    @property
    def _origin(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def executions(self) -> list[ExecutionRecord]:
        """What was made since the last reset, in order, as it stands now."""
        now = self._clock.boottime()
        return [record_of(execution, now) for execution in self._log.made]

    @property
    def requests(self) -> Sequence[Arrival]:
        """The requests with right keys since the last reset, in order."""
        return self._arrivals.came

    def report(self) -> Report:
        """What it got since the start or the last reset."""
        return self._books.report(self.config.limit, self._clock.boottime())

    def reset(self) -> None:
        """Begin the report again. Executions can still be polled; faults stay in force."""
        self._books.reset(self._clock.boottime())
        self._arrivals.reset()

    def replace_keys(self, brand: str, keys: BrandConfig) -> None:
        """From now on only these are the brand's keys. Raises KeyError for a brand that is not configured."""
        self._gate.replace_keys(brand, keys)

    async def down(self) -> None:
        """Refuse connections, cut those that are open, carry on with nothing. Executions are kept."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        await self._connections.cut_all()

    async def up(self) -> None:
        """Listen again, on the same port. Raises OSError when something else has taken it."""
        if self._listening is None:
            loop = asyncio.get_running_loop()
            self._listening = await loop.create_server(self._connections, self._host, self._port, backlog=_BACKLOG)
            self._port = self._listening.sockets[0].getsockname()[1]

    async def __aenter__(self) -> Self:
        await self.up()
        self._tasks = await asyncio.TaskGroup().__aenter__()
        self._watch = self._tasks.create_task(self._lag.watch())
        self._away: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in (self._watch, *self._away):
            task.cancel()
        await self.down()
        # Without the error: it is the caller's, and would come back wrapped in a group.
        await self._tasks.__aexit__(None, None, None)

    def _down_for(self, seconds: float) -> None:
        task = self._tasks.create_task(self._stay_away(seconds))
        self._away.add(task)
        task.add_done_callback(self._away.discard)

    async def _stay_away(self, seconds: float) -> None:
        await self.down()
        await asyncio.sleep(seconds)
        await self.up()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path
        if path.startswith(f"{self._prefix}/"):
            found = read_path(request.method, path[len(self._prefix) :])
        elif path.startswith(f"{PREFIX}/"):
            return await self._admin.handle(request)
        else:
            found = NO_SUCH_PATH
        match found:
            case RunPath(generator=generator):
                return await self._runs.handle(request, generator)
            case StatusPath(execution=execution):
                return await self._polls.handle(request, execution)
            case Refusal():
                return await self._answering.turn_away(request, "other", found)
