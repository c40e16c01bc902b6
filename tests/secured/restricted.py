"""A service whose replicas and verbs reach Kafka as somebody who may do only what is allowed here."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from secured.acls import allow, forbid
from secured.broker import PASSWORD, USER, SecuredKafka
from secured.certificates import Pair
from service.service import Service, running_service

from bridge.kafka.rights import Right, rights_of


@dataclass(frozen=True, slots=True)
class Restricted:
    """The service, and how others than the tests reach its Kafka."""

    secured: SecuredKafka
    service: Service

    def rights(self, verb: str, *, create: bool = True) -> list[Right]:
        """As the code lists them."""
        sources = [self.service.source] if verb in ("run", "redrive", "explain", "diff") else []
        return rights_of(verb, self.service.name, sources, create=create)

    async def allow(self, rights: Iterable[Right], principal: str = f"User:{USER}") -> None:
        await allow(self.secured.plain, principal, rights)

    async def forbid(self, rights: Iterable[Right], principal: str = f"User:{USER}") -> None:
        await forbid(self.secured.plain, principal, rights)


def environ(secured: SecuredKafka, listener: str = "SCRAM", password: str = PASSWORD) -> dict[str, str]:
    """For a process that comes as the user, with a password."""
    return {
        "BRIDGE_KAFKA__BOOTSTRAP_SERVERS": secured.at(listener),
        "BRIDGE_KAFKA__SECURITY__PROTOCOL": "SASL_SSL",
        "BRIDGE_KAFKA__SECURITY__SASL_MECHANISM": "SCRAM-SHA-512",
        "BRIDGE_KAFKA__SECURITY__USERNAME": USER,
        "BRIDGE_KAFKA__SECURITY__PASSWORD": password,
        "BRIDGE_KAFKA__SECURITY__TLS__CA_FILE": secured.authority.ca_file,
    }


def environ_of(secured: SecuredKafka, pair: Pair) -> dict[str, str]:
    """For a process that comes with this certificate."""
    return {
        "BRIDGE_KAFKA__BOOTSTRAP_SERVERS": secured.at("MUTUAL"),
        "BRIDGE_KAFKA__SECURITY__PROTOCOL": "SSL",
        "BRIDGE_KAFKA__SECURITY__TLS__CA_FILE": secured.authority.ca_file,
        "BRIDGE_KAFKA__SECURITY__TLS__CERT_FILE": pair.cert_file,
        "BRIDGE_KAFKA__SECURITY__TLS__KEY_FILE": pair.key_file,
    }


@asynccontextmanager
async def restricted(secured: SecuredKafka, name: str, folder: Path) -> AsyncIterator[Restricted]:
    """Nothing is allowed yet."""
    async with running_service(secured.plain, name, folder) as service:
        yield Restricted(secured, service)
