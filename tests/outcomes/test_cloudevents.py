"""The headers of results, as the CloudEvents 1.0 specification and its Kafka binding want them."""

from collections.abc import Mapping

import orjson
from hypothesis import given
from hypothesis import strategies as st
from ledger.folding import T, folded
from ledger.samples import accepted, dropped, ended, intent, parked, refused, released, unknown
from tracing.test_context import PARENT

from bridge.ledger.codec import decode, encode
from bridge.ledger.fold import Fold
from bridge.ledger.records import Record
from bridge.outcomes.cloudevents import MEANINGS, OPTIONAL, headers
from bridge.outcomes.compose import compose
from bridge.outcomes.model import Outcome
from bridge.outcomes.schema import SCHEMA_ID, outcome_schema

NEWS: list[Record] = [
    parked(),
    *(
        made(nonce=nonce, number=number)
        for made in (intent, unknown, released, refused)
        for nonce, number in (("a", 1), ("b", 2))
    ),
    *(ended(nonce=nonce, outcome=outcome) for nonce in "ab" for outcome in ("lost", "failed", "published")),
    *(dropped(outcome=outcome, attempts=2) for outcome in ("expired", "superseded", "unknown")),
]


def outcome_of(fold: Fold) -> Outcome | None:
    end = fold.items[T].best_end()
    return None if end is None else compose(T, fold.items[T], end)


def told(*records: Record) -> tuple[Outcome, Mapping[str, str]]:
    outcome = outcome_of(folded(*records))
    assert outcome is not None
    return outcome, {name: content.decode() for name, content in headers(outcome, "bridge")}


@given(st.lists(st.sampled_from(NEWS), min_size=1))
def test_whoever_writes_a_result_again_writes_the_same_headers(records: list[Record]) -> None:
    written = outcome_of(folded(*records))
    read = outcome_of(folded(*(decode(encode(one, 0)).record for one in records)))
    if written is None or read is None:
        assert written is read
        return
    assert headers(written, "bridge") == headers(read, "bridge")


@given(st.lists(st.sampled_from(NEWS), min_size=1))
def test_every_header_is_there_once_and_none_is_empty(records: list[Record]) -> None:
    outcome = outcome_of(folded(*records))
    if outcome is None:
        return
    for trace, told in ((None, MEANINGS.keys() - set(OPTIONAL)), (PARENT, MEANINGS.keys())):
        names = [name for name, _ in headers(outcome, "bridge", trace)]
        assert set(names) == told
        assert len(names) == len(set(names))
        assert all(content for _, content in headers(outcome, "bridge", trace))


def test_a_published_trigger_is_a_cloud_event_of_its_end() -> None:
    outcome, one = told(intent(), accepted(), ended())
    assert one == {
        "ce_specversion": "1.0",
        "ce_id": outcome.result_id,
        "ce_source": "/campaign-bridge/bridge",
        "ce_type": "campaign-bridge.outcome.v1",
        "ce_time": "2026-02-02T02:40:00.020Z",
        "ce_subject": T,
        "ce_dataschema": "urn:campaign-bridge:outcome:v1",
        "content-type": "application/json",
    }
    assert one.keys() == MEANINGS.keys() - set(OPTIONAL)


def test_the_time_is_that_of_the_value() -> None:
    outcome, one = told(intent(), refused())
    assert one["ce_time"] == orjson.loads(outcome.model_dump_json())["times"]["ended"]


def test_the_time_of_a_call_that_nobody_knows_the_end_of_is_that_of_the_call() -> None:
    outcome, one = told(intent(), unknown())
    assert one["ce_time"] == orjson.loads(outcome.model_dump_json())["times"]["called"]


def test_better_news_are_another_event_of_the_same_subject() -> None:
    _, before = told(intent(), unknown())
    _, after = told(intent(), unknown(), refused())
    assert before["ce_subject"] == after["ce_subject"]
    assert before["ce_id"] != after["ce_id"]


def test_the_schema_that_headers_name_is_the_one_in_the_repository() -> None:
    assert outcome_schema()["$id"] == SCHEMA_ID
