"""The rights that the code lists (and the docs with it) are enough, each is needed, and one that is missing is named."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial, reduce
from pathlib import Path

import orjson
import pytest
from kafka.cluster import read_topic
from secured.broker import USER, SecuredKafka
from secured.restricted import Restricted, environ, environ_of, restricted
from secured.test_protocols import connection
from service.replica import until
from service.story import event
from waiting import eventually

from bridge.demo.processes import ChildProcess
from bridge.errors import StartupRefused
from bridge.kafka import TopicNames, TopicPlan, provide_topics
from bridge.kafka.rights import Operation, Right, commands, rights_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # of two cores that others use too

# `bridge run` without the check at its start.
_UNCHECKED = """
import bridge.kafka.provisioning as provisioning
async def nothing(*_):
    pass
provisioning.check_rights = nothing
from bridge.cli import main
main()
"""


@pytest.fixture
async def bridge(secured: SecuredKafka, unique: str, tmp_path: Path) -> AsyncIterator[Restricted]:
    async with restricted(secured, unique, tmp_path) as one:
        yield one


async def test_a_service_runs_with_the_rights_of_the_list_and_no_other(bridge: Restricted) -> None:
    """From event to result, with topics that it makes; then as somebody who may not make any."""
    service = bridge.service
    await bridge.allow(bridge.rights("run"))
    one = await service.start("a", **environ(bridge.secured))
    await service.publish(event(1), event(2), b"no event")
    await service.is_done(2)
    await bridge.forbid([right for right in bridge.rights("run") if right.operation is Operation.CREATE])
    other = await service.start("b", **environ(bridge.secured), BRIDGE_TOPICS__CREATE="false")
    assert await one.stop() == 0
    await service.publish(event(3))
    await service.is_done(3)
    account = await service.account()
    account.check()
    assert len(account.dead_letters) == 1
    assert await other.stop() == 0
    assert "may not" not in one.output + other.output


async def test_each_right_that_is_missing_is_named_with_the_command_that_grants_it(
    bridge: Restricted, caplog: pytest.LogCaptureFixture
) -> None:
    rights = bridge.rights("run")
    await bridge.allow(rights)
    await eventually(partial(_is_quiet, bridge, rights, caplog), within=60)  # and the topics are there
    for right in rights:
        if right.operation is not Operation.CREATE:
            await bridge.forbid([right])
            await eventually(partial(_is_named, bridge, rights, right, caplog), within=60)
            await bridge.allow([right])


async def test_a_topic_that_may_not_be_made_is_named(bridge: Restricted, caplog: pytest.LogCaptureFixture) -> None:
    rights = bridge.rights("run")
    await bridge.allow(right for right in rights if right.operation is not Operation.CREATE)
    creating = [right for right in rights if right.operation is Operation.CREATE]
    for right in creating[1:]:
        await bridge.allow([right])
    await eventually(partial(_is_named, bridge, rights, creating[0], caplog), within=60)


async def _is_named(bridge: Restricted, rights: list[Right], right: Right, caplog: pytest.LogCaptureFixture) -> bool:
    grants = commands([right], f"User:{USER}", bridge.secured.at("SCRAM"))[0]
    wanted = f"User:{USER} may not {right} ({right.why})\nTo grant it:\n  {grants}"
    assert await _refusal(bridge, rights, caplog) == wanted
    return True


async def _is_quiet(bridge: Restricted, rights: list[Right], caplog: pytest.LogCaptureFixture) -> bool:
    assert await _refusal(bridge, rights, caplog) == ""
    return True


async def _refusal(bridge: Restricted, rights: list[Right], caplog: pytest.LogCaptureFixture) -> str:
    """Why a start is refused, or else what it warns of."""
    reached = connection(bridge.secured, "SCRAM", bridge.secured.security("SCRAM"))
    sources = frozenset([bridge.service.source])
    plan = TopicPlan(names=TopicNames(bridge.service.name), replication=1, partitions=4, sources=sources)
    caplog.clear()
    try:
        await provide_topics(reached, plan, rights)
    except StartupRefused as error:
        return str(error)
    ours = [record for record in caplog.records if record.name.startswith("bridge.")]
    return "\n".join(record.message for record in ours if record.levelno == logging.WARNING)


async def test_no_right_of_the_list_can_be_left_out(bridge: Restricted) -> None:
    """Without the check at the start: something fails, or does not happen, whichever is taken away."""
    service, rights = bridge.service, bridge.rights("run", create=False)
    needed = [right for right in rights if not right.optional]
    await bridge.allow(bridge.rights("run"))
    await (await service.start("maker", **environ(bridge.secured))).stop()
    (unchecked := service.folder / "unchecked.py").write_text(_UNCHECKED)
    number, configured = 0, orjson.loads((service.folder / "bridge.yaml").read_bytes())
    for right in [None, *needed, None]:
        if right is not None:
            await bridge.forbid([right])
        number += 2
        # What identifies a new route is written to the control topic, which otherwise only a hold needs.
        table = service.routes()
        new = table["routes"][0] | {"name": f"new-{number}", "match": {"type": f"nobody sends {number}"}}
        service.configure(table | {"routes": [*table["routes"], new]}, settings=configured)
        assert await _works(bridge, unchecked, number) is (right is None), f"without {right}"
        if right is not None:
            await bridge.allow([right])


async def _works(bridge: Restricted, script: Path, number: int) -> bool:
    """Does an event become an outcome, and what is none a dead letter, with progress kept?"""
    service = bridge.service
    log = service.folder / f"unchecked-{number}.log"
    files: list[str | Path] = ["--config", service.folder / "bridge.yaml", "--routes", service.folder / "routes.yaml"]
    process = ChildProcess(
        [sys.executable, script, "run", *files], log=log, environ=service._environ | environ(bridge.secured)
    )
    letters = len(await read_topic(service.kafka, f"{service.name}.dead-letters"))
    results = len((await service.account()).final)
    await service.publish(event(number), b"no event")

    async def done() -> bool:
        if process.returncode is not None or "AuthorizationFailed" in log.read_text():
            return False
        assert len(await read_topic(service.kafka, f"{service.name}.dead-letters")) > letters
        assert len((await service.account()).final) > results
        read = [("intake", service.source), ("dispatch", f"{service.name}.triggers")]
        assert all([await service._is_read(*one) for one in read])
        return True

    try:
        return await _soon(done)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


async def _soon(done: Callable[[], Awaitable[bool]]) -> bool:
    """What it says as soon as it can say it; False when it can't."""
    found: list[bool] = []

    async def said() -> bool:
        found[:] = [await done()]
        return True

    with suppress(AssertionError):
        await until(said, within=40)
    return found == [True]


