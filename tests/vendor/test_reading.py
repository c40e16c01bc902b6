"""What an answer means, without a network."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.vendor.answers import (
    Accepted,
    Failed,
    NotFound,
    PollError,
    PollRefused,
    PollThrottled,
    Published,
    RefusedBrand,
    RefusedEvent,
    RefusedRoute,
    RunAnswer,
    Running,
    StatusAnswer,
    Throttled,
    Unknown,
)
from bridge.vendor.reading import Reply, read_run, read_status

NOW = 1_700_000_000_000
SECRETS = ("s3cret/key", "brand-key")

retry_afters = st.none() | st.text(max_size=12) | st.integers().map(str)
bodies = st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**63) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["execution_id", "status", "audience_size", "error_code", "error_message", "updated_at", "x"]
            ),
            inner | st.sampled_from(["published", "failed", "exec-1"]),
        )
    ),
).map(orjson.dumps)
replies = st.builds(Reply, st.integers(100, 599), retry_afters, bodies, st.none() | st.just("it broke off"))


def run(status: int, body: object = b"", retry_after: str | None = None) -> RunAnswer:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return read_run(Reply(status, retry_after, content), now=NOW, secrets=SECRETS)


def poll(status: int, body: object = b"", retry_after: str | None = None) -> StatusAnswer:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return read_status("exec-1", Reply(status, retry_after, content), now=NOW, secrets=SECRETS)


@given(replies)
def test_every_answer_to_a_run_means_something(reply: Reply) -> None:
    answer = read_run(reply, now=NOW, secrets=SECRETS)
    if isinstance(answer, Accepted):
        assert reply.status in range(200, 300)
        assert answer.execution_id
    if reply.status >= 500 or reply.status < 200:
        assert isinstance(answer, Unknown)


@given(replies)
def test_every_answer_to_a_poll_means_something(reply: Reply) -> None:
    answer = read_status("exec-1", reply, now=NOW, secrets=SECRETS)
    if isinstance(answer, Published | Failed | Running):
        assert reply.status == 200
    if isinstance(answer, Published | Failed):
        assert answer.audience is None or answer.audience >= 0


@given(replies, bodies)
def test_the_body_of_a_refusal_decides_nothing(reply: Reply, other: bytes) -> None:
    if reply.status in range(200, 300):
        return
    again = Reply(reply.status, reply.retry_after, other, reply.cut)
    assert type(read_run(reply, now=NOW, secrets=())) is type(read_run(again, now=NOW, secrets=()))


@pytest.mark.parametrize(
    ("statuses", "meaning"),
    [
        ((400, 413), RefusedEvent),
        ((404, 410, 422), RefusedRoute),
        ((401, 402, 403, 405, 406, 407, 415, 421, 426, 431, 301, 307, 308), RefusedBrand),
        ((429,), Throttled),
        ((302, 303, 304, 408, 409, 412, 418, 425, 451, 499, 500, 501, 502, 503, 504, 599, 101, 200, 204), Unknown),
    ],
)
def test_a_status_of_a_run_means(statuses: tuple[int, ...], meaning: type[RunAnswer]) -> None:
    assert {type(run(status)) for status in statuses} == {meaning}


@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_execution_id_is_acceptance(status: int) -> None:
    assert run(status, {"execution_id": "exec-1", "status": "queued", "new": []}) == Accepted("exec-1", status)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b'"exec-1"',
        b"[]",
        b"{}",
        b'{"execution_id": ""}',
        b'{"execution_id": null}',
        b'{"execution_id": 17}',
        b'{"execution_id": "\\ud800"}',
        orjson.dumps({"execution_id": "x" * 201}),
        b'{"execution_id": "exec-1"',
        b"[" * 60_000,
        b'{"a":' * 10_000,
    ],
)
def test_a_202_without_a_readable_execution_id_is_unknown(body: bytes) -> None:
    answer = run(202, body)
    assert isinstance(answer, Unknown)
    assert answer.status == 202
    assert len(answer.why) < 300


def test_an_execution_id_in_a_body_that_was_cut_is_not_believed() -> None:
    reply = Reply(202, None, b'{"execution_id": "exec-1"}', cut="the body broke off: reset")
    assert isinstance(read_run(reply, now=NOW, secrets=()), Unknown)


@pytest.mark.parametrize("status", ["queued", "processing", "paused", "PUBLISHED"])
def test_a_status_that_is_not_terminal_keeps_the_vendors_word(status: str) -> None:
    assert poll(200, {"execution_id": "exec-1", "status": status}) == Running(status)


@pytest.mark.parametrize(
    ("size", "audience"),
    [(0, 0), (127_450, 127_450), (-1, None), (True, None), (1.0, None), ("7", None), (None, None)],
)
def test_an_audience_is_a_count_or_not_known(size: object, audience: int | None) -> None:
    assert poll(200, {"status": "published", "audience_size": size}) == Published(audience, None)


def test_a_missing_audience_is_not_known() -> None:
    body = {"status": "published", "updated_at": "2026-01-16T12:00:05Z"}
    assert poll(200, body) == Published(None, 1_768_564_805_000)


@pytest.mark.parametrize("moment", ["yesterday", "2026-01-16T12:00:05", 5, None])
def test_a_moment_that_cannot_be_read_is_not_known(moment: object) -> None:
    assert poll(200, {"status": "published", "updated_at": moment}) == Published(None, None)


def test_a_failure_says_what_the_vendor_says() -> None:
    body = {"status": "failed", "error_code": 17, "error_message": "no s3cret/key", "audience_size": 3}
    assert poll(200, body) == Failed("17", "no [redacted]", 3, None)


def test_a_failure_needs_no_words() -> None:
    assert poll(200, {"status": "failed"}) == Failed(None, None, None, None)


@pytest.mark.parametrize("body", [b"", b"<html>", {}, {"status": None}, {"status": ""}, {"status": 3}, []])
def test_a_poll_without_a_status_teaches_nothing(body: object) -> None:
    assert isinstance(poll(200, body), PollError)


def test_an_answer_about_another_execution_teaches_nothing() -> None:
    assert isinstance(poll(200, {"execution_id": "exec-2", "status": "published"}), PollError)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (404, NotFound()),
        (401, PollRefused(401, "no")),
        (403, PollRefused(403, "no")),
        (429, PollThrottled(3000)),
        (500, PollError("status 500: no")),
        (302, PollError("status 302: no")),
        (204, PollError("status 204: no")),
    ],
)
def test_a_status_of_a_poll_means(status: int, answer: StatusAnswer) -> None:
    assert poll(status, b"no", "3") == answer
