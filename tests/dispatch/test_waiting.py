"""Who is next, whatever happens in between: by properties."""

from collections import defaultdict

from dispatch.works import work
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, invariant, multiple, rule

from bridge.dispatch.waiting import Waiting
from bridge.dispatch.work import Order, State, Work
from bridge.triggers import Priority

ROUTES = ("goal", "start")


class Queue(RuleBasedStateMachine):
    """A queue, and beside it all that was put in, in the order of arrival."""

    taken: Bundle[Work] = Bundle("taken")

    def __init__(self) -> None:
        super().__init__()
        self.waiting = Waiting()
        self.now = 0.0
        self.held: set[str] = set()
        self.arrived: list[Work] = []
        self.not_before: dict[str, float] = {}
        self.called: dict[Order, list[Work]] = defaultdict(list)

    def not_gone(self, order: Order) -> list[Work]:
        return [one for one in self.arrived if one.order == order and one.state is not State.GONE]

    @rule(
        order=st.sampled_from([None, "a", "b"]),
        priority=st.sampled_from(list(Priority)),
        route=st.sampled_from(ROUTES),
        partition=st.integers(0, 1),
    )
    def arrive(self, order: str | None, priority: Priority, route: str, partition: int) -> None:
        one = work(f"e{len(self.arrived)}", order_by=order, priority=priority, route=route, partition=partition)
        self.arrived.append(one)
        self.waiting.add(one)

    @rule(target=taken, most=st.integers(0, 5))
    def take(self, most: int) -> MultipleResults[Work]:
        works = self.waiting.take(most, self.now, self.held.__contains__)
        assert len(works) <= most
        for one in works:
            assert one.state is State.TAKEN
            assert one.trigger.route not in self.held
            assert self.not_before.get(one.trigger.id, 0.0) <= self.now
            if one.order is not None:
                # Never two of one order at once, and always the first of those that have no end yet.
                assert self.not_gone(one.order)[0] is one
        lanes = [one.lane for one in works]
        assert lanes == sorted(lanes)
        return multiple(*works)

    @rule(one=taken, pause=st.floats(0, 10))
    def again(self, one: Work, pause: float) -> None:
        if one.state is State.TAKEN:
            one.made += 1
            self.not_before[one.trigger.id] = self.now + pause
            self.waiting.again(one, self.now + pause)

    @rule(one=taken)
    def end(self, one: Work) -> None:
        if one.state is State.TAKEN:
            self.waiting.done(one)

    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        waiting = [one for one in self.arrived if one.state is State.WAITING]
        if waiting:
            self.waiting.done(data.draw(st.sampled_from(waiting)))

    @rule(seconds=st.floats(0, 6))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule(route=st.sampled_from(ROUTES))
    def hold(self, route: str) -> None:
        self.held.add(route)

    @rule(route=st.sampled_from(ROUTES))
    def release(self, route: str) -> None:
        self.held.discard(route)
        self.waiting.unhold(self.held.__contains__)

    @invariant()
    def at_most_one_of_an_order_is_being_called(self) -> None:
        taken = [one.order for one in self.arrived if one.state is State.TAKEN and one.order is not None]
        assert len(taken) == len(set(taken))

    def teardown(self) -> None:
        """Whatever happened: once nothing is held and time has passed, everything that waits is taken, once."""
        self.held.clear()
        self.waiting.unhold(self.held.__contains__)
        self.now += 1_000
        for one in self.arrived:
            if one.state is State.TAKEN:
                self.waiting.done(one)
        left = {one.trigger.id for one in self.arrived if one.state is State.WAITING}
        seen: list[str] = []
        while works := self.waiting.take(3, self.now, self.held.__contains__):
            for one in works:
                seen.append(one.trigger.id)
                self.waiting.done(one)
        assert sorted(seen) == sorted(left)


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def names(works: list[Work]) -> list[str]:
    return [one.trigger.event_id for one in works]


def test_works_of_a_held_route_keep_their_order_when_it_is_released() -> None:
    waiting = Waiting()
    for number in range(4):
        waiting.add(work(f"held{number}", route="goal"))
    waiting.add(work("other", route="start"))
    assert names(waiting.take(9, 0.0, lambda route: route == "goal")) == ["other"]
    waiting.add(work("later", route="goal"))
    waiting.unhold(lambda _route: False)
    assert names(waiting.take(9, 0.0, lambda _route: False)) == ["held0", "held1", "held2", "held3", "later"]


def test_retries_go_after_fresh_triggers_of_every_priority() -> None:
    waiting = Waiting()
    again = work("again", priority=Priority.HIGH)
    waiting.add(again)
    assert waiting.take(1, 0.0, lambda _route: False) == [again]
    again.made = 1
    waiting.again(again, 0.0)
    for priority in (Priority.LOW, Priority.NORMAL, Priority.HIGH):
        waiting.add(work(priority, priority=priority))
    assert names(waiting.take(9, 0.0, lambda _route: False)) == ["high", "normal", "low", "again"]


def test_a_partition_that_is_forgotten_leaves_no_order_behind() -> None:
    waiting = Waiting()
    first, second = work("e1", order_by="m"), work("e2", order_by="m")
    waiting.add(first)
    waiting.add(second)
    first.state = second.state = State.GONE
    waiting.forget(0)
    anew = work("e1", order_by="m")
    waiting.add(anew)
    assert waiting.take(9, 0.0, lambda _route: False) == [anew]


def test_when_to_look_again_is_when_the_first_has_backed_off() -> None:
    waiting = Waiting()
    one = work("e1")
    waiting.add(one)
    assert waiting.ready(0.0)
    waiting.take(1, 0.0, lambda _route: False)
    waiting.again(one, 5.0)
    assert waiting.next_at() == 5.0
    assert not waiting.ready(4.9)
    assert waiting.take(1, 4.9, lambda _route: False) == []
    assert waiting.take(1, 5.0, lambda _route: False) == [one]


def test_a_partition_that_has_much_to_catch_up_with_keeps_none_of_the_others_waiting() -> None:
    """As one does that was just taken over."""
    waiting = Waiting()
    for number in range(1_000):
        waiting.add(work(f"late {number}"))
    for number in range(3):
        waiting.add(work(f"fresh {number}", partition=1))
    taken = waiting.take(100, 0.0, lambda _route: False)
    assert [one.trigger.event_id for one in taken if one.partition == 1] == ["fresh 0", "fresh 1", "fresh 2"]
    late = [one.trigger.event_id for one in taken if one.partition == 0]
    assert late == [f"late {number}" for number in range(97)]


def test_what_comes_one_after_the_other_goes_into_one_append() -> None:
    waiting = Waiting()
    for number in range(48):
        waiting.add(work(f"e{number}", partition=number % 3))
    for _ in range(3):
        assert len({one.partition for one in waiting.take(16, 0.0, lambda _route: False)}) == 1
