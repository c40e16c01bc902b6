"""Why a secured connection did not come about, in words of the settings. Pure; no text holds a secret."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from bridge.kafka.security import Security

_LONGEST = 300
_NO_TLS = (
    "If the broker is not just ending or starting, this listener does not speak TLS: mend kafka.security.protocol or "
    "kafka.bootstrap_servers"
)


class NoToken(KafkaConnectionError):  # type: ignore[misc]  # aiokafka has no types
    """The authorization server gave no token. One of aiokafka's errors, so that it tries again as it does without a broker."""

    def __str__(self) -> str:
        # aiokafka's would put the class's name before it.
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Refusal:
    """What failed at which broker, and what to do."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


def refusal_of(security: Security, where: str, error: BaseException) -> Refusal | None:
    """What this error says about security; None when it is about something else."""
    if security.encrypted and isinstance(error, ConnectionResetError):
        return Refusal(where, "the connection ends in the TLS handshake", _NO_TLS)
    for one in _chain(error):
        found = _sasl(security, one) or _tls(security, one)
        if found is not None:
            return Refusal(where, *found)
    return None


def _sasl(security: Security, error: BaseException) -> tuple[str, str] | None:
    match error:
        case NoToken():
            return str(error), "Mend kafka.security.oauth, or the authorization server"
        case SaslAuthenticationFailed():
            return f"{_who(security)} is refused ({_said(security, error)})", _remedy(security)
        case UnsupportedSaslMechanismError() | IllegalSaslStateError():
            return (
                f"this listener does not take {security} ({_said(security, error)})",
                "Mend kafka.security.protocol or sasl_mechanism, or the port in kafka.bootstrap_servers",
            )
        case _:
            return None


def _tls(security: Security, error: BaseException) -> tuple[str, str] | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the broker's certificate is not trusted ({error.verify_message})",
            (
                "kafka.security.tls.ca_file must hold the authority that signed it, and the certificate the name in "
                "kafka.bootstrap_servers and advertised.listeners"
            ),
        )
    if not isinstance(error, ssl.SSLError):
        return None
    # One that Python code made has no `reason`.
    reason: str = getattr(error, "reason", None) or str(error)
    if "WRONG_VERSION_NUMBER" in reason:
        return "what listens there does not speak TLS", _NO_TLS
    if "ALERT" in reason or "REQUIRED" in reason:
        shown = security.tls.cert_file or "none"
        return (
            f"the broker refuses our certificate ({reason[:_LONGEST]}; shown: {shown})",
            "kafka.security.tls.cert_file and key_file must be of an authority that the brokers trust, and not expired",
        )
    return f"TLS failed ({reason[:_LONGEST]})", "Look at the broker's log"


def _who(security: Security) -> str:
    if security.username is not None:
        return f"user {security.username} ({security})"
    return f"our token ({security})" if security.oauth is not None else str(security)


def _remedy(security: Security) -> str:
    if security.oauth is not None:
        return "The brokers must accept the issuer, audience and scope of kafka.security.oauth"
    return "kafka.security.username and password must be those that the brokers know"


def _said(security: Security, error: BaseException) -> str:
    text = str(error)[:_LONGEST]
    for secret in (security.password, None if security.oauth is None else security.oauth.client_secret):
        text = text.replace(secret, "***") if secret else text
    return text


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
