import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from formats.schemas import encoded
from kafka.members import Read
from registry.server import SchemaServer, serving

from bridge.errors import BridgeError, StartupRefused
from bridge.formats import decode
from bridge.registry.looking import Looking
from bridge.settings import RegistrySettings

TEAM = {"type": "record", "name": "Team", "fields": [{"name": "id", "type": "string"}]}
RECORD = Read(b"\0\0\0\0\x07" + encoded(TEAM, {"id": "GER"}))


@pytest.fixture
async def server() -> AsyncIterator[SchemaServer]:
    async with serving(SchemaServer()) as running:
        running.add(7, TEAM)
        yield running


async def test_a_record_is_read_after_its_schema_was_asked_for(server: SchemaServer) -> None:
    looking = Looking(RegistrySettings(url=server.url))
    for _ in range(2):
        await looking.ready(RECORD, ["avro", "json"])
        assert decode(RECORD, "avro", looking).body == {"id": "GER"}
    assert len(server.asked) == 1


async def test_a_record_that_names_no_schema_asks_nothing(server: SchemaServer) -> None:
    looking = Looking(RegistrySettings(url=server.url))
    await looking.ready(Read(b"{}"), ["avro", "json-schema"])
    await looking.ready(Read(None), ["protobuf"])
    await looking.ready(RECORD, ["json"])
    assert not server.asked


async def test_without_a_registry_the_error_says_what_to_set() -> None:
    await Looking(None).ready(RECORD, ["json"])
    with pytest.raises(BridgeError, match=r"set registry\.url"):
        await Looking(None).ready(RECORD, ["avro"])


async def test_a_registry_that_does_not_tell_is_an_error(server: SchemaServer) -> None:
    server.user = "Bearer somebody else"
    with pytest.raises(BridgeError, match=r"schema 7 can't be looked up in the schema registry: .*HTTP 401"):
        await Looking(RegistrySettings(url=server.url)).ready(RECORD, ["avro"])


async def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bridge.registry.schemas", None)
    with pytest.raises(StartupRefused, match=r"campaign-bridge\[registry\]"):
        await Looking(RegistrySettings(url="http://127.0.0.1:1")).ready(RECORD, ["avro"])


def test_a_bridge_that_needs_no_registry_imports_nothing_of_its_extra() -> None:
    program = (
        "import sys, bridge.cli, bridge.cli.run, bridge.app;"
        "print([name for name in sys.modules if name.startswith(('confluent', 'google', 'grpc', 'authlib'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
