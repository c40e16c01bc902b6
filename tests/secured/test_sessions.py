"""Brokers that end connections: sessions that are over (aiokafka does not authenticate again, KIP-368), tokens that expire."""

from pathlib import Path

import pytest
from secured.acls import change_password
from secured.broker import PASSWORD, SecuredKafka
from secured.restricted import environ, restricted
from service.replica import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_a_service_lives_through_connections_that_end_every_two_seconds(
    secured: SecuredKafka, unique: str, tmp_path: Path
) -> None:
    """No trigger is lost and none is called twice, while every connection is closed again and again under load."""
    async with restricted(secured, unique, tmp_path) as bridge:
        await bridge.allow(bridge.rights("run"))
        service = bridge.service
        replicas = [await service.start(name, **environ(secured, "BRIEF")) for name in ("a", "b")]
        async with service.flow(10) as published:
            await service.has_outcomes(120, within=90)
        await service.is_done(len(published), within=90)
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": len(published)}
        assert [await replica.stop() for replica in replicas] == [0, 0]
        output = "".join(replica.output for replica in replicas)
        assert "SaslAuthenticationFailed" not in output
        assert PASSWORD not in output


async def test_a_token_that_expires_is_replaced_under_load(secured: SecuredKafka, unique: str, tmp_path: Path) -> None:
    """A broker closes the connection of a token that is over."""
    async with restricted(secured, unique, tmp_path) as bridge:
        await bridge.allow(bridge.rights("run"))
        service, asked = bridge.service, len(secured.tokens.asked)
        come = environ(secured, "OAUTH") | {
            "BRIDGE_KAFKA__SECURITY__SASL_MECHANISM": "OAUTHBEARER",
            "BRIDGE_KAFKA__SECURITY__USERNAME": "",
            "BRIDGE_KAFKA__SECURITY__PASSWORD": "",
            "BRIDGE_KAFKA__SECURITY__OAUTH__TOKEN_URL": secured.tokens.url,
            "BRIDGE_KAFKA__SECURITY__OAUTH__CLIENT_ID": "bridge",
            "BRIDGE_KAFKA__SECURITY__OAUTH__CLIENT_SECRET": secured.tokens.secret,
        }
        secured.tokens.life = 5
        try:
            replica = await service.start("a", **come)
            async with service.flow(10) as published:
                await service.has_outcomes(120, within=90)
            await service.is_done(len(published), within=90)
        finally:
            secured.tokens.life = 3600
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": len(published)}
        assert len(secured.tokens.asked) - asked > 2
        assert await replica.stop() == 0
        assert secured.tokens.secret not in replica.output


async def test_a_start_waits_for_a_password_that_becomes_right(
    secured: SecuredKafka, unique: str, tmp_path: Path
) -> None:
    """It says why it waits, is not ready, and works as soon as the broker knows the password."""
    async with restricted(secured, unique, tmp_path) as bridge:
        await bridge.allow(bridge.rights("run"))
        service = bridge.service
        replica = service.launch("a", **environ(secured, password="canary-of-tomorrow"))
        await until(lambda: "user bridge (SASL_SSL/SCRAM-SHA-512) is refused" in replica.output)
        assert replica.exit_code is None
        await change_password(secured.plain, "bridge", "canary-of-tomorrow")
        try:
            await replica.ready()
        finally:
            await change_password(secured.plain, "bridge", PASSWORD)
        assert await replica.stop() == 0
        assert "canary" not in replica.output
