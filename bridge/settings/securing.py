"""Which settings of `kafka.security` each protocol needs, and what of them makes no sense."""

from collections.abc import Iterator

from bridge.configfile import Path_
from bridge.kafka.security import BadCredentials, OAuthClient, Security, TlsFiles, tls_context, trusting
from bridge.settings.kafka import KafkaSettings, OAuthSettings, SecuritySettings, TlsSettings
from bridge.settings.kinds import is_loopback

Misfits = Iterator[tuple[Path_, str]]

_AT: Path_ = ("kafka", "security")


def security_misfits(kafka: KafkaSettings) -> Misfits:
    """The path of each setting that is missing, senseless or can't be used, and why. Reads the certificates."""
    security = kafka.security
    sasl = security.protocol.startswith("SASL")
    yield from _mechanism(security) if sasl else _without(security, ("sasl_mechanism", "username", "password", "oauth"))
    if security.protocol == "SASL_PLAINTEXT" and security.sasl_mechanism in ("PLAIN", "OAUTHBEARER"):
        yield from _in_the_clear(kafka)
    if security.protocol.endswith("SSL"):
        yield from _tls(security.tls)
    else:
        yield from (
            ((*_AT, "tls", name), _senseless(security))
            for name in TlsSettings.model_fields
            if getattr(security.tls, name) is not None
        )
    if security.oauth is not None and security.sasl_mechanism == "OAUTHBEARER":
        yield from _authorities(security.oauth)


def security_of(settings: SecuritySettings) -> Security:
    """The value that the clients of Kafka are made with."""
    tls, oauth = settings.tls, settings.oauth
    return Security(
        protocol=settings.protocol,
        mechanism=settings.sasl_mechanism,
        username=settings.username,
        password=None if settings.password is None else settings.password.get_secret_value(),
        tls=_files(tls),
        oauth=None
        if oauth is None
        else OAuthClient(
            token_url=oauth.token_url,
            client_id=oauth.client_id,
            client_secret=oauth.client_secret.get_secret_value(),
            scope=oauth.scope,
            extensions=oauth.extensions,
            ca_file=oauth.ca_file,
            timeout=oauth.timeout / 1000,
        ),
    )


def _mechanism(security: SecuritySettings) -> Misfits:
    mechanism = security.sasl_mechanism
    if mechanism is None:
        yield (
            (*_AT, "sasl_mechanism"),
            f"required with protocol {security.protocol}: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
        )
        return
    oauth = mechanism == "OAUTHBEARER"
    for name in ("oauth",) if oauth else ("username", "password"):
        if getattr(security, name) is None:
            yield (*_AT, name), f"required with sasl_mechanism {mechanism}"
    yield from _without(security, ("username", "password") if oauth else ("oauth",))


def _without(security: SecuritySettings, names: tuple[str, ...]) -> Misfits:
    for name in names:
        if getattr(security, name) is not None:
            yield (*_AT, name), _senseless(security)


def _senseless(security: SecuritySettings) -> str:
    mechanism = security.sasl_mechanism if security.protocol.startswith("SASL") else None
    what = f"protocol {security.protocol}" + (f" and sasl_mechanism {mechanism}" if mechanism else "")
    return f"has no meaning with {what}: remove it, or mend kafka.security.protocol"


def _in_the_clear(kafka: KafkaSettings) -> Misfits:
    hosts = [server.strip().rpartition(":")[0].strip("[]") for server in kafka.bootstrap_servers.split(",")]
    if not all(is_loopback(host) for host in hosts):
        what = "password" if kafka.security.sasl_mechanism == "PLAIN" else "token"
        yield (
            (*_AT, "protocol"),
            f"the {what} would travel unencrypted: use SASL_SSL (SASL_PLAINTEXT is for SCRAM, or loopback addresses)",
        )


def _tls(tls: TlsSettings) -> Misfits:
    if tls.cert_file is None:
        for name in ("key_file", "key_password"):
            if getattr(tls, name) is not None:
                yield (*_AT, "tls", name), "has no meaning without kafka.security.tls.cert_file"
    try:
        tls_context(_files(tls))
    except BadCredentials as error:
        yield (*_AT, "tls", error.field), str(error)


def _authorities(oauth: OAuthSettings) -> Misfits:
    try:
        trusting(oauth.ca_file)
    except BadCredentials as error:
        yield (*_AT, "oauth", "ca_file"), str(error)


def _files(tls: TlsSettings) -> TlsFiles:
    password = None if tls.key_password is None else tls.key_password.get_secret_value()
    return TlsFiles(ca_file=tls.ca_file, cert_file=tls.cert_file, key_file=tls.key_file, key_password=password)
