"""Secrets that change while the service runs: rotated keys, passwords and certificates."""

import asyncio
import logging
import traceback
from collections.abc import Callable
from pathlib import Path

from bridge.configfile import ConfigError, Path_
from bridge.configfile.validation import dotted
from bridge.errors import BridgeError
from bridge.reloading.watching import EVERY, Watch
from bridge.settings import Loaded, Settings
from bridge.settings.renewing import renewal
from bridge.telemetry import Telemetry

log = logging.getLogger(__name__)

Take = Callable[[Settings], None]


class Secrets:
    """The settings in force. Their secrets follow the files that they were read from; everything else waits for a restart."""

    def __init__(self, read: Callable[[], Loaded]) -> None:
        """`read` reads the settings from their files, now and whenever these may have changed. Raises what it raises."""
        self._read = read
        loaded = read()
        self._files = loaded.files
        self.settings = loaded.settings
        self._users: list[Take] = []
        self._waiting: tuple[Path_, ...] = ()
        self._told: str | None = None
        self._watch: Watch | None = None

    def use(self, take: Take) -> None:
        """Call `take` now, and whenever a secret has changed, with the settings in force then. It may raise a BridgeError the
        first of all times only.
        """
        take(self.settings)
        self._users.append(take)

    def reload(self) -> None:
        """Read the files now, changed or not."""
        if self._watch is not None:
            self._watch.ask()

    async def run(self, telemetry: Telemetry, *, every: float = EVERY) -> None:
        """Watch the files, until cancelled; `every`: seconds between two looks."""
        telemetry.secrets_in_force()

        async def read_again(asked: bool) -> bool:
            return await self._reload(telemetry, asked=asked)

        self._watch = Watch(self._watched, read_again, every=every)
        await self._watch.run()

    def _watched(self) -> frozenset[Path]:
        return self._files

    async def _reload(self, telemetry: Telemetry, *, asked: bool) -> bool:
        try:
            loaded = await asyncio.to_thread(self._read)
        except ConfigError as error:
            problems = [str(problem) for problem in error.problems]
        except BridgeError as error:
            problems = [str(error)]
        except Exception as error:  # noqa: BLE001 - a fault of ours in reading must not stop what works
            # Without the text of the error: nobody knows what stands in it.
            log.error("the settings could not be read: %s", "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
            problems = [f"they could not be read ({type(error).__name__}): this is a fault of the bridge"]
        else:
            self._take(loaded, telemetry, asked=asked)
            return True
        what = "\n".join(problems)
        telemetry.secrets_refused(problems, again=what == self._told)
        self._told = what
        return False

    def _take(self, loaded: Loaded, telemetry: Telemetry, *, asked: bool) -> None:
        found = renewal(self.settings, loaded.settings)
        self._files = loaded.files
        if found.secrets:
            self.settings = found.settings
            for take in self._users:
                take(found.settings)
        if found.secrets or asked or self._told is not None:
            telemetry.secrets_taken([dotted(path) for path in found.secrets])
        if found.waiting and found.waiting != self._waiting:
            telemetry.settings_wait([dotted(path) for path in found.waiting])
        self._waiting, self._told = found.waiting, None
