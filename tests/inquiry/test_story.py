"""The timeline of a trigger, in words."""

from audit.histories import NEW_CLAIM, T, Under, history
from ledger.memory import START
from ledger.samples import accepted, dropped, ended, intent, parked, refused, released, trigger, unknown
from msgspec import structs

from bridge.inquiry.story import Place, Story, closing, moments
from bridge.ledger.item import Item
from bridge.ledger.records import Carried, Dropped, Ended, Record, Refused, Reported, Unknown
from bridge.outcomes.compose import compose
from bridge.outcomes.reading import read_result
from bridge.triggers import Repeats


def story(*records: Record | Under, ends: tuple[Dropped | Ended | Refused | Unknown, ...] = ()) -> Story:
    """A trigger with these ledger records, and the results of these ends."""
    results = [
        (
            Place("results", 0, n, START + 500 + n),
            read_result(compose(T, Item(end.about), end).model_dump_json().encode()),
        )
        for n, end in enumerate(ends)
    ]
    return Story(T, [(Place("triggers", 0, 0, START), trigger())], history(*records), ("ledger", 0), results)


def words(told: Story) -> list[str]:
    return [f"{moment.what}: {moment.text}" for moment in moments(told)]


def test_a_trigger_is_told_from_its_event_to_its_result() -> None:
    assert words(story(intent(), accepted(), ended(), ends=(ended(),))) == [
        "event: it happened, as the event says",
        "received: read from events/0/7",
        "trigger: written to the triggers",
        "intent: attempt 1 may be under way from here on",
        "call: attempt 1 leaves for the vendor",
        "accepted: the vendor accepted attempt 1: execution execution-a",
        "ended: execution execution-a is published, audience 1,200",
        "result: published, revision 7, written to the results",
    ]


def test_every_record_is_told_in_words() -> None:
    told = words(
        story(
            intent(),
            released(),
            parked(),
            intent(nonce="b"),
            unknown(nonce="b"),
            refused(nonce="b"),
            dropped(),
            Reported(T),
        )
    )
    for expected in (
        "released: attempt 1 certainly had no effect: 429",
        "parked: it waits in the ledger: held",
        "unknown: nobody can know whether attempt 1 had an effect: a test says so",
        "refused: the vendor refused attempt 1 with 400: bad context",
        "dropped: expired: it is expired",
        "reported: its result is written",
    ):
        assert expected in told


def test_what_does_not_count_and_what_is_no_news_is_told_so() -> None:
    told = words(story(NEW_CLAIM, Under(0, intent()), Carried(T, (accepted(),))))
    assert (
        "intent: does not count, its replica had lost the partition by then: attempt 1 may be under way from here on"
        in told
    )
    assert "carried: an owner wrote again what is known: the vendor accepted attempt 1: execution execution-a" in told


def test_a_repeated_result_is_told_as_one() -> None:
    told = words(story(dropped(), ends=(dropped(), dropped())))
    assert told[-1] == "result: expired, revision 1, written to the results again"


def test_a_repetition_says_what_it_repeats() -> None:
    again = structs.replace(trigger(), repeats=Repeats("o" * 32, 1, doubtful=True))
    told = words(Story(T, [(Place("triggers", 0, 0, START), again)]))
    assert told[-1] == f"trigger: written to the triggers, to repeat trigger {'o' * 32} (number 1)"


def test_nothing_of_the_context_is_told() -> None:
    assert not any("Ä" in word for word in words(story(parked(), intent(), accepted())))


def test_it_ends_with_the_outcome_in_a_sentence() -> None:
    assert closing(story(ends=(unknown(), ended())), None) == "Outcome: published, audience 1,200."
    assert closing(story(ends=(dropped(),)), None) == "Outcome: expired: it is expired."
    assert closing(story(), "parked in the ledger, held") == "No outcome yet: parked in the ledger, held."
    assert closing(story(ends=(unknown(),)), "its execution has not ended, x").endswith(
        "More may come: its execution has not ended, x."
    )


def test_an_end_whose_result_is_not_on_its_topic_is_told_from_the_ledger() -> None:
    told = closing(story(intent(), accepted(), ended()), None)
    assert told.startswith("No outcome, and the ledger knows its end (execution execution-a is published")
    assert closing(story(intent()), None) == "No outcome, and nothing says why: see `bridge audit`."
