"""`bridge config show`: what counts, where it comes from, and no secret."""

from pathlib import Path

import orjson
import pytest
from cli.calling import call

from bridge.configfile import parse
from bridge.settings import settings_of
from bridge.settings.showing import HIDDEN

FILE = """\
mode: shadow
kafka: {session_timeout: 3000ms}
brands:
  acme: {api_key: "${file:%s}", brand_key: "${KEY}"}
budget: {redis_url: "redis://user:s3cret@redis:6379"}
provisioner: {url: "https://topics.example.com", headers: {authorization: Bearer s3cret}}
"""
SAID = """\
name: bridge                                                # default
mode: shadow                                                # bridge.yaml:1:7
kafka:
  bootstrap_servers: localhost:9092                         # default
"""
BRANDS = """\
brands:
  acme:
    api_key: '**********'                                   # bridge.yaml:4:19
    brand_key: '**********'                                 # BRIDGE_BRANDS__ACME__BRAND_KEY
    requests_per_second: 500                                # default
budget:
  headroom: 0.95                                            # default
  redis_url: '**********'                                   # bridge.yaml:5:21
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "key").write_text("s3cret\n")
    (tmp_path / "bridge.yaml").write_text(FILE % (tmp_path / "key"))
    monkeypatch.chdir(tmp_path)
    return Path("bridge.yaml")


ENVIRON = {"KEY": "s3cret", "BRIDGE_BRANDS__ACME__BRAND_KEY": "s3cret-too", "BRIDGE__HTTP": '{"port": 1}'}


def test_every_setting_is_shown_with_where_it_comes_from_and_secrets_are_not(file: Path) -> None:
    ended = call("config", "show", "--config", file, env=ENVIRON)
    assert (ended.code, ended.complaint) == (0, "")
    assert ended.said.startswith(SAID)
    assert "  session_timeout: 3s                                       # bridge.yaml:2:26\n" in ended.said
    assert BRANDS in ended.said
    assert "  port: 1                                                   # BRIDGE__HTTP\n" in ended.said
    assert "  host: 0.0.0.0                                             # default\n" in ended.said
    assert f"    authorization: '{HIDDEN}'" in ended.said
    assert "s3cret" not in ended.said


def test_what_is_shown_is_what_counts(file: Path) -> None:
    """Read as settings again it is the same, but for the secrets."""
    environ = {name: value for name, value in ENVIRON.items() if name != "BRIDGE_BRANDS__ACME__BRAND_KEY"}
    said = call("config", "show", "--config", file, env=environ).said.replace(f"'{HIDDEN}'", "s3cret")
    said = said.replace("redis_url: s3cret", "redis_url: redis://user:s3cret@redis:6379")
    said = said.replace("authorization: s3cret", "authorization: Bearer s3cret")
    assert settings_of(parse(said, "shown", {}), {}) == settings_of(parse(file.read_text(), "", environ), environ)


def test_as_json_it_is_the_same(file: Path) -> None:
    told = orjson.loads(call("config", "show", "--format", "json", "--config", file, env=ENVIRON).said)
    assert told["settings"]["kafka"]["session_timeout"] == "3s"
    assert told["settings"]["brands"]["acme"]["api_key"] == HIDDEN
    assert told["origins"]["brands.acme.brand_key"] == "BRIDGE_BRANDS__ACME__BRAND_KEY"
    assert told["origins"]["kafka.bootstrap_servers"] == "default"
    assert told["origins"]["http.port"] == "BRIDGE__HTTP"
    assert "s3cret" not in str(told)


def test_without_a_file_there_are_defaults() -> None:
    ended = call("config", "show")
    assert ended.code == 0
    assert {line.rpartition("# ")[2] for line in ended.said.splitlines() if "#" in line} == {"default"}


def test_wrong_settings_end_it_with_2_and_every_mistake(file: Path) -> None:
    ended = call("config", "show", "--config", file, env={"BRIDGE_HTTP__PORT": "many"})
    assert (ended.code, ended.said) == (2, "")
    assert "BRIDGE_HTTP__PORT: must be a whole number" in ended.complaint
    assert "bridge.yaml:4:" in ended.complaint
    assert "KEY is not set" in ended.complaint
