"""Kafka's jars: which ones, fetched once, checked against what this project was tested with.

`kafka-jars.txt` lists each jar as Maven coordinates and SHA-256, so that what runs here is what was tried, and a full
cache needs no network. `tools/kafka_jars.py` makes that file anew for another version.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bridge.errors import BridgeError

KAFKA_VERSION = "4.1.0"
MAVEN_CENTRAL = "https://repo.maven.apache.org/maven2"
_LIST = Path(__file__).with_name("kafka-jars.txt")


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar: `group:artifact:version`, and the SHA-256 of its bytes in hexadecimal."""

    coordinates: str
    digest: str

    @property
    def file_name(self) -> str:
        """As Maven names it."""
        _, artifact, version = self.coordinates.split(":")
        return f"{artifact}-{version}.jar"


def cache_folder() -> Path:
    """Where this project keeps what it fetches: `campaign-bridge` in XDG_CACHE_HOME, or else in `~/.cache`."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "campaign-bridge"


def kafka_jars(announce: Callable[[str], None]) -> list[Path]:
    """The class path of Kafka. Fetches what the cache lacks, and then says so through `announce`.

    Processes that ask at the same time wait for the one that fetches. Raises BridgeError when it can't be fetched.
    """
    jars = _listed()
    folder = cache_folder() / f"kafka-{KAFKA_VERSION}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / "fetching").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                announce(f"fetching Kafka {KAFKA_VERSION} once ({len(jars)} jars, 45 MB) into {folder}")
                _fetch(jars, folder)
    return [folder / jar.file_name for jar in jars]


def _listed() -> list[Jar]:
    return [Jar(*line.split()) for line in _LIST.read_text(encoding="utf-8").splitlines()]


def _fetch(jars: list[Jar], folder: Path) -> None:
    """Fill a folder beside the final one and rename it: what exists is complete."""
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        with ThreadPoolExecutor(max_workers=4) as pool:
            for jar, path in zip(jars, pool.map(lambda jar: _download(jar, partial / "maven"), jars), strict=True):
                found = sha256(path.read_bytes()).hexdigest()
                if found != jar.digest:
                    raise BridgeError(
                        f"{jar.coordinates} from {_maven_url()} has SHA-256 {found}, expected {jar.digest}: "
                        "it was damaged on the way, or it is not what this project was tested with. Nothing was started"
                    )
                path.rename(partial / jar.file_name)
        shutil.rmtree(partial / "maven")
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _download(jar: Jar, repository: Path) -> Path:
    import requests  # noqa: PLC0415 - only a first start needs these
    from jgo.maven import MavenContext  # noqa: PLC0415

    context = MavenContext(repo_cache=repository, local_repos=[], remote_repos={"maven": _maven_url()}, timeout=30)
    try:
        return Path(context.create_dependency(jar.coordinates).artifact.resolve())
    except (requests.RequestException, RuntimeError) as error:
        raise BridgeError(
            f"could not fetch {jar.coordinates} from {_maven_url()}: {error}. It is needed once. Behind a proxy set "
            "HTTPS_PROXY; for a mirror of Maven Central set BRIDGE_MAVEN_URL"
        ) from error


def _maven_url() -> str:
    return os.environ.get("BRIDGE_MAVEN_URL", MAVEN_CENTRAL).rstrip("/")
