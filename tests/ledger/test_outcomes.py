"""From what the ledger knows to the result that everybody reads."""

from typing import Any, get_args

import jsonschema_rs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger.folding import T, folded, item
from ledger.samples import accepted, dropped, ended, intent, parked, refused, released, trigger_named, unknown
from msgspec.structs import replace

from bridge.ledger.codec import decode, encode
from bridge.ledger.item import End, Item, rank_of
from bridge.ledger.records import Record, is_decision
from bridge.outcomes.compose import compose, result_id
from bridge.outcomes.model import OutcomeName
from bridge.outcomes.schema import outcome_schema

NEWS: list[Record] = [
    parked(),
    *(
        made(nonce=nonce, number=number)
        for made in (intent, unknown, released, refused)
        for nonce, number in (("a", 1), ("b", 2))
    ),
    *(ended(nonce=nonce, outcome=outcome) for nonce in "ab" for outcome in ("lost", "failed", "published")),
    *(dropped(outcome=outcome, attempts=2) for outcome in ("expired", "rejected", "unmapped", "superseded", "unknown")),
]

CONTRACT = jsonschema_rs.validator_for(outcome_schema(), validate_formats=True)


def best(known: Item) -> End:
    end = known.best_end()
    assert end is not None
    return end


def result(*records: Record) -> dict[str, Any]:
    known = item(*records)
    fields: dict[str, Any] = orjson.loads(compose(T, known, best(known)).model_dump_json())
    return fields


@given(st.lists(st.sampled_from(NEWS), min_size=1))
def test_the_same_knowledge_gives_the_same_bytes_whoever_reads_it(records: list[Record]) -> None:
    written, read = folded(*records), folded(*(decode(encode(one, 0)).record for one in records))
    if written.items[T].best_end() is None:
        return
    first, second = (compose(T, fold.items[T], best(fold.items[T])).model_dump_json() for fold in (written, read))
    assert first == second


@given(st.lists(st.sampled_from(NEWS), min_size=1))
def test_every_outcome_fits_the_contract(records: list[Record]) -> None:
    known = item(*records)
    if (end := known.best_end()) is None:
        return
    outcome = compose(T, known, end)
    CONTRACT.validate(orjson.loads(outcome.model_dump_json()))
    assert outcome.outcome in get_args(OutcomeName)
    assert outcome.revision == rank_of(end)
    assert (outcome.reason is None) == (outcome.outcome == "published")


@given(st.lists(st.sampled_from(NEWS), min_size=1), st.lists(st.sampled_from(NEWS)))
def test_later_news_never_lower_the_revision_nor_change_a_result_of_the_same_one(
    before: list[Record], after: list[Record]
) -> None:
    """Once an attempt is known to have had no effect its `unknown` is withdrawn: that alone may lower it."""
    known, later = item(*before), item(*before, *after)
    if (end := known.best_end()) is None or any(one.kind == "released" for one in after):
        return
    then = best(later)
    assert rank_of(then) >= rank_of(end)


def test_a_results_id_is_that_of_its_trigger_and_revision() -> None:
    ids = {result_id(trigger, revision) for trigger in (T, trigger_named("other")) for revision in range(1, 8)}
    assert len(ids) == 14
    assert result(dropped())["result_id"] == result_id(T, 1) == result_id(T, 1)
    assert all(len(one) == 32 for one in ids)


def test_a_published_trigger_says_who_when_and_how_many() -> None:
    assert result(intent(), accepted(), ended()) == {
        "result_id": result_id(T, 7),
        "revision": 7,
        "trigger_id": T,
        "outcome": "published",
        "reason": None,
        "brand": "acme",
        "route": "goal",
        "event_generator_id": "gen-1",
        "topic_key": "topic-1",
        "event_id": "e1",
        "source": {"topic": "events", "partition": 0, "offset": 7},
        "execution_id": "execution-a",
        "audience_size": 1200,
        "error_code": None,
        "error_message": None,
        "attempts": 1,
        "possible_duplicate": False,
        "repeats": None,
        "missing": None,
        "test": False,
        "times": {
            "event": "2026-02-02T02:40:00.000Z",
            "received": "2026-02-02T02:40:00.000Z",
            "called": "2026-02-02T02:40:00.001Z",
            "accepted": "2026-02-02T02:40:00.010Z",
            "ended": "2026-02-02T02:40:00.020Z",
        },
    }


def test_every_result_of_a_test_says_that_it_is_one() -> None:
    for records in ((intent(), accepted(), ended()), (intent(), unknown()), (intent(), refused()), (dropped(),)):
        assert not result(*records)["test"]
        marked = [replace(record, about=replace(record.about, test=True)) for record in records]
        assert result(*marked)["test"], records[-1]


def test_what_the_vendor_refused_is_rejected_with_its_words() -> None:
    told = result(intent(), refused())
    assert (told["outcome"], told["error_code"], told["error_message"]) == ("rejected", "400", "bad context")
    assert told["revision"] == 4


def test_a_refusal_says_that_another_attempt_may_have_reached_people() -> None:
    """As after a late fact of the first one, when its policy had had another one made."""
    assert result(refused())["possible_duplicate"] is False
    doubtful = result(refused(), unknown(nonce="b", number=2))
    assert (doubtful["outcome"], doubtful["possible_duplicate"]) == ("rejected", True)
    known = result(refused(), unknown(nonce="b", number=2), released(nonce="b", number=2))
    assert (known["outcome"], known["possible_duplicate"]) == ("rejected", False)


def test_what_is_unknown_has_no_end_and_no_execution() -> None:
    told = result(intent(), unknown())
    assert (told["outcome"], told["execution_id"], told["times"]["ended"]) == ("unknown", None, None)
    assert told["times"]["called"] is not None


def test_a_drop_was_never_called() -> None:
    told = result(dropped(outcome="unmapped"))
    assert (told["outcome"], told["attempts"], told["times"]["called"]) == ("unmapped", 0, None)


def test_an_execution_that_has_not_ended_has_no_result() -> None:
    known = item(intent(), accepted())
    with pytest.raises(ValueError, match="execution execution-a has not ended"):
        compose(T, known, accepted())


def test_every_decision_that_ends_a_trigger_has_a_rank_and_a_name() -> None:
    ends = [one for one in NEWS if is_decision(one) and one.kind in {"dropped", "unknown"}]
    assert {result(one)["outcome"] for one in ends} == {
        "expired", "rejected", "unmapped", "superseded", "unknown"
    }  # fmt: skip
