"""Secrets that change while the service runs: rotated keys, passwords and certificates."""

import asyncio
import hashlib
import logging
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from bridge.configfile import ConfigError, Path_, noting, read_file
from bridge.configfile.validation import dotted
from bridge.errors import BridgeError
from bridge.reloading.watching import EVERY, LARGEST_FILE, Watch
from bridge.settings import Loaded, Settings
from bridge.settings.renewing import named_files, renewal
from bridge.telemetry import Telemetry

log = logging.getLogger(__name__)

Take = Callable[[Settings], None]
Contents = Mapping[Path_, bytes]


class Secrets:
    """The settings in force. Their secrets follow the files that they were read from; everything else waits for a restart."""

    def __init__(self, read: Callable[[], Loaded]) -> None:
        """`read` reads the settings from their files, now and whenever these may have changed. Raises what it raises."""
        self._read = read
        with noting() as self._noted:
            loaded, self._contents = self._look()
        self._files = loaded.files
        self.settings = loaded.settings
        self._users: list[tuple[Path_, Take]] = []
        self._waiting: tuple[Path_, ...] = ()
        self._told: str | None = None
        self._watch: Watch | None = None

    def use(self, where: Path_, take: Take) -> None:
        """Call `take` now, and whenever a secret below `where` has changed, with the settings in force then. Who may raise
        BridgeErrors must be the first to come: then all is left as it was.
        """
        take(self.settings)
        self._users.append((where, take))

    def reload(self) -> None:
        """Read the files now, changed or not."""
        if self._watch is not None:
            self._watch.ask()

    async def run(self, telemetry: Telemetry, *, every: float = EVERY) -> None:
        """Watch the files, until cancelled; `every`: seconds between two looks."""
        telemetry.secrets_in_force()

        async def read_again(asked: bool) -> bool:
            return await self._reload(telemetry, asked=asked)

        self._watch = Watch(lambda: self._files, read_again, self._noted, every=every)
        await self._watch.run()

    def _look(self) -> tuple[Loaded, Contents]:
        loaded = self._read()
        return loaded, {path: _digest(file) for path, file in named_files(loaded.settings).items()}

    async def _reload(self, telemetry: Telemetry, *, asked: bool) -> bool:
        try:
            loaded, contents = await asyncio.to_thread(self._look)
            self._take(loaded, contents, telemetry, asked=asked)
        except ConfigError as error:
            problems = [str(problem) for problem in error.problems]
        except BridgeError as error:
            problems = [str(error)]
        except Exception as error:  # noqa: BLE001 - a fault of ours in reading must not stop what works
            # Without the text of the error: nobody knows what stands in it.
            log.error("the settings could not be read: %s", "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
            problems = [f"they could not be read ({type(error).__name__}): this is a fault of the bridge"]
        else:
            return True
        what = "\n".join(problems)
        telemetry.secrets_refused(problems, again=what == self._told)
        self._told = what
        return False

    def _take(self, loaded: Loaded, contents: Contents, telemetry: Telemetry, *, asked: bool) -> None:
        found = renewal(self.settings, loaded.settings)
        # A certificate is another when its file is, whatever it is called.
        current = named_files(found.settings)
        swapped = [path for path in current if contents.get(path) != self._contents.get(path)]
        taken = dict.fromkeys([*found.taken, *swapped])
        if taken:
            for where, take in self._users:
                if any(path[: len(where)] == where for path in taken):
                    take(found.settings)
            self.settings = found.settings
        self._files, self._contents = loaded.files, contents
        if taken or asked or self._told is not None:
            telemetry.secrets_taken([dotted(path) for path in taken])
        if found.waiting and found.waiting != self._waiting:
            telemetry.settings_wait([dotted(path) for path in found.waiting])
        self._waiting, self._told = found.waiting, None


def _digest(file: Path) -> bytes:
    """Of what it holds; empty where it can't be read, which the settings complain of."""
    try:
        return hashlib.sha256(read_file(file, LARGEST_FILE + 1)).digest()
    except OSError:
        return b""