# By verb: its words, and the exit code of one that is allowed all it needs. EVENT is one with an outcome.
_VERBS: dict[str, tuple[Sequence[str], int]] = {
    "holds": (["holds"], 0),
    "hold": (["hold", "route/start", "--reason", "a test"], 0),
    "release": (["release", "route/goal-acme"], 1),
    "outcomes": (["outcomes", "--from", "1h"], 0),
    "outcomes ID": (["outcomes", "e1"], 0),
    "audit": (["audit", "--from", "1h", "--grace", "0s"], 0),
    "resend": (["resend", "e1"], 1),
    "redrive": (["redrive", "--unmapped", "--from", "1h"], 0),
    "send": (["send", "--route", "goal-acme", "--event", "EVENT", "--topic-key", "test", "--yes", "--wait", "1s"], 1),
    "explain": (["explain", "SOURCE/1/0"], 0),
    "diff": (["diff", "ROUTES", "ROUTES", "--topic", "SOURCE", "--from", "1h"], 0),
}


async def test_every_verb_works_with_the_rights_of_the_list_and_names_the_one_it_lacks(bridge: Restricted) -> None:
    service, secured = bridge.service, bridge.secured
    await bridge.allow(bridge.rights("run"))
    await (replica := await service.start("a", **environ(secured))).ready()
    await service.publish(event(1), event(2))
    await service.is_done(2)
    assert await replica.stop() == 0
    for number, (verb, (words, code)) in enumerate(_VERBS.items()):
        who = f"{service.name}-{number}"
        rights, principal = bridge.rights(verb), f"User:{who}"
        await bridge.allow(rights, principal)
        come = environ_of(secured, secured.authority.pair(who, common_name=who))
        said = await _say(bridge, words, come, code)
        assert "may not" not in said, said
        # One of them: that each is named is tested above, and every verb asks for its list in the same way.
        lacking = rights[-1]
        await bridge.forbid([lacking], principal)
        said = await _say(bridge, words, come, 2 if verb in ("resend", "redrive", "send") else 1)
        assert f"the principal of this client may not {lacking} ({lacking.why})" in said, said
        assert commands([lacking], "User:NAME", secured.at("MUTUAL"))[0] in said


async def _say(bridge: Restricted, words: Sequence[str], come: dict[str, str], code: int) -> str:
    service = bridge.service
    routes = str(service.folder / "routes.yaml")
    (sample := service.folder / "event.json").write_bytes(orjson.dumps(event(9)))
    stand_ins = {"SOURCE": service.source, "ROUTES": routes, "EVENT": str(sample)}
    given = [reduce(lambda said, one: said.replace(*one), stand_ins.items(), word) for word in words]
    return await service.verb(*given, code=code, **come, BRIDGE_ROUTES=routes)


def test_the_list_has_no_right_twice() -> None:
    for verb in ("run", *_VERBS):
        rights = rights_of(verb, "bridge", ["s"], ["l"], create=True)
        assert len(rights) == len(set(rights))
