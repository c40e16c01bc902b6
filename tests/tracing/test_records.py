"""A trace in the records of triggers and of the ledger: where there is none, nothing of it is in them."""

from typing import Any

import orjson
import pytest
from ledger.folding import T, folded, item
from ledger.samples import about, accepted, dropped, ended, intent, parked, refused, trigger, unknown
from msgspec import UNSET, structs
from msgspec.structs import replace
from tracing.test_context import PARENT, SPAN, TRACE

from bridge.ledger.carrying import carried as carried_again
from bridge.ledger.codec import decode, encode
from bridge.ledger.item import Item
from bridge.ledger.records import About, Carried, Intent, Parked, Record
from bridge.outcomes.cloudevents import headers
from bridge.outcomes.compose import compose
from bridge.tracecontext import Trace, of_result, parse
from bridge.triggers import Trigger

TRACED = structs.replace(trigger(), trace=Trace(PARENT, "a=1"))
ABOUT = replace(about(), trace=PARENT)


def test_a_trigger_keeps_its_trace() -> None:
    assert Trigger.decode(TRACED.encode()) == TRACED
    assert About.of(TRACED, 7).trace == PARENT


def test_without_one_records_are_what_they_were() -> None:
    assert "trace" not in orjson.loads(trigger().encode())
    assert About.of(trigger(), 7).trace is UNSET
    for record in (intent(), parked(), dropped(), unknown(), accepted(), refused(), ended()):
        assert b"trace" not in encode(record, 1)


@pytest.mark.parametrize("record", [intent(), dropped(), unknown(), accepted(), refused(), ended()])
def test_records_of_both_kinds_are_read(record: Any) -> None:
    traced = replace(record, about=ABOUT)
    assert decode(encode(traced, 1)).record == traced
    assert decode(encode(record, 1)).record == record


@pytest.mark.parametrize("trace", [7, "x", {"parent": "00-\n"}, {"parent": {"x": 1}}, None])
def test_a_trace_that_is_none_makes_no_trigger_unreadable(trace: object) -> None:
    value = orjson.dumps(orjson.loads(trigger().encode()) | {"trace": trace})
    assert Trigger.decode(value) == trigger()


def test_a_trace_survives_parking_and_being_carried_on() -> None:
    for records in ([Parked(T, TRACED, 0, "held")], [replace(intent(), about=ABOUT), replace(accepted(), about=ABOUT)]):
        (carried,) = carried_again(T, item(*records), 7)
        read = decode(encode(carried, 0)).record
        assert isinstance(read, Carried)
        assert folded(read).items[T].about.trace == PARENT


def header(known: Item) -> str | None:
    end = known.best_end()
    assert end is not None
    trace = known.about.trace or None
    return dict(headers(compose(T, known, end), "bridge", trace)).get("traceparent", b"").decode() or None


def test_the_header_of_a_result_follows_from_the_ledger_alone() -> None:
    records: list[Record] = [replace(one, about=ABOUT) for one in (intent(), accepted(), ended())]
    whole = header(item(*records))
    context = parse(whole)
    assert context is not None
    assert (context.trace_id, context.flags) == (TRACE, 1)
    assert context.span_id != SPAN
    assert header(item(*(decode(encode(one, 1)).record for one in records))) == whole
    known = parse(PARENT)
    assert known is not None
    assert whole == str(of_result(known, compose(T, item(*records), ended()).result_id))


def test_a_result_without_a_trace_has_no_header_of_it() -> None:
    assert header(item(intent(), accepted(), ended())) is None
    odd = replace(about(), trace="not of W3C's")
    assert header(item(Intent(T, odd, intent().attempt), replace(ended(), about=odd))) is None
