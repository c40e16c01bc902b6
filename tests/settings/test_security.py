"""Which settings of `kafka.security` each protocol needs: told when they are loaded, at their place."""

from pathlib import Path
from ssl import CERT_REQUIRED

import pytest
from secured.certificates import Authority

from bridge.configfile import ConfigError, parse
from bridge.kafka.security import Security, TlsFiles, tls_context
from bridge.settings import settings_of
from bridge.settings.securing import security_of

KNOWN = "username: u, password: canary"
OAUTH = "oauth: {token_url: 'https://id.example.com/token', client_id: c, client_secret: canary}"
SCRAM = f"protocol: SASL_SSL, sasl_mechanism: SCRAM-SHA-512, {KNOWN}"


def security(text: str, servers: str = "kafka.example.com:9093") -> Security:
    whole = f"kafka: {{bootstrap_servers: '{servers}', security: {{{text}}}}}"
    return security_of(settings_of(parse(whole, "bridge.yaml", {}), {}).kafka.security)


def complaints(text: str, servers: str = "kafka.example.com:9093") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        security(text, servers)
    assert "canary" not in str(caught.value)
    return [line.partition("error: kafka.security.")[2] for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("protocol: SASL_SSL", "sasl_mechanism: required with protocol SASL_SSL: PLAIN, SCRAM-SHA-256"),
        ("protocol: SASL_SSL, sasl_mechanism: PLAIN, username: u", "password: required with sasl_mechanism PLAIN"),
        (
            "protocol: SASL_SSL, sasl_mechanism: SCRAM-SHA-256, password: canary",
            "username: required with sasl_mechanism",
        ),
        ("protocol: SASL_SSL, sasl_mechanism: OAUTHBEARER", "oauth: required with sasl_mechanism OAUTHBEARER"),
        (f"{SCRAM}, {OAUTH}", "oauth: has no meaning with protocol SASL_SSL and sasl_mechanism SCRAM-SHA-512"),
        ("password: canary", "password: has no meaning with protocol PLAINTEXT: remove it, or mend"),
        ("protocol: SSL, sasl_mechanism: PLAIN", "sasl_mechanism: has no meaning with protocol SSL"),
        ("tls: {ca_file: /ca.pem}", "tls.ca_file: has no meaning with protocol PLAINTEXT"),
        ("protocol: SSL, tls: {key_file: /k.pem}", "tls.key_file: has no meaning without kafka.security.tls.cert_file"),
        ("protocol: SSL, tls: {ca_file: /no/ca.pem}", "tls.ca_file: can't read the file /no/ca.pem: No such file"),
        (
            f"protocol: SASL_PLAINTEXT, sasl_mechanism: PLAIN, {KNOWN}",
            "protocol: the password would travel unencrypted",
        ),
        (f"protocol: SASL_PLAINTEXT, sasl_mechanism: OAUTHBEARER, {OAUTH}", "protocol: the token would travel"),
        ("protocol: TLS", "protocol: must be 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT' or 'SASL_SSL'"),
        ("protocol: SASL_SSL, sasl_mechanism: GSSAPI", "sasl_mechanism: must be"),
        (f"{SCRAM}, tls: {{verify: false}}", "tls.verify: unknown setting"),
        (
            f"protocol: SASL_SSL, sasl_mechanism: OAUTHBEARER, {OAUTH.replace('https', 'http')}",
            "oauth.token_url: must begin with https",
        ),
    ],
)
def test_what_a_protocol_lacks_or_has_no_use_for_is_told(text: str, expected: str) -> None:
    (complaint,) = complaints(text)
    assert complaint.startswith(expected)


