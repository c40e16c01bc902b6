from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.configfile import ConfigError, parse, without_places
from bridge.settings import Settings, load_settings, settings_of

SHIPPED = Path("config/bridge.yaml")
KEYS = {"ACME_API_KEY": "a-key", "ACME_BRAND_KEY": "a-brand"}


def settings(text: str = "", **environ: str) -> Settings:
    return settings_of(parse(text, "bridge.yaml", environ), environ)


def complaints(text: str = "", **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings(text, **environ)
    return str(caught.value).splitlines()


def test_the_defaults_work() -> None:
    assert load_settings(None, {}) == settings()
    assert settings().vendor.timeout == 10_000
    assert settings().brands == {}


def test_the_shipped_file_loads() -> None:
    loaded = load_settings(SHIPPED, KEYS)
    assert loaded.brands["acme"].api_key.get_secret_value() == "a-key"
    assert loaded.model_copy(update={"brands": {}}) == Settings()


def test_the_settings_of_the_first_release_are_read() -> None:
    loaded = settings(
        """
        name: bridge-eu
        mode: shadow
        kafka: {bootstrap_servers: "one:9092, two:9093", session_timeout: 10s, rebalance_timeout: 1m}
        vendor: {base_url: "https://example.com/v1/", timeout: 2500ms, connections: 64, transport: httpcore}
        brands: {acme: {api_key: k1, brand_key: k2, requests_per_second: 12.5}}
        budget: {headroom: 0.9, redis_url: null, strict: false}
        dispatch: {drain_timeout: 20s, max_waiting: 100, park_after: 30s}
        reconcile: {deadline: 1h, first_poll: 1s, max_interval: 10s, grace_404: 90s}
        topics: {create: false, partitions: 3, replication: 1, max_message_bytes: 2000000,
                 retention: {triggers: 1d, ledger: 2d, results: 3d, dead_letters: 4d}}
        http: {host: 127.0.0.1, port: 0}
        log: {level: debug}
        """
    )
    assert (loaded.name, loaded.mode, loaded.vendor.base_url) == ("bridge-eu", "shadow", "https://example.com/v1")
    assert (loaded.vendor.timeout, loaded.topics.retention.dead_letters) == (2_500, 4 * 86_400_000)
    assert loaded.brands["acme"].requests_per_second == 12.5


def test_every_error_is_told_at_once_with_its_place() -> None:
    text = "kafka:\n  session_timeout: 10\n  bootstrap_server: x\nmode: dry\nhttp: {port: 70000}\nbrands:\n  acme: {api_key: x}\n"
    assert complaints(text) == [
        "bridge.yaml:2:20: error: kafka.session_timeout: must be a duration: a number and a unit, as in 250ms, 10s, 5m, 24h or 7d",
        "bridge.yaml:3:3: error: kafka.bootstrap_server: unknown setting; did you mean 'bootstrap_servers'?",
        "bridge.yaml:4:7: error: mode: must be 'live' or 'shadow'",
        "bridge.yaml:5:14: error: http.port: must be less than or equal to 65535",
        "bridge.yaml:7:3: error: brands.acme.brand_key: required, but not set",
    ]


def test_a_variable_with_a_double_underscore_overrides_the_file() -> None:
    loaded = settings(
        "kafka: {bootstrap_servers: 'file:1', session_timeout: 6s}",
        BRIDGE_KAFKA__BOOTSTRAP_SERVERS="env:2",
        BRIDGE_BRANDS__ACME__API_KEY="k1",
        BRIDGE_BRANDS__ACME__BRAND_KEY="12345",
        BRIDGE_TOPICS__RETENTION__RESULTS="5d",
        BRIDGE_TOPICS__CREATE="false",
    )
    assert (loaded.kafka.bootstrap_servers, loaded.kafka.session_timeout) == ("env:2", 6_000)
    assert loaded.brands["acme"].brand_key.get_secret_value() == "12345"
    assert loaded.topics.retention.results == 5 * 86_400_000
    assert not loaded.topics.create


def test_settings_outside_of_sections_have_a_double_underscore_too() -> None:
    assert settings(BRIDGE__MODE="shadow", BRIDGE__NAME="other").name == "other"


def test_what_kubernetes_sets_for_a_service_named_bridge_is_not_looked_at() -> None:
    names = ("BRIDGE_PORT", "BRIDGE_SERVICE_HOST", "BRIDGE_NAME", "BRIDGE_KAFKA", "BRIDGE_HTTP", "BRIDGE_PORT_8080_TCP")
    assert settings(**dict.fromkeys(names, "tcp://10.0.0.1:8080")) == settings()


def test_an_empty_variable_counts_as_unset() -> None:
    assert settings("http: {port: 1}", BRIDGE_HTTP__PORT="").http.port == 1


def test_a_variable_can_say_null() -> None:
    assert settings("budget: {redis_url: 'redis://x'}", BRIDGE_BUDGET__REDIS_URL="null").budget.redis_url is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("BRIDGE_HTTP__PORT", "many", "must be a whole number"),
        ("BRIDGE_HTTP__PROT", "1", "unknown setting; did you mean 'port'?"),
        ("BRIDGE_HTPP__PORT", "1", "unknown setting; did you mean 'http'?"),
        ("BRIDGE__NAMES", "x", "unknown setting; did you mean 'name'?"),
        ("BRIDGE_NAME__X", "1", "unknown setting; did you mean 'name'?"),
        ("BRIDGE_HTTP__PORT__X", "1", "must be a whole number"),
        ("BRIDGE__KAFKA", "no json", "must be a mapping (key: value)"),
        ("BRIDGE_BRANDS__acme__API_KEY__X", "1", "must be a text"),
        (
            "BRIDGE_DISPATCH__DRAIN_TIMEOUT",
            "1s",
            "must be longer than vendor.timeout (10s), or stopping cuts calls off",
        ),
    ],
)
def test_an_override_that_is_wrong_is_named(name: str, value: str, expected: str) -> None:
    environ = {name: value, "BRIDGE_BRANDS__ACME__BRAND_KEY": "x"} if "BRANDS" in name else {name: value}
    assert complaints(**environ)[0] == f"error: {name}: {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vendor: {timeout: 20s}", "dispatch.drain_timeout: must be longer than vendor.timeout (20s)"),
        (
            "kafka: {session_timeout: 2m}",
            "kafka.rebalance_timeout: must not be shorter than kafka.session_timeout (2m)",
        ),
        (
            "topics: {retention: {ledger: 7d}}",
            "topics.retention.ledger: must be longer than topics.retention.triggers (7d)",
        ),
        ("reconcile: {deadline: 1m}", "reconcile.grace_404: must be shorter than reconcile.deadline (1m)"),
        ("budget: {strict: true}", "budget.strict: has no meaning without budget.redis_url"),
    ],
)
def test_settings_that_do_not_fit_together_are_told(text: str, expected: str) -> None:
    (complaint,) = complaints(text)
    assert complaint.startswith("bridge.yaml:1:")
    assert expected in complaint


