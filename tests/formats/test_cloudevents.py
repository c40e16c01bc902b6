"""CloudEvents as the specification has them (1.0.2, with its Kafka binding), in both modes."""

from typing import Any

import orjson
import pytest
from kafka.members import Read

from bridge.errors import Tombstone, Undecodable
from bridge.events import Event, Headers
from bridge.formats import decode

REQUIRED = {"id": "e1", "source": "/matches", "specversion": "1.0", "type": "goal"}
DATA = {"player": "Musiala"}
STRUCTURED = [("content-type", b"application/cloudevents+json")]


def headers(content_type: str | None = "application/json", **changes: str | None) -> list[tuple[str, bytes | None]]:
    """Of binary mode; None takes an attribute out."""
    ce = {name: value for name, value in (REQUIRED | changes).items() if value is not None}
    found: list[tuple[str, bytes | None]] = [(f"ce_{name}", value.encode()) for name, value in ce.items()]
    return found if content_type is None else [*found, ("content-type", content_type.encode())]


def binary(value: bytes | None = b'{"player":"Musiala"}', given: Headers | None = None) -> Event:
    return decode(Read(value, headers=headers() if given is None else given), "cloudevents")


def structured(members: Any, content_type: bytes = b"application/cloudevents+json; charset=UTF-8") -> Event:
    value = members if isinstance(members, bytes) else orjson.dumps(members)
    return decode(Read(value, headers=[("content-type", content_type)]), "cloudevents")


def test_binary_mode_has_attributes_in_headers_and_the_data_in_the_value() -> None:
    event = binary(given=headers(subject="m1 / 12%20'", time="2026-02-05T20:12:00+01:00", partitionkey="ü"))
    assert event.body == DATA
    assert event.ce == REQUIRED | {
        "subject": "m1 / 12%20'",  # as it stands there: only HTTP is percent-encoded
        "time": "2026-02-05T20:12:00+01:00",
        "partitionkey": "ü",
        "datacontenttype": "application/json",
    }
    assert event.headers["ce_id"] == "e1"
    assert event.key is None  # the record's own, whatever partitionkey says


def test_structured_mode_has_both_in_one_object() -> None:
    event = structured(REQUIRED | {"subject": "m1", "data": DATA})
    assert (event.body, event.ce) == (DATA, REQUIRED | {"subject": "m1"})


def test_an_attribute_is_text_in_either_mode() -> None:
    one = structured(REQUIRED | {"sequence": 5, "final": True, "own": False, "none": None, "data": DATA})
    other = binary(given=headers(None, sequence="5", final="true", own="false"))
    assert one.ce == other.ce == REQUIRED | {"sequence": "5", "final": "true", "own": "false"}


@pytest.mark.parametrize("data", [DATA, [1, 2], "text", 12, 1.5, True, False, {}, [], ""])
def test_data_may_be_any_json(data: Any) -> None:
    assert structured(REQUIRED | {"data": data}).body == data
    assert structured(REQUIRED | {"data": data, "datacontenttype": "application/vnd.acme+json"}).body == data
    assert binary(orjson.dumps(data)).body == data
    assert binary(orjson.dumps(data), headers("text/json; charset=utf-8")).body == data
    assert binary(orjson.dumps(data), headers(None)).body == data


def test_data_may_be_text() -> None:
    assert binary("Tor für m1".encode(), headers("text/plain; charset=UTF-8")).body == "Tor für m1"
    assert structured(REQUIRED | {"datacontenttype": "text/plain", "data": "12"}).body == "12"


@pytest.mark.parametrize("given", [headers(), headers(None), headers("application/avro")])
def test_an_event_may_have_no_data(given: Headers) -> None:
    assert binary(None, given).body is None
    assert binary(b"", given).body is None  # so the official library for Python writes it
    assert structured(REQUIRED).body is None
    assert structured(REQUIRED | {"data": None, "data_base64": None}).body is None


def test_data_in_base64_is_read_as_its_bytes_are() -> None:
    encoded = REQUIRED | {"data_base64": "eyJwbGF5ZXIiOiJNdXNpYWxhIn0="}
    assert structured(encoded).body == DATA
    assert structured(encoded | {"datacontenttype": "text/plain"}).body == '{"player":"Musiala"}'


@pytest.mark.parametrize(
    "content_type",
    [b"application/cloudevents+json", b"APPLICATION/CloudEvents+JSON;charset=utf-8", b"application/cloudevents"],
)
def test_the_content_type_tells_the_mode_and_headers_beside_it_do_not_count(content_type: bytes) -> None:
    given = [*headers(None, id="other", odd_name="x"), ("Content-Type", content_type)]
    event = decode(Read(orjson.dumps(REQUIRED | {"data": DATA}), headers=given), "cloudevents")
    assert (event.ce, event.body) == (REQUIRED, DATA)


def test_headers_that_are_there_twice_must_agree() -> None:
    assert binary(given=[*headers(), ("ce_id", b"e1"), ("content-type", b"application/json")]).ce["id"] == "e1"
    for name in ("ce_id", "content-type"):
        with pytest.raises(Undecodable, match=f"{name}'? is there twice"):
            binary(given=[*headers(), (name, b"text/plain")])