def test_each_protocol_is_taken_with_what_it_needs() -> None:
    assert security("") == Security()
    assert str(security("protocol: SSL")) == "SSL"
    assert str(security(SCRAM)) == "SASL_SSL/SCRAM-SHA-512"
    oauth = security(f"protocol: SASL_SSL, sasl_mechanism: OAUTHBEARER, {OAUTH}").oauth
    assert oauth is not None
    assert (oauth.token_url, oauth.client_secret) == ("https://id.example.com/token", "canary")
    assert security(f"protocol: SASL_PLAINTEXT, sasl_mechanism: SCRAM-SHA-256, {KNOWN}").password == "canary"


def test_a_password_may_travel_over_loopback() -> None:
    text = f"protocol: SASL_PLAINTEXT, sasl_mechanism: PLAIN, {KNOWN}"
    assert security(text, "127.0.0.1:9092, localhost:9093, [::1]:9094").username == "u"
    assert complaints(text, "127.0.0.1:9092, kafka:9093")


def test_no_text_of_the_value_shows_a_secret() -> None:
    for text in (SCRAM, f"protocol: SASL_SSL, sasl_mechanism: OAUTHBEARER, {OAUTH}"):
        assert "canary" not in f"{security(text)} {security(text)!r}"


def test_certificates_that_can_not_be_used_are_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    one, other = authority.pair("a.example.com"), authority.pair("b.example.com")
    locked = authority.pair("c.example.com", password="right")
    text = tmp_path / "text.pem"
    text.write_text("no certificate")

    def told(**files: str) -> str:
        inside = ", ".join(f"{name}: '{value}'" for name, value in files.items())
        (complaint,) = complaints(f"protocol: SSL, tls: {{{inside}}}")
        return complaint

    assert told(ca_file=str(text)) == (
        f"tls.ca_file: {text} holds no certificate in PEM form (a line -----BEGIN CERTIFICATE-----)"
    )
    assert told(cert_file=one.cert_file, key_file=other.key_file) == (
        f"tls.key_file: the key in {other.key_file} is not that of the certificate in {one.cert_file}: give both of one pair"
    )
    assert told(cert_file=one.cert_file) == (
        f"tls.cert_file: {one.cert_file} holds no private key in PEM form (a line -----BEGIN PRIVATE KEY-----)"
    )
    assert told(cert_file=one.key_file, key_file=one.key_file).startswith("tls.cert_file: ")
    assert "is encrypted, and there is no password" in told(cert_file=locked.cert_file, key_file=locked.key_file)
    wrong = told(cert_file=locked.cert_file, key_file=locked.key_file, key_password="wr0ng")
    assert wrong == f"tls.key_password: the key in {locked.key_file} can't be decrypted with the password given"
    right = f"tls: {{cert_file: '{locked.cert_file}', key_file: '{locked.key_file}', key_password: right}}"
    assert security(f"protocol: SSL, {right}").tls.key_password == "right"


def test_certificates_are_checked_whatever_is_set(tmp_path: Path) -> None:
    for context in (tls_context(TlsFiles()), tls_context(TlsFiles(ca_file=Authority(tmp_path).ca_file))):
        assert (context.verify_mode, context.check_hostname) == (CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max_poll_interval: 1m", "max_poll_interval: must be longer than kafka.rebalance_timeout (1m)"),
        ("request_timeout: 69s", "request_timeout: must be at least 70s: joining a group takes up to"),
        ("session_timeout: 500ms", "session_timeout: must be"),
        ("metadata_max_age: 0s", "metadata_max_age: must be"),
        ("fetch: {max_bytes: 1}", "fetch.max_bytes: must be greater than or equal to 1024"),
        ("fetch: {max_wait: 1m}", "fetch.max_wait: must be"),
        ("compression: lzma", "compression: must be"),
        ("client_id: 'a b'", "client_id: must be at most 200 letters"),
    ],
)
def test_what_clients_are_told_has_bounds(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_of(parse(f"kafka: {{{text}}}", "bridge.yaml", {}), {})
    (line,) = str(caught.value).splitlines()
    assert line.partition("error: kafka.")[2].startswith(expected)
