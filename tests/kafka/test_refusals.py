"""What an error of a connection says about security, as a value; tests/secured has real brokers."""

import logging
import ssl

import pytest
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed, UnsupportedSaslMechanismError
from aiokafka.protocol.admin import SaslAuthenticateRequest_v1, SaslHandShakeRequest_v1

from bridge.kafka.credentials import Credentials
from bridge.kafka.refusals import NoToken, refusal_of
from bridge.kafka.security import OAuthClient, Security

PLAIN = Security(protocol="SASL_SSL", mechanism="PLAIN", username="u", password="canary")
OAUTH = Security(
    protocol="SASL_SSL",
    mechanism="OAUTHBEARER",
    oauth=OAuthClient(token_url="https://id/token", client_id="c", client_secret="canary"),
)


def caused(error: Exception) -> Exception:
    outer: Exception = KafkaConnectionError("closed")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("security", "error", "expected"),
    [
        (PLAIN, SaslAuthenticationFailed("no canary"), "b:1: user u (SASL_SSL/PLAIN) is refused ("),
        (OAUTH, SaslAuthenticationFailed("no canary"), "b:1: our token (SASL_SSL/OAUTHBEARER) is refused ("),
        (PLAIN, UnsupportedSaslMechanismError("x"), "b:1: this listener does not take SASL_SSL/PLAIN ("),
        (OAUTH, NoToken("no token from https://id/token: HTTP 503"), "b:1: no token from https://id/token: HTTP 503. "),
        (PLAIN, caused(ssl.SSLError(1, "tlsv1 alert")), "b:1: TLS failed (tlsv1 alert"),
        (PLAIN, ConnectionResetError(), "b:1: the connection ends in the TLS handshake. "),
    ],
)
def test_an_error_about_security_is_told_without_secrets(security: Security, error: Exception, expected: str) -> None:
    said = str(refusal_of(security, "b:1", error))
    assert said.startswith(expected)
    assert "canary" not in said


@pytest.mark.parametrize("error", [OSError("refused"), KafkaConnectionError("closed"), TimeoutError()])
def test_an_error_about_something_else_is_none(error: Exception) -> None:
    assert refusal_of(PLAIN, "b:1", error) is None
    assert refusal_of(Security(), "b:1", ConnectionResetError()) is None


def test_a_refusal_is_remembered_until_a_connection_is_made(caplog: pytest.LogCaptureFixture) -> None:
    credentials = Credentials(Security(protocol="SASL_PLAINTEXT", mechanism="PLAIN", username="u", password="canary"))
    credentials.failed("b:1", SaslAuthenticationFailed("no"))
    assert str(credentials.refusal).startswith("b:1: user u")
    assert "b:1: user u (SASL_PLAINTEXT/PLAIN) is refused" in caplog.text
    credentials.connected()
    assert credentials.refusal is None


def test_new_connections_show_what_was_refreshed() -> None:
    credentials = Credentials(Security(protocol="SASL_PLAINTEXT", mechanism="PLAIN", username="u", password="old"))
    credentials.refresh(Security(protocol="SASL_PLAINTEXT", mechanism="PLAIN", username="u", password="new"))
    assert credentials.options()["sasl_plain_password"] == "new"


def test_requests_that_hold_a_password_are_not_logged_at_debug_level(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("aiokafka.conn")
    with caplog.at_level(logging.DEBUG, "aiokafka.conn"):
        log.debug("Request to %s: %s", "b:1", SaslAuthenticateRequest_v1(b"\0u\0canary"))
        log.debug("Request to %s: %s", "b:1", SaslHandShakeRequest_v1("PLAIN"))
    assert "canary" not in caplog.text
    assert "SaslHandShakeRequest" in caplog.text