def test_a_misfit_is_placed_at_the_setting_that_is_to_change() -> None:
    assert complaints("vendor:\n  timeout: 5s\ndispatch:\n  drain_timeout: 5s\n")[0].startswith(
        "bridge.yaml:4:18: error: dispatch.drain_timeout"
    )


@pytest.mark.parametrize(
    "url", ["https://example.com/v1", "http://localhost:8000", "http://127.0.0.1:1/x", "http://[::1]:80"]
)
def test_urls_are_https_or_loopback(url: str) -> None:
    assert settings(f"vendor: {{base_url: '{url}'}}").vendor.base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "ftp://localhost",
        "https://",
        "example.com",
        "https://user:secret@example.com",
        "https://example.com/?a=1",
        "https://example.com:port",
        "https://[::1",
        "",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    assert "vendor.base_url: must be" in complaints(f"vendor: {{base_url: '{url}'}}")[0]


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://redis.example.com:6380/3",
        "rediss://user:p%40ss@redis.example.com:6380",
        "rediss://:secret@10.0.0.1:6379/0?ssl_ca_certs=/etc/redis/ca.pem",
        "redis://[::1]:6379",
    ],
)
def test_where_a_redis_is(url: str) -> None:
    redis_url = settings(f"budget: {{redis_url: '{url}'}}").budget.redis_url
    assert redis_url is not None
    assert redis_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "http://canary",
        "redis://",
        "canary:6379",
        "redis://canary:port",
        "redis://canary/zero",
        "redis://:can#ary@localhost",
        "unix:///canary",
        "redis://localhost?password=canary",
        "redis://localhost?ssl_cert_reqs=none&canary=1",
    ],
)
def test_what_is_no_redis_is_refused_without_being_shown(url: str) -> None:
    complaint = complaints(f"budget: {{redis_url: '{url}'}}")[0]
    assert "budget.redis_url: " in complaint
    assert "canary" not in complaint


