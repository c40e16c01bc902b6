from pathlib import Path

import pytest

from bridge.demo import jars
from bridge.demo.ports import free_ports
from bridge.errors import BridgeError


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "campaign-bridge"


def damaged(jar: jars.Jar, repository: Path) -> Path:
    repository.mkdir(exist_ok=True)
    path = repository / jar.file_name
    path.write_bytes(b"not what it should be")
    return path


@pytest.mark.usefixtures("empty_cache")
def test_without_the_network_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_MAVEN_URL", f"http://127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(BridgeError, match=r"could not fetch org\.apache\.kafka.*HTTPS_PROXY.*BRIDGE_MAVEN_URL"):
        jars.kafka_jars(lambda _: None)


def test_a_damaged_jar_is_refused_and_nothing_is_kept(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_download", damaged)
    with pytest.raises(BridgeError, match=r"has SHA-256 .*, expected .*Nothing was started"):
        jars.kafka_jars(lambda _: None)
    assert [path.name for path in empty_cache.iterdir()] == ["fetching"]


def test_a_full_cache_needs_no_network(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_download", damaged)
    (empty_cache / f"kafka-{jars.KAFKA_VERSION}").mkdir(parents=True)
    said: list[str] = []
    assert len(jars.kafka_jars(said.append)) == 46
    assert said == []
