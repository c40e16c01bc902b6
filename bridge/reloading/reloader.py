"""Takes a changed table: looked for every few seconds, and at once when told to (SIGHUP). A bad one changes nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bridge.configfile import ConfigError, Noted
from bridge.errors import BridgeError
from bridge.reloading.watching import EVERY, Watch
from bridge.routing.table import Table
from bridge.telemetry import Telemetry

log = logging.getLogger(__name__)


class TableRefused(BridgeError):
    """A table that the running service must not take; the old one stays in force."""


def refuse(reasons: Sequence[str]) -> None:
    """Raise TableRefused if there is any reason to."""
    if reasons:
        raise TableRefused(f"{'; '.join(reasons)}. Restart the replicas to take this table")


class Reloader:
    """`run()` until cancelled. `read()` reads the table from its files (in a thread; raises ConfigError), `take(table)` puts
    it in force or raises BridgeError.
    """

    def __init__(
        self,
        read: Callable[[], Table],
        table: Table,
        noted: Noted,
        take: Callable[[Table], Awaitable[None]],
        telemetry: Telemetry,
        *,
        every: float = EVERY,
    ) -> None:
        """`table` is the one in force, `noted` what was read for it; `every` how often files are looked at, seconds."""
        self._read = read
        self._table = table
        self._take = take
        self._telemetry = telemetry
        self._watch = Watch(lambda: self._table.files, self._reload, noted, every=every)
        self._told: str | None = None

    def reload(self) -> None:
        """Read the files now, changed or not."""
        self._watch.ask()

    async def run(self) -> None:
        """Watch the files."""
        await self._watch.run()

    async def _reload(self, asked: bool) -> bool:
        try:
            table = await asyncio.to_thread(self._read)
            changed = table.hash != self._table.hash
            await self._take(table)
        except ConfigError as error:
            self._refuse([str(problem) for problem in error.problems if problem.severity == "error"])
        except BridgeError as error:
            self._refuse([str(error)])
        except Exception as error:
            # A fault of ours in reading must not stop the table that works.
            log.exception("the routing table could not be read")
            self._refuse([f"it could not be read ({type(error).__name__}): this is a fault of the bridge, see its log"])
        else:
            if changed or asked or self._told is not None:
                self._telemetry.table_taken(changed=changed)
            self._table, self._told = table, None
        return self._told is None

    def _refuse(self, problems: list[str]) -> None:
        what = "\n".join(problems)
        again = what == self._told
        self._told = what
        self._telemetry.table_refused(problems, again=again)
