"""Which works replace one another, by what is known of them."""

from dispatch.works import work
from msgspec import structs

from bridge.dispatch.progress import Progress
from bridge.dispatch.rivalry import Rivalry
from bridge.dispatch.waiting import Waiting
from bridge.dispatch.work import State, Work
from bridge.ledger.fold import Fold
from bridge.ledger.item import REFUSED_RANK
from bridge.ledger.records import About, Attempt, Intent, Line, Refused, Released, Unknown
from bridge.ledger.repeating import NotYet, Superseded
from bridge.triggers import Priority, Repeats

NOW = 1_000


def update(offset: int, *, value: str = "m1") -> Work:
    return work(f"e{offset}", supersede_by=value, offset=offset)


def rivalry(*works: Work, fold: Fold | None = None, position: int = 100) -> Rivalry:
    made = Rivalry(fold or Fold(), Progress(position))
    for one in works:
        made.add(one)
    return made


def called(fold: Fold, one: Work) -> Intent:
    intent = Intent(one.trigger.id, About.of(one.trigger, one.offset), Attempt(f"nonce {one.offset}", 1, NOW))
    fold.apply(fold.count, NOW, Line(intent, 0))
    return intent


def test_all_that_wait_are_replaced_but_for_the_newest_and_what_is_being_called() -> None:
    works = [update(offset) for offset in range(4)]
    works[1].state = State.TAKEN
    replaced = rivalry(*works).replaced([works[0]], NOW)
    assert list(replaced) == [works[0], works[2]]
    assert all("event e3" in why for why in replaced.values())


def test_the_newest_is_the_last_on_its_topic_in_whatever_order_works_came() -> None:
    older, newer = update(1), update(2)
    assert list(rivalry(newer, older).replaced([older], NOW)) == [older]


def test_one_that_has_expired_replaces_nothing() -> None:
    older, newer = update(1), update(2)
    assert rivalry(older, newer).replaced([older], newer.trigger.expires_at) == {}


def test_the_newer_one_waits_for_an_older_one_that_is_being_called() -> None:
    older, newer = update(1), update(2)
    older.state = State.WATCHED
    rivals = rivalry(older, newer)
    assert isinstance(rivals.of(newer, NOW), NotYet)
    assert isinstance(rivals.of(older, NOW), Superseded)
    rivals.remove(older)
    assert rivals.of(newer, NOW) is None


def test_the_newer_one_waits_for_an_older_one_that_only_the_ledger_knows() -> None:
    fold, older, newer = Fold(), update(1), update(2)
    intent = called(fold, older)
    rivals = rivalry(newer, fold=fold)
    assert isinstance(rivals.of(newer, NOW), NotYet)
    fold.apply(1, NOW, Line(Unknown(intent.id, intent.about, intent.attempt, "lost"), 0))
    assert rivals.of(newer, NOW) is None


def test_what_a_newer_one_was_called_after_is_replaced_though_nothing_is_known_of_that_any_more() -> None:
    fold, older, newer = Fold(), update(1), update(2)
    intent = called(fold, older)
    fold.apply(1, NOW, Line(Unknown(intent.id, intent.about, intent.attempt, "lost"), 0))
    called(fold, newer)
    fold.items.remove(newer.trigger.id)
    fold.apply(3, NOW, Line(Released(intent.id, intent.about, intent.attempt, "it was never sent"), None))
    verdict = rivalry(older, fold=fold).of(older, NOW)
    assert isinstance(verdict, Superseded)
    assert "event e2" in verdict.why


def test_a_repetition_has_no_rivals() -> None:
    older, newer = update(1), update(2)
    again = Work(structs.replace(update(3).trigger, repeats=Repeats(older.trigger.id, 1, doubtful=True)), 0, 3, 0.0)
    rivals = rivalry(older, newer, again)
    assert list(rivals.replaced([again, older], NOW)) == [older]
    assert rivals.of(again, NOW) is None


def test_what_waits_in_the_ledger_waits_until_the_topic_is_read_up_to_its_place() -> None:
    one, plain = update(5), work("plain", offset=5)
    rivals = rivalry(one, position=5)
    assert rivals.is_early(one)
    assert not rivals.is_early(plain)
    assert rivals.no_longer_early() == []
    rivals.progress.begin(5)
    assert rivals.no_longer_early() == [one]
    assert rivals.no_longer_early() == []
    assert not rivals.is_early(one)


def test_nothing_is_kept_of_keys_that_have_nothing_open() -> None:
    fold = Fold()
    rivals = rivalry(fold=fold, position=0)
    for offset in range(50):
        one = update(offset, value=f"m{offset}")
        intent = called(fold, one)
        rivals.add(one)
        rivals.is_early(one)
        fold.apply(fold.count, NOW, Line(Refused(intent.id, intent.about, intent.attempt, 400, "bad", NOW), None))
        fold.settle(intent.id, REFUSED_RANK)
        rivals.remove(one)
    assert not fold.items
    assert not fold.rivals._items
    assert not rivals._works
    assert not rivals._early


def test_the_newest_has_the_place_of_those_that_it_replaces() -> None:
    waiting, others = Waiting(), [work(f"other{number}") for number in range(4)]
    first, second, third = (update(offset) for offset in range(3))
    waiting.add(first)
    for other in others[:2]:
        waiting.add(other)
    waiting.add(second)
    waiting.done(first)
    for other in others[2:]:
        waiting.add(other)
    waiting.add(third)
    waiting.done(second)
    assert waiting.take(9, 0.0, lambda _route: False) == [third, *others]


def test_one_of_another_route_takes_no_place_where_the_first_was_held() -> None:
    waiting, first, second = Waiting(), work("e1", order_by="m1"), work("e2", order_by="m1", route="start")
    waiting.add(first)
    waiting.add(second)
    assert waiting.take(1, 0.0, lambda route: route == "goal") == []
    waiting.done(first)
    assert waiting.take(1, 0.0, lambda route: route == "goal") == [second]


def test_one_of_another_priority_takes_no_place_in_a_lane_that_is_not_its_own() -> None:
    waiting, other = Waiting(), work("other")
    first = update(1)
    second = work("e2", supersede_by="m1", offset=2, priority=Priority.HIGH)
    waiting.add(other)
    waiting.add(first)
    waiting.add(second)
    waiting.done(first)
    assert waiting.take(9, 0.0, lambda _route: False) == [second, other]


def test_one_that_was_being_called_leaves_no_place() -> None:
    waiting, first, other, second = Waiting(), update(1), work("other"), update(2)
    waiting.add(first)
    assert waiting.take(1, 0.0, lambda _route: False) == [first]
    waiting.add(other)
    waiting.add(second)
    waiting.done(first)
    assert waiting.take(9, 0.0, lambda _route: False) == [other, second]


def test_what_was_replaced_does_not_pile_up_in_a_queue_that_is_held() -> None:
    waiting, before = Waiting(), update(0)
    waiting.add(before)
    for offset in range(1, 20_000):
        assert waiting.take(5, 0.0, lambda _route: True) == []
        newer = update(offset)
        waiting.add(newer)
        waiting.done(before)
        before = newer
    assert len(waiting) < 3_000
    waiting.unhold(lambda _route: False)
    assert waiting.take(5, 0.0, lambda _route: False) == [before]