def test_the_header_of_an_attribute_may_be_null_as_if_it_were_not_there() -> None:
    assert "subject" not in binary(given=[*headers(), ("ce_subject", None)]).ce
    with pytest.raises(Undecodable, match=r"lacks the header ce_id$"):
        binary(given=[*headers(id=None), ("ce_id", None)])


@pytest.mark.parametrize("given", [[], STRUCTURED, [("content-type", b"application/json"), ("trace", b"1")]])
def test_a_record_without_value_and_attributes_is_a_tombstone(given: Headers) -> None:
    with pytest.raises(Tombstone):
        binary(None, given)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([], "neither a content-type header .* nor the headers ce_id, ce_source, ce_specversion, ce_type"),
        ([("content-type", b"application/json")], "neither"),
        (headers(id=None, type=None), "lacks the header ce_id, the header ce_type$"),
        (headers(specversion="0.3"), "version '0.3': only 1.0 is read"),
        (headers(specversion=""), "version ''"),
        (headers(id=""), "id is empty"),
        (headers(source=""), "source is empty"),
        (headers(type=""), "type is empty"),
        (headers(subject=""), "subject is empty"),
        (headers(source="/a b"), "source is no URI"),
        (headers(dataschema="a b"), "dataschema is no URI"),
        (headers(time="2026-02-05 20:12"), "time is no RFC 3339"),
        (headers(time="2026-02-05T20:12:00"), "time is no RFC 3339"),
        (headers(subject="a\nb"), "subject holds a control character"),
        (headers(own="\x85"), "own holds a control character"),
        (headers(Own="x"), "'Own' is no name of an attribute"),
        (headers(own_name="x"), "'own_name' is no name"),
        (headers(data="x"), "'data' is no name"),
        ([*headers(), ("ce_", b"x")], "'' is no name"),
        ([*headers(), ("ce_caf\udce9", b"x")], "no name of an attribute"),
        ([*headers(), ("ce_own", b"\xff")], "'ce_own' is not UTF-8"),
        ([*headers(None), ("content-type", b"\xff")], "'content-type' is not UTF-8"),
        (headers(""), "datacontenttype is empty"),
        (headers("json"), "datacontenttype is no media type"),
        (headers("application/avro"), "the data is application/avro, which is not read: JSON is, and text"),
        (headers("application/octet-stream"), "not read"),
        (headers("application/json; charset=iso-8859-1"), "charset 'iso-8859-1': only UTF-8 is read"),
        (headers("text/plain"), "text/plain, but not in UTF-8"),
        (headers(), "the data is not JSON in UTF-8"),
        (headers(None), "the data is not JSON in UTF-8"),
        ([("content-type", b"application/cloudevents-batch+json")], "a batch of CloudEvents"),
        ([("content-type", b"application/cloudevents+avro")], "in application/cloudevents.avro, which is not read"),
        ([("content-type", b"application/cloudevents+json; charset=utf-16")], "charset"),
        (STRUCTURED, "the value is not JSON"),
    ],
)
def test_what_is_no_cloudevent_is_refused_with_a_reason(given: Headers, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason) as refused:
        binary(b"\xff{secret}", given)
    assert len(str(refused.value)) <= 260
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([REQUIRED], "the value is a list, not a JSON object with a CloudEvent"),
        (None, "the value is null"),
        (b"", "not JSON"),
        ({}, "lacks id, source, specversion, type$"),
        (REQUIRED | {"id": None}, "lacks id$"),
        (REQUIRED | {"id": 5}, "id is a number, not a text"),
        (REQUIRED | {"subject": True}, "subject is true or false, not a text"),
        (REQUIRED | {"own": 1.5}, "'own' is a number: attributes are"),
        (REQUIRED | {"own": 2**31}, "'own' is an integer beyond 32 bits"),
        (REQUIRED | {"own": {"secret": 1}}, "'own' is an object"),
        (REQUIRED | {"Secret!" * 50: 1}, "is no name of an attribute"),
        (REQUIRED | {"data": 1, "data_base64": "MQ=="}, "data and data_base64"),
        (REQUIRED | {"data_base64": "!"}, "no Base64"),
        (REQUIRED | {"data_base64": 5}, "data_base64 is a number"),
        (REQUIRED | {"data_base64": "/w=="}, "the data is not JSON"),
        (REQUIRED | {"datacontenttype": "text/plain", "data": {}}, "the data is an object, not a text"),
        (REQUIRED | {"datacontenttype": "application/xml", "data": "<a/>"}, "application/xml, which is not read"),
        (REQUIRED | {"data": [[]]} | {"own": [1]}, "'own' is a list"),
        (orjson.dumps(REQUIRED)[:-1] + b',"data":' + b"[" * 101 + b"]" * 101 + b"}", "deeper"),
        (orjson.dumps(REQUIRED)[:-1] + b',"data":123456789012345678901}', "more than 64 bits"),
    ],
)
def test_what_is_no_cloudevent_in_structured_mode_is_refused_with_a_reason(members: Any, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason) as refused:
        structured(members)
    assert len(str(refused.value)) <= 260