@pytest.mark.parametrize("brand", ["Acme", "1acme", "a-b", "_a", "é", ""])
def test_a_brands_name_that_no_variable_could_hold_is_refused(brand: str) -> None:
    complaint = complaints(f"brands:\n  '{brand}': {{api_key: a, brand_key: b}}")[0]
    assert complaint.startswith("bridge.yaml:2:3: error: ")
    assert "a brand's name begins with a-z" in complaint


@pytest.mark.parametrize("value", ["yes", "on", "1", "no", "12"])
def test_a_switch_is_true_or_false_and_nothing_else(value: str) -> None:
    assert complaints(f"topics: {{create: {value}}}")[0].endswith("topics.create: must be true or false")


@pytest.mark.parametrize("value", ["true", "1.0", "x", "'1e1'", "null"])
def test_a_whole_number_is_not_guessed(value: str) -> None:
    assert "topics.partitions: must be a whole number" in complaints(f"topics: {{partitions: {value}}}")[0]


@pytest.mark.parametrize("servers", ["localhost", "a:1,,b:2", "a:x", ""])
def test_servers_need_a_port(servers: str) -> None:
    assert "kafka.bootstrap_servers: must be host:port" in complaints(f"kafka: {{bootstrap_servers: '{servers}'}}")[0]


@pytest.mark.parametrize("key", ["", "two words", "line\\nend", "ключ"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(key: str) -> None:
    complaint = complaints(f'brands: {{acme: {{api_key: "{key}", brand_key: x}}}}')[0]
    assert "brands.acme.api_key: must be visible ASCII" in complaint
    assert not key or key not in complaint


def test_a_key_is_never_shown() -> None:
    brands = "brands: {acme: {api_key: canary-one, brand_key: canary-two, requests_per_second: canary-three}}"
    assert "canary" not in "".join(complaints(brands + "\nbudget: {redis_url: [canary]}"))
    shown = settings("brands: {acme: {api_key: canary-one, brand_key: canary-two}}")
    assert "canary" not in f"{shown!r} {shown} {shown.model_dump_json()}"


def test_a_file_that_is_no_mapping_is_told() -> None:
    assert complaints("- a") == ["bridge.yaml:1:1: error: must be a mapping (key: value)"]


_ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10**6)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["10s", "1d", "x:1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["timeout", "port", "acme", "retention"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    st.dictionaries(
        st.sampled_from(sorted(Settings.model_fields)), _ANY | st.dictionaries(st.text(max_size=9), _ANY, max_size=3)
    )
)
def test_whatever_a_file_says_is_read_or_refused(data: dict[str, Any]) -> None:
    with suppress(ConfigError):
        settings_of(without_places(data), {})


def test_a_variable_that_is_not_set_hides_no_other_mistake(tmp_path: Path) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_text(
        "kafka: {session_timeout: ten}\n"
        "vendor: {base_url: 'http://example.com'}\n"
        "brands:\n"
        "  acme: {api_key: '${NOT_SET}', brand_key: k}\n"
        "nam: bridge\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_settings(file, {})
    lines = sorted(problem.place.line for problem in caught.value.problems if problem.place is not None)
    assert lines == [1, 2, 4, 5]
