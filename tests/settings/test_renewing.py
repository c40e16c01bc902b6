"""What a running replica takes from settings that have changed."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bridge.configfile import Path_
from bridge.settings import Settings
from bridge.settings.renewing import named_files, renewal

OLD: dict[str, Any] = {
    "brands": {"acme": {"api_key": "a1", "brand_key": "b1"}, "beta": {"api_key": "a2", "brand_key": "b2"}},
    "vendor": {"timeout": "10s"},
    "kafka": {
        "security": {
            "protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "username": "bridge",
            "password": "first",
            "tls": {"cert_file": "/tls/cert", "key_password": "first"},
        }
    },
    "budget": {"redis_url": "rediss://bridge:first@redis:6379/1?ssl_ca_certs=/ca"},
    "registry": {"url": "https://registry:8081", "user": "bridge", "password": "first"},
    "tracing": {"headers": {"authorization": "Bearer 1"}},
    "provisioner": {"url": "https://topics.example.com", "headers": {"authorization": "Bearer 1", "x-team": "crm"}},
}


def settings(*changes: tuple[str, Any]) -> Settings:
    """The old ones, but for what lies at these dotted paths; None takes it out."""
    return Settings.model_validate(changed(OLD, dict(changes)))


def changed(node: dict[str, Any], changes: dict[str, Any], at: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in [*node, *(path.removeprefix(at) for path in changes if path.rpartition(".")[0] == at.rstrip("."))]:
        path = f"{at}{name}"
        value = changes.get(path, node.get(name))
        if value is not None:
            made[name] = changed(value, changes, f"{path}.") if isinstance(value, dict) else value
    return made


def paths(found: tuple[Path_, ...]) -> list[str]:
    return [".".join(map(str, path)) for path in found]


def test_nothing_new_is_nothing_to_do() -> None:
    found = renewal(settings(), settings())
    assert (found.taken, found.waiting) == ((), ())
    assert found.settings == settings()


@pytest.mark.parametrize(
    "change",
    [
        ("brands.beta.api_key", "rotated"),
        ("brands.acme.brand_key", "rotated"),
        ("provisioner.headers.authorization", "Bearer 2"),
        ("registry.password", "second"),
        ("tracing.headers.authorization", "Bearer 2"),
        ("kafka.security.password", "second"),
        ("kafka.security.tls.key_password", "second"),
        ("kafka.security.username", "bridge-2"),
        ("kafka.security.tls.cert_file", "/tls/other"),
        ("kafka.security.tls.key_file", "/tls/key"),
        ("budget.redis_url", "rediss://bridge:second@redis:6379/1?ssl_ca_certs=/ca"),
        ("budget.redis_url", "rediss://other:second@redis:6379/1?ssl_ca_certs=/ca"),
    ],
)
def test_a_secret_is_taken_and_nothing_else_is_touched(change: tuple[str, Any]) -> None:
    found = renewal(settings(), settings(change))
    assert paths(found.taken) == [change[0]]
    assert found.waiting == ()
    assert found.settings == settings(change)
    assert found.settings != settings()


@pytest.mark.parametrize(
    "change",
    [
        ("name", "other"),
        ("vendor.timeout", "3s"),
        ("brands.acme.requests_per_second", 10),
        ("brands.gamma", {"api_key": "a3", "brand_key": "b3"}),
        ("brands.beta", None),
        ("provisioner", None),
        ("provisioner.headers.x-new", "x"),
        ("kafka.bootstrap_servers", "elsewhere:9092"),
        ("kafka.security.protocol", "SASL_PLAINTEXT"),
        ("kafka.security.sasl_mechanism", "PLAIN"),
        ("budget.redis_url", None),
        ("budget.redis_url", "rediss://bridge:first@other:6379/1?ssl_ca_certs=/ca"),
        ("budget.redis_url", "redis://bridge:first@redis:6379/1?ssl_ca_certs=/ca"),
        ("budget.redis_url", "rediss://bridge:first@redis:6379/2?ssl_ca_certs=/ca"),
        ("budget.redis_url", "rediss://bridge:first@redis:6379/1"),
    ],
)
def test_everything_else_waits_for_a_restart(change: tuple[str, Any]) -> None:
    changed_value = (
        settings(change)
        if "." in change[0] or change[1] is None
        else settings().model_copy(update={change[0]: change[1]})
    )
    found = renewal(settings(), changed_value)
    assert paths(found.waiting) == [change[0]]
    assert found.taken == ()
    assert found.settings == settings()


def test_a_secret_is_taken_beside_what_waits() -> None:
    found = renewal(settings(), settings(("brands.acme.api_key", "rotated"), ("vendor.timeout", "3s")))
    assert (paths(found.taken), paths(found.waiting)) == (["brands.acme.api_key"], ["vendor.timeout"])
    assert found.settings == settings(("brands.acme.api_key", "rotated"))


def test_what_was_taken_is_as_immutable_as_what_was_loaded() -> None:
    found = renewal(settings(), settings(("brands.acme.api_key", "rotated")))
    with pytest.raises(ValidationError):
        found.settings.brands["acme"].requests_per_second = 1


def test_another_way_to_prove_who_we_are_waits_with_all_that_belongs_to_it() -> None:
    changes = (("kafka.security.sasl_mechanism", "PLAIN"), ("kafka.security.password", "second"))
    found = renewal(settings(), settings(*changes))
    assert sorted(paths(found.waiting)) == ["kafka.security.password", "kafka.security.sasl_mechanism"]
    assert found.settings == settings()


def test_of_a_rotation_with_another_user_both_are_taken() -> None:
    changes = (("kafka.security.username", "bridge-2"), ("kafka.security.password", "second"))
    found = renewal(settings(), settings(*changes))
    assert found.waiting == ()
    assert found.settings == settings(*changes)


def test_files_are_found_by_the_names_of_their_settings() -> None:
    assert named_files(settings(("kafka.security.tls.ca_file", "/tls/ca"))) == {
        ("kafka", "security", "tls", "ca_file"): Path("/tls/ca"),
        ("kafka", "security", "tls", "cert_file"): Path("/tls/cert"),
    }
