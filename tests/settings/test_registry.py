from pathlib import Path
from typing import Any

import orjson
import pytest

from bridge.configfile import ConfigError
from bridge.registry.access import Access
from bridge.settings import RegistrySettings, load_settings


def read(folder: Path, **registry: Any) -> RegistrySettings:
    path = folder / "bridge.yaml"
    path.write_bytes(orjson.dumps({"registry": registry}))
    found = load_settings(path, {}).registry
    assert found is not None
    return found


def test_without_the_section_there_is_none() -> None:
    assert load_settings(None, {}).registry is None


def test_it_can_be_set_by_the_environment_alone() -> None:
    environ = {"BRIDGE_REGISTRY__URL": "http://localhost:8081/", "BRIDGE_REGISTRY__TOKEN": "tok"}
    found = load_settings(None, environ).registry
    assert found is not None
    assert Access.of(found) == Access("http://localhost:8081", 5.0, token="tok")


def test_secrets_are_shown_nowhere(tmp_path: Path) -> None:
    found = read(tmp_path, url="https://registry", user="me", password="hush with spaces")
    assert "hush" not in repr(found)
    assert Access.of(found).password == "hush with spaces"
    assert "hush" not in repr(Access.of(found))


@pytest.mark.parametrize(
    ("registry", "problem"),
    [
        ({}, "registry.url: required"),
        ({"url": "registry:8081"}, "must be a URL"),
        ({"url": "https://a,ftp://b"}, "must be a URL"),
        ({"url": "https://me:hush@registry"}, "credentials are registry.user and .password"),
        ({"url": "https://registry?x=1"}, "without user, query and fragment"),
        ({"url": "https://registry", "user": "me"}, "user and password belong together"),
        ({"url": "https://registry", "password": "hush"}, "user and password belong together"),
        ({"url": "https://registry", "user": "me", "password": "hush", "token": "hush"}, "a token and a user"),
        ({"url": "http://registry", "user": "me", "password": "hush"}, "would travel to http://registry unencrypted"),
        ({"url": "https://a,http://registry", "token": "hush"}, "would travel to http://registry unencrypted"),
        ({"url": "https://registry", "key_file": "/k.pem"}, "a key_file without its cert_file"),
        ({"url": "https://registry", "cache": 5}, "registry.cache"),
    ],
)
def test_what_can_not_work_is_refused(tmp_path: Path, registry: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, **registry)
    assert problem in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://registry:8081", "https://registry,https://other/api", "http://127.0.0.1:1"])
def test_plain_http_is_fine_without_credentials(tmp_path: Path, url: str) -> None:
    assert read(tmp_path, url=url).url == url


def test_credentials_may_travel_to_this_machine(tmp_path: Path) -> None:
    assert read(tmp_path, url="http://127.0.0.1:8081", user="me", password="hush").user == "me"
