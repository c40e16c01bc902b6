"""Trace context from outside: what is believed, and what is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tracecontext import Sampling, Trace, TraceContext, parse, read_headers, trace_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
CONTEXT = TraceContext(TRACE, SPAN, 1)
PLACE = "bridge.triggers/events/0/7/1770000000000"


def test_a_traceparent_is_read_and_written_alike() -> None:
    assert parse(PARENT) == CONTEXT
    assert str(CONTEXT) == PARENT
    assert CONTEXT.sampled
    assert parse(f"00-{TRACE}-{SPAN}-00") == TraceContext(TRACE, SPAN, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PARENT[:-1],
        PARENT + "-",
        PARENT + "-extra",
        PARENT.upper(),
        f" {PARENT}",
        f"{PARENT}\n",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}\u0663-{SPAN}-01",
        f"00_{TRACE}_{SPAN}_01",
        f"01-{TRACE}-{SPAN}-01-" + "x" * 200,
    ],
)
def test_what_is_no_traceparent_is_left_out(text: str) -> None:
    assert parse(text) is None
    assert read_headers([("traceparent", text.encode("utf-8"))]) is None


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert parse(f"01-{TRACE}-{SPAN}-01") == CONTEXT
    assert parse(f"cc-{TRACE}-{SPAN}-ff-what-will-be") == TraceContext(TRACE, SPAN, 3)


@given(st.lists(st.tuples(st.sampled_from(["traceparent", "tracestate", "other"]), st.none() | st.binary(max_size=80))))
def test_headers_of_any_kind_raise_nothing(headers: list[tuple[str, bytes | None]]) -> None:
    found = read_headers(headers)
    assert found is None or parse(str(found[0])) == found[0]


@given(st.lists(st.text(max_size=300).map(str.encode), max_size=50))
def test_a_state_is_bounded_and_holds_what_a_header_can(lines: list[bytes]) -> None:
    found = trace_of([("traceparent", PARENT.encode()), *(("tracestate", line) for line in lines)])
    assert found is not None
    assert found.state is None or (len(found.state) <= 512 and found.state.isascii() and found.state.isprintable())


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([b"a=1,b=2"], "a=1,b=2"),
        ([b"a=1", b"b=2"], "a=1,b=2"),
        ([b" fw529a3039@dt=x , ,b=2\t"], "fw529a3039@dt=x,b=2"),
        ([], None),
        ([b""], None),
        ([b"a"], None),
        ([b"a=1\r\nx-api-key: stolen"], None),
        ([b"a=\xff"], None),
        ([b"A=1"], None),
        ([b"a=" + b"1" * 256 + b",b=" + b"1" * 256], None),
        ([b"a=1" * 100_000], None),
        ([b",".join(b"k%d=1" % number for number in range(33))], None),
    ],
)
def test_a_state_is_taken_whole_or_not_at_all(lines: list[bytes], state: str | None) -> None:
    headers = [("traceparent", PARENT.encode()), *(("tracestate", line) for line in lines)]
    assert trace_of(headers) == Trace(PARENT, state)


def test_of_two_traceparents_none_is_believed() -> None:
    assert read_headers([("traceparent", PARENT.encode())] * 2) is None
    assert read_headers([("Traceparent", PARENT.encode())]) is None


def test_the_producer_decides_about_its_trace_and_the_ratio_about_those_that_begin_here() -> None:
    headers = [("traceparent", PARENT.encode())]
    assert Sampling(0).of(headers, PLACE) == (CONTEXT, None)
    assert not Sampling(1).of([("traceparent", f"00-{TRACE}-{SPAN}-00".encode())], PLACE)[0].sampled
    begun, _state = Sampling(1).of([], PLACE)
    assert (begun.sampled, begun.parent_id) == (True, None)
    assert Sampling(1).of([], PLACE) == (begun, None)
    assert not Sampling(0).of([], PLACE)[0].sampled
    sampled = sum(Sampling(0.25).of([], f"{PLACE}{number}")[0].sampled for number in range(2_000))
    assert 400 < sampled < 600


def test_ids_of_spans_are_those_of_another_release() -> None:
    # A result that is written again, by a newer replica, must have the header that it had.
    assert str(CONTEXT.span("result", "r1")) == f"00-{TRACE}-ffa841ba2823e703-01"
    assert CONTEXT.span("a", "bc") != CONTEXT.span("ab", "c")


@pytest.mark.parametrize(
    "fields", [None, 7, "x", [], {}, {"parent": 7}, {"parent": "x"}, {"parent": None, "state": "a=1"}]
)
def test_what_is_no_trace_in_a_trigger_is_none(fields: object) -> None:
    assert Trace.read(fields) is None


def test_a_trace_in_a_trigger_takes_what_a_newer_release_adds() -> None:
    assert Trace.read({"parent": PARENT, "state": 7, "baggage": "x"}) == Trace(PARENT)
