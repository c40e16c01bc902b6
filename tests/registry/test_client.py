"""Confluent's client against a real HTTP server: what each answer means."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from registry.server import SchemaServer, basic, guid, serving

from bridge.demo.ports import free_ports
from bridge.formats.schemas import Part, Unfit, Written
from bridge.registry.access import Access
from bridge.registry.client import NoSuchSchema, RegistryRefuses, RegistryTrouble, fetch

PEM = Path(__file__).parent.parent / "vendor" / "localhost.pem"


@pytest.fixture
async def server() -> AsyncIterator[SchemaServer]:
    async with serving(SchemaServer()) as running:
        yield running


def access(server: SchemaServer, **more: Any) -> Access:
    return replace(Access(server.url, 5.0), **more)


async def test_a_schema_is_found_by_its_id_and_by_its_guid(server: SchemaServer) -> None:
    server.add(7, '"string"')
    server.add(8, "{}", kind="JSON")
    assert await fetch(access(server), 7) == Written("AVRO", '"string"')
    assert await fetch(access(server), guid(8)) == Written("JSON", "{}")


async def test_what_a_schema_refers_to_comes_first_and_once(server: SchemaServer) -> None:
    server.add(1, '"a"', subject="a")
    server.add(2, '"b"', subject="b", references=[("A", "a", 1)])
    server.add(3, '"c"', subject="c", version=4, references=[("B", "b", 1), ("A", "a", 1)])
    server.add(7, '"main"', references=[("C", "c", 4), ("B", "b", 1)])
    found = await fetch(access(server), 7)
    assert found.parts == (Part("A", '"a"'), Part("B", '"b"'), Part("C", '"c"'))
    assert len(server.asked) == 4
    assert all("deleted=true" in path for path in server.asked[1:]), "a version that was deleted is still meant"


async def test_schemas_that_refer_to_each_other_end(server: SchemaServer) -> None:
    server.add(1, '"a"', subject="a", references=[("B", "b", 1)])
    server.add(2, '"b"', subject="b", references=[("A", "a", 1)])
    server.add(7, '"main"', references=[("A", "a", 1)])
    assert len((await fetch(access(server), 7)).parts) == 2


async def test_too_many_references_are_refused(server: SchemaServer) -> None:
    for number in range(300):
        server.add(number, '"a"', subject=f"s{number}", references=[(f"N{number + 1}", f"s{number + 1}", 1)])
    with pytest.raises(Unfit, match="more than 200 others"):
        await fetch(access(server), 0)


async def test_a_missing_schema_and_a_missing_reference_are_no_such_schema(server: SchemaServer) -> None:
    server.add(7, '"main"', references=[("A", "a", 1)])
    for schema in (9, 7, guid(9)):
        with pytest.raises(NoSuchSchema):
            await fetch(access(server), schema)


async def test_a_registry_without_guids_has_no_such_schema(server: SchemaServer) -> None:
    server.knows_guids = False
    with pytest.raises(NoSuchSchema, match="does not know ids of that kind"):
        await fetch(access(server), guid(7))


async def test_an_address_where_there_is_no_registry_must_be_mended(server: SchemaServer) -> None:
    with pytest.raises(RegistryRefuses, match="check its path"):
        await fetch(access(server, urls=f"{server.url}/nothing"), 7)


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (web.Response(status=401), RegistryRefuses, "HTTP 401"),
        (web.Response(status=403), RegistryRefuses, "HTTP 403"),
        (web.Response(status=429), RegistryTrouble, "HTTP 429"),
        (web.Response(status=500, text="oops"), RegistryTrouble, "HTTP 500"),
        (web.Response(status=503), RegistryTrouble, "HTTP 503"),
        (web.Response(status=422, text='{"error_code": 42201, "message": "no"}'), RegistryTrouble, "HTTP 422: no"),
        (web.Response(status=302, headers={"location": "/schemas/types"}), RegistryTrouble, "HTTP 302"),
        (web.Response(text="<html>"), RegistryTrouble, "no schema registry"),
        (web.Response(text="[]"), RegistryTrouble, "no schema registry"),
        (web.Response(text="{}"), RegistryTrouble, "without a schema"),
        (web.Response(text='{"schema": 5}'), RegistryTrouble, "schema"),
        (web.Response(text=""), RegistryTrouble, "no schema registry"),
        (web.Response(body=b" " * 5_000_000), Unfit, "larger than 4194304 bytes"),
    ],
)
async def test_an_answer_that_says_nothing_of_the_schema_is_trouble(
    server: SchemaServer, answer: web.Response, error: type[Exception], text: str
) -> None:
    server.trouble = answer
    with pytest.raises(error, match=text) as raised:
        await fetch(access(server, user="me", password="hush"), 7)
    assert type(raised.value) is error
    assert "hush" not in str(raised.value)


async def test_a_redirect_is_not_followed(server: SchemaServer) -> None:
    async with serving(SchemaServer()) as other:
        other.add(7, '"string"')
        server.trouble = web.Response(status=307, headers={"location": f"{other.url}/schemas/ids/7"})
        with pytest.raises(RegistryTrouble):
            await fetch(access(server, user="me", password="hush"), 7)
        assert not other.asked


async def test_a_registry_that_does_not_answer_is_trouble(server: SchemaServer) -> None:
    server.hangs = True
    with pytest.raises(RegistryTrouble, match="does not answer"):
        await fetch(access(server, timeout=0.2), 7)
    (closed,) = free_ports(1)
    with pytest.raises(RegistryTrouble, match="does not answer: ConnectError"):
        await fetch(access(server, urls=f"http://127.0.0.1:{closed}"), 7)


async def test_the_second_address_is_asked_when_the_first_does_not_answer(server: SchemaServer) -> None:
    server.add(7, '"string"')
    (closed,) = free_ports(1)
    found = await fetch(access(server, urls=f"http://127.0.0.1:{closed},{server.url}"), 7)
    assert found.text == '"string"'


@pytest.mark.parametrize(
    ("who", "header"),
    [({"user": "me", "password": "hu:sh ü"}, basic("me", "hu:sh ü")), ({"token": "tok"}, "Bearer tok"), ({}, None)],
)
async def test_it_is_told_who_we_are(server: SchemaServer, who: dict[str, str], header: str | None) -> None:
    server.add(7, '"string"')
    server.user = header
    await fetch(access(server, **who), 7)
    assert server.headers[0].get("Authorization") == header
    assert server.headers[0].get("Accept-Encoding") == "identity"


async def test_its_certificate_must_be_signed_by_who_we_say() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    async with serving(SchemaServer(), tls=context) as server:
        server.add(7, '"string"')
        at = server.url.replace("127.0.0.1", "localhost")
        await fetch(access(server, urls=at, ca_file=str(PEM)), 7)
        with pytest.raises(RegistryTrouble, match="CERTIFICATE_VERIFY_FAILED"):
            await fetch(access(server, urls=at), 7)


async def test_certificates_that_can_not_be_read_must_be_mended(server: SchemaServer) -> None:
    with pytest.raises(RegistryRefuses, match=r"see registry\.ca_file"):
        await fetch(access(server, ca_file="/nowhere/ca.pem"), 7)
