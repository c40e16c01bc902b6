"""What the user's endpoint is asked, and what its answers mean."""

from typing import Any

import pytest
from provisioning.wanting import wanting

from bridge.provisioning.answers import Answer, Made, NotMade, NotYet, read_answer
from bridge.provisioning.request import RequestTemplate
from bridge.routing.paths import parse_path
from bridge.routing.templates import BadTemplate


def test_each_text_of_the_template_is_filled_and_a_sole_reference_keeps_its_type() -> None:
    template = RequestTemplate(
        {
            "topic": "{lookup}/{key}",
            "for": ["{brand}", {"route": "{route}", "generator": "{generator}", "event": "{event_id}"}],
            "minute": "{context.minute}",
            "literal": "{{key}}",
            "none": "{context.nothing}",
            "as": [1, True, None, ""],
        }
    )
    trigger, missing = wanting("CRC", minute=12)
    assert template.filled(trigger, missing) == {
        "topic": "teams/CRC",
        "for": ["acme", {"route": "goal", "generator": "generator-1", "event": "e1"}],
        "minute": 12,
        "literal": "{key}",
        "none": None,
        "as": [1, True, None, ""],
    }


@pytest.mark.parametrize("text", ["{team.id}", "{$key}", "{context}", "{key", "{key.x}", "{$headers.x}"])
def test_a_text_that_cannot_be_filled_is_told(text: str) -> None:
    with pytest.raises(BadTemplate):
        RequestTemplate({"fine": "{key}", "wrong": [{"deep": text}]})


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"data": {"topic_key": "00000000-abcd"}}', Made("00000000-abcd")),
        (201, b'{"data": {"topic_key": 7}}', Made("7")),
        (200, b'{"data": {"topic_key": ""}}', NotYet("its answer of 200 holds no topic key: data.topic_key is empty")),
        (202, b"", NotYet("its answer of 202 holds no topic key: the event has no data.topic_key")),
        (200, b"<html>", NotYet("its answer of 200 is no JSON")),
        (404, b"unknown team", NotMade("it answered 404: unknown team")),
        (403, b"", NotMade("it answered 403")),
        (429, b"slower", NotYet("it answered 429: slower")),
        (500, b"the token is s3cret", NotYet("it answered 500: the token is [redacted]")),
        (302, b"", NotYet("it answered 302")),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, answer: Answer) -> None:
    assert read_answer(status, body, parse_path("data.topic_key"), ("s3cret",)) == answer


def test_a_key_that_is_no_text_is_none() -> None:
    found: Any = read_answer(200, b'{"topic_key": {"a": 1}}', parse_path("topic_key"), ())
    assert isinstance(found, NotYet)
