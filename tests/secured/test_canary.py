"""What is secret between us and Kafka is shown nowhere, at the debug level, whether the broker takes it or not."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from canary import CANARY
from secured.acls import allow, change_password
from secured.broker import SecuredKafka
from service.replica import Replica, until
from service.service import TALKATIVE, Service, running_service
from service.story import event
from service.topics import leaks_in_topics

from bridge.kafka.rights import VERBS, Scope
from bridge.kafka.topics import TopicNames

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SECRET = CANARY.in_secret("kafka")
Security = dict[str, Any]


def scram(secured: SecuredKafka, user: str) -> Security:
    return _sasl(secured, "SCRAM-SHA-512", user)


def plain(secured: SecuredKafka, user: str) -> Security:
    return _sasl(secured, "PLAIN", user)


def _sasl(secured: SecuredKafka, mechanism: str, user: str) -> Security:
    trust = {"ca_file": secured.authority.ca_file}
    return {
        "protocol": "SASL_SSL",
        "sasl_mechanism": mechanism,
        "username": user,
        "password": SECRET,
        "tls": trust,
    }


def oauth(secured: SecuredKafka, user: str) -> Security:
    return {
        "protocol": "SASL_SSL",
        "sasl_mechanism": "OAUTHBEARER",
        "oauth": {"token_url": secured.tokens.url, "client_id": user, "client_secret": SECRET},
        "tls": {"ca_file": secured.authority.ca_file},
    }


def mutual(secured: SecuredKafka, user: str, password: str = SECRET) -> Security:
    pair = secured.authority.pair("client", common_name=user, password=password)
    files = {"ca_file": secured.authority.ca_file, "cert_file": pair.cert_file, "key_file": pair.key_file}
    return {"protocol": "SSL", "tls": files | {"key_password": SECRET}}


async def started(service: Service, listener: str, secured: SecuredKafka, security: Security) -> Replica:
    """A replica with these settings, at its most talkative; it has only just been started."""
    kafka = service.settings()["kafka"] | {"security": security}
    service.configure(settings=service.settings() | {"kafka": kafka, "log": {"level": "debug"}})
    scope = Scope(TopicNames(service.name), frozenset({service.source}))
    await allow(secured.plain, f"User:{service.name}", [*VERBS["run"](scope), *VERBS["holds"](scope)])
    return service.launch(listener, program=TALKATIVE, BRIDGE_KAFKA__BOOTSTRAP_SERVERS=secured.at(listener))


@pytest.mark.parametrize(("listener", "security"), [("SCRAM", scram), ("MUTUAL", mutual)])
async def test_when_all_is_well(
    secured: SecuredKafka, unique: str, tmp_path: Path, listener: str, security: Callable[..., Security]
) -> None:
    await change_password(secured.plain, unique, SECRET)
    async with running_service(secured.plain, unique, tmp_path) as service:
        replica = await started(service, listener, secured, security(secured, unique))
        await replica.ready()
        await service.publish(*(event(number) for number in range(5)))
        await service.has_outcomes(5)
        await replica.get("metrics")
        where = {"BRIDGE_KAFKA__BOOTSTRAP_SERVERS": secured.at(listener)}
        for words in (("holds",), ("config", "show")):
            await service.verb(*words, code=0, **where)
        assert await replica.stop() == 0
        assert any(line.get("logger", "").startswith("aiokafka") for line in replica.all_lines())
        assert service.leaks() == []
        assert await leaks_in_topics(secured.plain, {unique}) == []


@pytest.mark.parametrize(("listener", "security"), [("SCRAM", scram), ("PLAIN", plain), ("OAUTH", oauth)])
async def test_when_the_broker_or_the_authorization_server_takes_it_not(
    secured: SecuredKafka, unique: str, tmp_path: Path, listener: str, security: Callable[..., Security]
) -> None:
    async with running_service(secured.plain, unique, tmp_path) as service:
        with telling_it_back(secured):
            replica = await started(service, listener, secured, security(secured, unique))
            await until(lambda: _refused(replica))
            where = {"BRIDGE_KAFKA__BOOTSTRAP_SERVERS": secured.at(listener)}
            assert "error: Kafka" in await service.verb("holds", code=1, **where)
            replica.terminate()
            await replica.ended()
            assert service.leaks() == []


async def test_when_the_broker_takes_no_token(secured: SecuredKafka, unique: str, tmp_path: Path) -> None:
    """A token is as good as a password."""
    async with running_service(secured.plain, unique, tmp_path) as service:
        with answering(secured, {"access_token": f"{CANARY.word}.{CANARY.word}.{CANARY.word}", "expires_in": 3600}):
            replica = await started(service, "OAUTH", secured, oauth(secured, unique))
            await until(lambda: _refused(replica))
            replica.terminate()
            await replica.ended()
            assert service.leaks() == []


async def test_when_it_does_not_open_the_key(secured: SecuredKafka, unique: str, tmp_path: Path) -> None:
    async with running_service(secured.plain, unique, tmp_path) as service:
        replica = await started(service, "MUTUAL", secured, mutual(secured, unique, "another"))
        assert await replica.ended() == 2
        assert "can't be decrypted with the password given" in replica.output
        assert service.leaks() == []


def _refused(replica: Replica) -> bool:
    return any(
        "Kafka" in line["event"] and ("is refused" in line["event"] or "no token" in line["event"])
        for line in replica.all_lines()
    )


def telling_it_back(secured: SecuredKafka) -> Any:
    """An authorization server that says what it was told."""
    return answering(secured, {"error": "invalid_client", "error_description": f"{SECRET} is not the secret"}, 401)


@contextmanager
def answering(secured: SecuredKafka, content: dict[str, Any], status: int = 200) -> Iterator[None]:
    secured.tokens.answer = lambda: (status, json.dumps(content).encode(), {})
    try:
        yield
    finally:
        secured.tokens.answer = None
