"""The processes of the demo: Kafka, the simulator, and replicas of the bridge, each as a user would start it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from bridge.demo.expected import GENERATORS, SUBJECT_FIELDS, TopicKeys
from bridge.demo.kafka import EmbeddedKafka
from bridge.demo.ports import HOST, free_ports, is_free
from bridge.demo.processes import ChildProcess
from bridge.demo.progress import ReplicaView
from bridge.errors import BridgeError

FAILING_TEAM = "WAL"
_BRAND = "acme"
_API_KEY = "demo-api-key"
_BRAND_KEY = "demo-brand-key"


def config_folder() -> Path:
    """Where routes.yaml and its lookups are: in the installed package, or in the repository."""
    here = Path(__file__).parent
    for folder in (here / "config", here.parents[1] / "config"):
        if (folder / "routes.yaml").exists():
            return folder
    raise BridgeError(f"config/routes.yaml is missing, in {here} and beside the package: the demo is not complete")


class System:
    """Starts processes and ends them all, in order. Everything ends with this process.

    `usual_ports`: take Kafka's, the simulator's and the bridge's usual ports where they are free. `folder` holds the
    settings and the logs of the processes; set `keep_logs` to leave it when they end.
    """

    def __init__(self, announce: Callable[[str], None], *, usual_ports: bool) -> None:
        self._announce = announce
        self._usual_ports = usual_ports
        self.folder = Path(tempfile.mkdtemp(prefix="campaign-bridge-demo-"))
        self.keep_logs = False
        self._config = config_folder()
        self.keys = TopicKeys.read(self._config / "lookups")
        self.kafka = EmbeddedKafka(port=self._port(9092) if usual_ports else None, announce=announce)
        self._simulator: ChildProcess | None = None
        self._simulator_port = self._port(8090)
        self._replicas: dict[str, ChildProcess] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for replica in self._replicas.values():
            replica.terminate()
        for replica in self._replicas.values():
            replica.stop()
        if self._simulator is not None:
            self._simulator.stop()
        self.kafka.stop()
        if isinstance(error, Exception) or self.keep_logs:
            self._announce(f"the logs of all processes are in {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def vendor_url(self) -> str:
        """Where the simulator listens."""
        return f"http://{HOST}:{self._simulator_port}"

    @property
    def replica_command(self) -> str:
        """What starts one more replica, for a shell in the folder where the demo was started."""
        program = os.path.relpath(Path(sys.executable).with_name("bridge"))
        return f"{program} run --config {self.folder / 'bridge.yaml'} --routes {os.path.relpath(self._config / 'routes.yaml')}"

    def start_simulator(self) -> None:
        """Start `bridge simulate` with the demo's keys and generators, and one topic key whose executions fail."""
        played = {
            "brands": {_BRAND: {"api_key": _API_KEY, "brand_key": _BRAND_KEY}},
            "generators": [{"id": generator, "brand": _BRAND} for generator in GENERATORS.values()],
            "failing_topic_keys": [self.keys.teams[FAILING_TEAM]],
            "identity": list(SUBJECT_FIELDS),
            # As slow as a vendor over the internet: so the kill has calls under way to catch.
            "latency": "150ms",
            "jitter": "100ms",
            "time_to_end": ["500ms", "2s"],
        }
        path = self.folder / "simulator.json"
        path.write_bytes(orjson.dumps(played, option=orjson.OPT_INDENT_2))
        # Its keeper also removes our folder, should we die.
        self._simulator = ChildProcess(
            self._command("simulate", "--config", path, "--port", str(self._simulator_port)),
            log=self.folder / "simulator.log",
            environ=self._environ({}),
            scratch=self.folder,
        )

    def start_replica(self, name: str) -> ReplicaView:
        """Start `bridge run`. Kafka must run."""
        path = self.folder / "bridge.yaml"
        if not path.exists():
            path.write_bytes(orjson.dumps(self._settings(), option=orjson.OPT_INDENT_2))  # JSON is YAML
        port = self._port(8080)
        command = self._command("run", "--config", path, "--routes", self._config / "routes.yaml")
        self._replicas[name] = ChildProcess(
            command, log=self.folder / f"replica-{name}.log", environ=self._environ({"BRIDGE_HTTP__PORT": str(port)})
        )
        return ReplicaView(name, self._replicas[name].pid, f"http://{HOST}:{port}")

    def kill_replica(self, name: str) -> None:
        """SIGKILL: no goodbye."""
        killed = self._replicas.pop(name)
        killed.kill()
        killed.wait()

    def raise_if_ended(self) -> None:
        """Raise BridgeError when a process ended that nobody ended, with the end of its log."""
        processes = {f"replica {name}": process for name, process in self._replicas.items()} | (
            {"simulator": self._simulator} if self._simulator is not None else {}
        )
        for name, process in processes.items():
            if process.returncode is not None:
                said = process.log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise BridgeError(f"{name} ended by itself with code {process.returncode}. The end of its log:\n{said}")
        if not self.kafka.is_running:
            raise BridgeError("Kafka ended by itself")

    def _settings(self) -> dict[str, object]:
        return {
            "name": "bridge",
            "kafka": {"bootstrap_servers": self.kafka.bootstrap_servers, "session_timeout": "3s"},
            "vendor": {"base_url": f"{self.vendor_url}/smart-campaigns/v1"},
            "brands": {_BRAND: {"api_key": _API_KEY, "brand_key": _BRAND_KEY}},
            "reconcile": {"first_poll": "1s", "max_interval": "3s"},
            "topics": {"replication": 1},
            "http": {"host": HOST, "port": 0},
        }

    def _command(self, *arguments: str | Path) -> list[str | Path]:
        return [sys.executable, "-m", "bridge", *arguments]

    def _environ(self, own: dict[str, str]) -> dict[str, str]:
        """Ours, without settings of the bridge that a user may have exported."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("BRIDGE_")}
        return inherited | GENERATORS | own

    def _port(self, usual: int) -> int:
        return usual if self._usual_ports and is_free(usual) else free_ports(1)[0]
