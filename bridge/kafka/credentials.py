"""The one place that holds what all clients of a process show the brokers now.

aiokafka copies user, password and TLS context into each client when it is made, and swallows why a connection failed
("Unable to bootstrap"). So every client of ours carries its `Credentials` (as `sasl_oauth_token_provider`, the one option
that aiokafka hands through untouched), and what opens connections is wrapped here: a new connection takes what the
credentials hold at that moment, and they hear why it failed. Rotating a secret is `refresh()`: connections that are open
stay as they are, every later one is made with what is new.
"""

import logging
import ssl
from typing import TYPE_CHECKING, Any, cast

import aiokafka.client
import aiokafka.conn
from aiokafka.abc import AbstractTokenProvider
from aiokafka.conn import OAuthAuthenticator
from aiokafka.errors import KafkaConnectionError, KafkaError

from bridge.kafka.refusals import Refusal, refusal_of
from bridge.kafka.security import OAuthClient, Security, tls_context

if TYPE_CHECKING:
    from bridge.kafka.tokens import TokenSource

log = logging.getLogger(__name__)


class Credentials(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka has no types
    """What new connections show. Raises BadCredentials, also in `refresh`, which then changes nothing."""

    def __init__(self, security: Security | None = None) -> None:
        self._refusal: Refusal | None = None
        self.refresh(security or Security())

    def refresh(self, security: Security) -> None:
        """Use this from the next connection on; files are read again, also when their names are the same."""
        context = tls_context(security.tls) if security.encrypted else None
        tokens = None if security.oauth is None else _tokens(security.oauth)
        self._security, self._context, self._tokens = security, context, tokens

    @property
    def security(self) -> Security:
        """What is used now."""
        return self._security

    @property
    def context(self) -> ssl.SSLContext | None:
        """The TLS context of new connections."""
        return self._context

    @property
    def refusal(self) -> Refusal | None:
        """Why the last connection that was tried got nowhere, as far as that is about security; None after one that did."""
        return self._refusal

    @property
    def principal(self) -> str | None:
        """Whom Kafka sees, where that can be known: its rules for certificates and tokens may make another name."""
        if self._security.username is not None:
            return f"User:{self._security.username}"
        subject = None if self._tokens is None else self._tokens.subject
        return None if subject is None else f"User:{subject}"

    def options(self) -> dict[str, Any]:
        """What a client of aiokafka takes, or a connection of one."""
        security = self._security
        return {
            "security_protocol": security.protocol,
            "ssl_context": self._context,
            "sasl_mechanism": security.mechanism or "PLAIN",
            "sasl_plain_username": security.username,
            "sasl_plain_password": security.password,
            "sasl_oauth_token_provider": self,
        }

    async def token(self) -> str:
        """Called by aiokafka for each connection with OAUTHBEARER. Raises NoToken."""
        if self._tokens is None:
            raise KafkaConnectionError("there is no authorization server to ask for a token")
        return await self._tokens.token()

    def extensions(self) -> dict[str, str]:
        """Called by aiokafka with the token."""
        return {} if self._security.oauth is None else dict(self._security.oauth.extensions)

    def connected(self) -> None:
        """A connection was made."""
        self._refusal = None

    def failed(self, where: str, error: BaseException) -> None:
        """A connection was not made. What is about security is logged in plain words; the rest aiokafka tells."""
        self._refusal = refusal_of(self._security, where, error)
        if self._refusal is not None:
            log.error("Kafka: %s; trying again", self._refusal)


def _tokens(client: OAuthClient) -> "TokenSource":
    from bridge.kafka.tokens import TokenSource  # noqa: PLC0415 - an HTTP client takes long to import

    return TokenSource(client)


class _OAuth(OAuthAuthenticator):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka takes any answer to a token for a yes, and meets a closed connection later. A no has a text, which is to be
    acknowledged; what comes then is an error with the reason (RFC 7628, 3.2.3).
    """

    async def step(self, payload: bytes | None) -> tuple[bytes, bool] | None:
        if self._token_sent and payload:
            return b"\x01", True
        return cast("tuple[bytes, bool] | None", await super().step(payload))


def _without_secrets(record: logging.LogRecord) -> bool:
    """At debug level aiokafka logs each request, and a password or a token is in one of them."""
    parts = record.args if isinstance(record.args, tuple) else ()
    return not any("SaslAuthenticate" in type(part).__name__ for part in parts)


logging.getLogger("aiokafka.conn").addFilter(_without_secrets)
aiokafka.conn.OAuthAuthenticator = _OAuth
_create_conn = aiokafka.client.create_conn


async def _connect(host: str, port: int, **options: Any) -> Any:
    """In place of aiokafka's."""
    credentials = options.get("sasl_oauth_token_provider")
    if not isinstance(credentials, Credentials):
        return await _create_conn(host, port, **options)
    try:
        connection = await _create_conn(host, port, **(options | credentials.options()))
    except (OSError, TimeoutError, KafkaError) as error:
        credentials.failed(f"{host}:{port}", error)
        raise
    except (ValueError, KeyError, AssertionError) as error:
        # Of a broker whose SASL answers make no sense. aiokafka would take these for its own end, and never connect again.
        failure = KafkaConnectionError(f"the SASL exchange with {host}:{port} failed: {error}")
        credentials.failed(f"{host}:{port}", failure)
        raise failure from error
    credentials.connected()
    return connection


aiokafka.client.create_conn = _connect
