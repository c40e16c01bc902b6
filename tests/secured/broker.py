"""A real Kafka with a listener for each way to secure a connection, and an authorizer that denies what no ACL allows.

The plain listener stays, and whoever comes through it may do everything: tests look through it, and make topics and ACLs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from secured.certificates import Authority, Pair
from secured.tokenserver import AUDIENCE, ISSUER, TokenServer

from bridge.demo.kafka import EmbeddedKafka
from bridge.demo.ports import HOST, free_ports
from bridge.kafka.security import OAuthClient, Security, TlsFiles

# What `kafka-storage format` can take has no comma, blank or equals sign.
USER, PASSWORD = "bridge", "pa/ss+wörd'#"
BRIEF_MS = 2_000
_PROTOCOLS = {
    "SCRAM": "SASL_SSL",
    "CLEAR": "SASL_PLAINTEXT",
    "PLAIN": "SASL_SSL",
    "OAUTH": "SASL_SSL",
    "BRIEF": "SASL_SSL",
    "MUTUAL": "SSL",
}
_MODULES = "org.apache.kafka.common.security"


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """A running one. `plain` is where everything is allowed."""

    kafka: EmbeddedKafka
    authority: Authority
    client: Pair
    tokens: TokenServer
    ports: Mapping[str, int]

    @property
    def plain(self) -> str:
        return self.kafka.bootstrap_servers

    def at(self, listener: str, host: str = HOST) -> str:
        return f"{host}:{self.ports[listener]}"

    def security(self, listener: str, *, mechanism: str = "SCRAM-SHA-512", password: str = PASSWORD) -> Security:
        """What this listener wants."""
        trust = TlsFiles(ca_file=self.authority.ca_file)
        match listener:
            case "MUTUAL":
                pair = self.client
                return Security(
                    protocol="SSL",
                    tls=TlsFiles(ca_file=trust.ca_file, cert_file=pair.cert_file, key_file=pair.key_file),
                )
            case "OAUTH":
                return Security(protocol="SASL_SSL", mechanism="OAUTHBEARER", tls=trust, oauth=self.oauth())
            case "PLAIN":
                return Security(protocol="SASL_SSL", mechanism="PLAIN", username=USER, password=password, tls=trust)
            case "CLEAR":
                return Security(protocol="SASL_PLAINTEXT", mechanism="SCRAM-SHA-256", username=USER, password=password)
            case _:
                assert mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
                return Security(
                    protocol="SASL_SSL",
                    mechanism=mechanism,  # type: ignore[arg-type]  # it is one of them
                    username=USER,
                    password=password,
                    tls=trust,
                )

    def oauth(self, **changes: str) -> OAuthClient:
        wanted = {"token_url": self.tokens.url, "client_id": USER, "client_secret": self.tokens.secret} | changes
        return OAuthClient(**wanted)  # type: ignore[arg-type]  # all of these are texts


@contextmanager
def secured_kafka(folder: Path) -> Iterator[SecuredKafka]:
    """One with its authority and token server; all files are in `folder`."""
    authority = Authority(folder)
    shown = authority.pair(HOST, "localhost")
    ports = dict(zip(_PROTOCOLS, free_ports(len(_PROTOCOLS)), strict=True))
    with TokenServer() as tokens:
        kafka = EmbeddedKafka(
            settings=_settings(authority, shown, folder, ports, tokens),
            users=[f"SCRAM-SHA-{bits}=[name={USER},password={PASSWORD}]" for bits in (256, 512)],
            jvm=[f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={tokens.keys_url}"],
        )
        with kafka:
            yield SecuredKafka(kafka, authority, authority.pair("client", common_name=USER), tokens, ports)


def keystore_of(folder: Path, shown: Pair) -> Path:
    """What the broker of this folder shows, from its next start on."""
    keystore = folder / "broker.pem"
    keystore.write_text(Path(shown.key_file).read_text() + Path(shown.cert_file).read_text())
    return keystore


def _settings(
    authority: Authority, shown: Pair, folder: Path, ports: Mapping[str, int], tokens: TokenServer
) -> dict[str, str]:
    keystore = keystore_of(folder, shown)
    where = ",".join(f"{name}://{HOST}:{port}" for name, port in ports.items())
    protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"} | _PROTOCOLS
    settings = {
        "listeners": where,
        "advertised.listeners": where,
        "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in protocols.items()),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": authority.ca_file,
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "listener.name.mutual.ssl.client.auth": "required",
        "listener.name.mutual.ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/",
        # A failed login waits so long for its answer.
        "connection.failed.authentication.delay.ms": "50",
    }
    for listener, mechanisms in {
        "scram": ("scram-sha-256", "scram-sha-512"),
        "clear": ("scram-sha-256",),
        "brief": ("scram-sha-512",),
        "plain": ("plain",),
        "oauth": ("oauthbearer",),
    }.items():
        prefix = f"listener.name.{listener}"
        settings[f"{prefix}.sasl.enabled.mechanisms"] = ",".join(mechanisms).upper()
        for mechanism in mechanisms:
            settings[f"{prefix}.{mechanism}.sasl.jaas.config"] = _login(mechanism)
    settings["listener.name.brief.scram-sha-512.connections.max.reauth.ms"] = str(BRIEF_MS)
    oauth = "listener.name.oauth.oauthbearer"
    # Without the first of these, Kafka 4.1 checks no signature.
    settings["listener.name.oauth.sasl.oauthbearer.jwt.validator.class"] = f"{_MODULES}.oauthbearer.BrokerJwtValidator"
    settings["listener.name.oauth.sasl.oauthbearer.jwks.endpoint.url"] = tokens.keys_url
    settings["listener.name.oauth.sasl.oauthbearer.expected.audience"] = AUDIENCE
    settings["listener.name.oauth.sasl.oauthbearer.expected.issuer"] = ISSUER
    # So that a connection lives no longer than its token.
    settings[f"{oauth}.connections.max.reauth.ms"] = "3600000"
    settings[f"{oauth}.sasl.server.callback.handler.class"] = (
        f"{_MODULES}.oauthbearer.OAuthBearerValidatorCallbackHandler"
    )
    return settings


def _login(mechanism: str) -> str:
    if mechanism == "plain":
        password = "".join(sign if sign.isascii() else f"\\u{ord(sign):04x}" for sign in PASSWORD)
        return f'{_MODULES}.plain.PlainLoginModule required user_{USER}="{password}";'
    if mechanism == "oauthbearer":
        return f"{_MODULES}.oauthbearer.OAuthBearerLoginModule required ;"
    return f"{_MODULES}.scram.ScramLoginModule required;"
