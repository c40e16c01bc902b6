"""Credentials that a real broker refuses: what, where, and what to do, in one line without a secret."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from secured.broker import PASSWORD, SecuredKafka
from secured.certificates import Authority
from secured.test_protocols import connection, topic_of
from secured.tokenserver import TokenServer
from waiting import eventually

from bridge.errors import KafkaTrouble
from bridge.kafka.authorization import require
from bridge.kafka.connection import Connection
from bridge.kafka.security import Security, TlsFiles

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def told(secured: SecuredKafka, listener: str, security: Security, name: str) -> str:
    """What an impatient client says."""
    rights = await topic_of(secured, name)
    where = secured.plain if listener == "PLAINTEXT" else secured.at(listener)
    refused = replace(connection(secured, "SCRAM", security, patient=False), bootstrap_servers=where)
    with pytest.raises(KafkaTrouble) as caught:
        await require(refused, rights)
    assert str(caught.value).startswith(f"Kafka: {where}: ")
    return str(caught.value).removeprefix(f"Kafka: {where}: ")


async def test_a_wrong_password_is_told_without_it(
    secured: SecuredKafka, unique: str, caplog: pytest.LogCaptureFixture
) -> None:
    said = await told(secured, "SCRAM", secured.security("SCRAM", password="canary-1"), unique)
    assert said.startswith("user bridge (SASL_SSL/SCRAM-SHA-512) is refused (")
    assert said.endswith("). kafka.security.username and password must be those that the brokers know")
    assert "canary" not in said + caplog.text
    assert "user bridge (SASL_SSL/SCRAM-SHA-512) is refused" in caplog.text


async def test_a_mechanism_that_the_listener_lacks_is_told(secured: SecuredKafka, unique: str) -> None:
    said = await told(secured, "SCRAM", secured.security("PLAIN"), unique)
    assert said.startswith("this listener does not take SASL_SSL/PLAIN (")


async def test_an_authority_that_is_not_trusted_is_told(secured: SecuredKafka, unique: str, tmp_path: Path) -> None:
    stranger = TlsFiles(ca_file=Authority(tmp_path).ca_file)
    said = await told(secured, "SCRAM", replace(secured.security("SCRAM"), tls=stranger), unique)
    assert said.startswith("the broker's certificate is not trusted (")
    assert "kafka.security.tls.ca_file must hold" in said


async def test_a_broker_that_shows_the_certificate_of_another_name_is_told(secured: SecuredKafka) -> None:
    with TokenServer(secured.authority.pair("kafka.example.com")) as other:  # any server that speaks TLS
        where = other.url.removeprefix("https://").removesuffix("/token")
        reached = connection(secured, "SCRAM", secured.security("SCRAM"), patient=False)
        with pytest.raises(KafkaTrouble, match=r"is not trusted .*IP address mismatch"):
            await require(replace(reached, bootstrap_servers=where), await topic_of(secured, "any"))


@pytest.mark.parametrize("shown", ["none", "a stranger's"])
async def test_a_certificate_that_the_broker_refuses_is_told(
    secured: SecuredKafka, unique: str, tmp_path: Path, shown: str
) -> None:
    tls = TlsFiles(ca_file=secured.authority.ca_file)
    if shown != "none":
        pair = Authority(tmp_path).pair("client", common_name="bridge")
        tls = replace(tls, cert_file=pair.cert_file, key_file=pair.key_file)
    said = await told(secured, "MUTUAL", Security(protocol="SSL", tls=tls), unique)
    assert said.startswith("the broker refuses our certificate (")
    assert f"shown: {tls.cert_file or 'none'})" in said


async def test_a_listener_without_tls_is_told(secured: SecuredKafka, unique: str) -> None:
    said = await told(secured, "PLAINTEXT", secured.security("SCRAM"), unique)
    assert said.startswith("the connection ends in the TLS handshake. ")
    assert "mend kafka.security.protocol" in said


async def test_a_token_that_can_not_be_had_or_is_refused_is_told(secured: SecuredKafka, unique: str) -> None:
    wrong = replace(secured.security("OAUTH"), oauth=secured.oauth(client_secret="canary"))
    said = await told(secured, "OAUTH", wrong, unique)
    assert said.startswith(f"no token from {secured.tokens.url}: HTTP 401 (invalid_client")
    secured.tokens.audience = "somebody else"
    try:
        said = await told(secured, "OAUTH", secured.security("OAUTH"), f"{unique}-2")
    finally:
        secured.tokens.audience = "kafka"
    assert said.startswith("our token (SASL_SSL/OAUTHBEARER) is refused (")


async def test_who_waits_gets_in_when_the_credentials_become_right(
    secured: SecuredKafka, unique: str, caplog: pytest.LogCaptureFixture
) -> None:
    rights = await topic_of(secured, unique)
    waiting: Connection = connection(secured, "SCRAM", secured.security("SCRAM", password="not yet"))
    with caplog.at_level(logging.ERROR):
        async with asyncio.TaskGroup() as group:
            group.create_task(require(waiting, rights))
            await eventually(lambda: caplog.text.count("is refused") > 1)
            assert waiting.credentials.refusal is not None
            waiting.credentials.refresh(secured.security("SCRAM", password=PASSWORD))
    assert waiting.credentials.refusal is None
