"""A real Kafka without Docker, Java or Maven on the machine, for the demo, for playing and for tests."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bridge.demo.brokersettings import Place, broker_settings
from bridge.demo.node import KafkaNode
from bridge.demo.ports import HOST, free_ports, is_free
from bridge.errors import BridgeError

_NODE = 1
_IN_USE = "Address already in use"
_PORT_TRIES = 3


class EmbeddedKafka:
    """One Kafka node (broker and controller, KRaft) as a child process.

    Without `port` it takes free ports; without `data` its folder is temporary and removed by `stop`, or when this process
    dies. `settings` override the node's own. Listens on 127.0.0.1 only. `users`: SCRAM credentials to begin with, as
    `kafka-storage format --add-scram` takes them; `jvm`: options of the Java runtime.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        data: Path | None = None,
        settings: Mapping[str, str] | None = None,
        announce: Callable[[str], None] = lambda _: None,
        users: Sequence[str] = (),
        jvm: Sequence[str] = (),
    ) -> None:
        self._asked_port = port
        self._kept = data
        self._settings = dict(settings or {})
        self._users = users
        self._jvm = jvm
        self._announce = announce
        self._folder: Path | None = None
        self._node: KafkaNode | None = None
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
        return self._started.log

    def start(self, timeout: float = 60.0) -> None:
        """Start it and wait until it serves. Raises BridgeError with the end of its log when it doesn't in `timeout` s."""
        if self._kept is None:
            folder = scratch = Path(tempfile.mkdtemp(prefix="campaign-bridge-kafka-"))
        else:
            folder, scratch = self._kept.resolve(), None
        self._folder = folder
        try:
            node = self._node = KafkaNode(folder, announce=self._announce, scratch=scratch, jvm=self._jvm)
            self._configure(node)
            node.format(self._users)
            self._launch_on_free_ports(node, timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it cleanly; a temporary folder is removed. Fine to call twice."""
        self.halt()
        self._node = None
        if self._folder is not None and self._kept is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def kill(self) -> None:
        """SIGKILL, as a crash would: the data stays for `restart`. Returns when it is dead."""
        self._started.kill()

    def halt(self) -> None:
        """End it cleanly and keep the data for `restart`."""
        if self._node is not None:
            self._node.halt()

    def restart(self, timeout: float = 60.0) -> None:
        """Start it again with the same ports and data, after `halt` or `kill`, or halting it first."""
        self.halt()
        self._launch(self._started, timeout)

    @property
    def pid(self) -> int:
        """The process id of the running node (to freeze it, for instance)."""
        return self._started.pid

    @property
    def is_running(self) -> bool:
        """Whether the node's process lives."""
        return self._node is not None and self._node.is_running

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _started(self) -> KafkaNode:
        if self._node is None:
            raise BridgeError("Kafka has not been started")
        return self._node

    def _configure(self, node: KafkaNode) -> None:
        if self._asked_port is not None and not is_free(self._asked_port):
            raise BridgeError(f"port {self._asked_port} of {HOST} is in use: stop what listens there, or take another")
        free_port, controller_port = free_ports(2)
        self._port = self._asked_port or free_port
        place = Place(_NODE, self._port, controller_port)
        node.configure(_with(broker_settings(place, [place], host=HOST, data=node.data), self._settings))

    def _launch_on_free_ports(self, node: KafkaNode, timeout: float) -> None:
        """Ports that were free a moment ago may be taken by now: then others."""
        for _ in range(_PORT_TRIES):
            try:
                self._launch(node, timeout)
            except BridgeError as error:
                if self._asked_port is not None or _IN_USE not in str(error):
                    raise
                self.halt()
                self._configure(node)
            else:
                return
        self._launch(node, timeout)

    def _launch(self, node: KafkaNode, timeout: float) -> None:
        node.launch()
        node.wait(timeout)


def _with(settings: dict[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Listeners are added; all else takes the place of what is there."""
    added = {name: f"{settings[name]},{more[name]}" for name in ("listeners", "advertised.listeners") if name in more}
    return settings | dict(more) | added
