"""Who gets the next slot: brands side by side, lanes, the floor for polls, shares."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dispatch.turning import TurnedClock
from prometheus_client import CollectorRegistry
from waiting import eventually

from bridge.budget.budget import Budget, Lane
from bridge.telemetry import Telemetry

HEADROOM = 0.95


class Requests:
    """Requests that wait for slots, and those that got one, in the order in which they did."""

    def __init__(self, limits: dict[str, float], clock: TurnedClock, group: asyncio.TaskGroup) -> None:
        self.clock = clock
        self.budget = Budget(limits, HEADROOM, clock, Telemetry(CollectorRegistry(), clock))
        self.got: list[tuple[str, Lane]] = []
        self.partitions: list[int | None] = []
        self.at: list[float] = []
        self._group = group
        self._tasks = [group.create_task(self.budget.run())]

    def ask(self, lane: Lane, count: int = 1, brand: str = "acme", partition: int | None = None) -> None:
        self._tasks += [self._group.create_task(self._one(brand, lane, partition)) for _ in range(count)]

    async def _one(self, brand: str, lane: Lane, partition: int | None) -> None:
        await self.budget.slot(brand, lane, partition)
        self.got.append((brand, lane))
        self.partitions.append(partition)
        self.at.append(self.clock.boottime())

    async def until(self, count: int) -> list[Lane]:
        """The lanes of the first `count` slots; time runs ahead in small steps."""

        def enough() -> bool:
            self.clock.turn(0.002)
            return len(self.got) >= count

        await eventually(enough, every=0.0)
        return [lane for _brand, lane in self.got[:count]]

    async def until_room(self) -> int:
        """For how many more there is room, as soon as there is."""
        room = self._group.create_task(self.budget.room("acme"))

        def found() -> bool:
            self.clock.turn(0.001)
            return room.done()

        await eventually(found, every=0.0)
        return room.result()

    async def settled(self, seconds: float) -> None:
        end = self.clock.boottime() + seconds

        def over() -> bool:
            self.clock.turn(0.002)
            return self.clock.boottime() >= end

        await eventually(over, every=0.0)

    def end(self) -> None:
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def counter(clock: TurnedClock, **limits: float) -> AsyncIterator[Requests]:
    async with asyncio.TaskGroup() as group:
        made = Requests(limits, clock, group)
        made.budget.share(1, 1)
        yield made
        made.end()


async def test_the_most_urgent_gets_the_next_slot_whoever_came_first(clock: TurnedClock) -> None:
    async with counter(clock, acme=100) as requests:
        requests.budget.share(0, 1)
        for lane in (Lane.POLL, Lane.RETRY, Lane.LOW, Lane.NORMAL, Lane.HIGH):
            requests.ask(lane, 3)
        await requests.settled(0.1)
        requests.budget.share(1, 1)
        got = await requests.until(15)
    assert got == [lane for lane in Lane for _ in range(3)]


async def test_what_is_urgent_overtakes_those_that_wait_already(clock: TurnedClock) -> None:
    async with counter(clock, acme=100) as requests:
        requests.ask(Lane.NORMAL, 40)
        await requests.until(10)
        requests.ask(Lane.HIGH)
        got = await requests.until(14)
    assert Lane.HIGH in got


async def test_polls_take_what_is_free(clock: TurnedClock) -> None:
    async with counter(clock, acme=100) as requests:
        requests.ask(Lane.POLL, 30)
        assert await requests.until(30) == [Lane.POLL] * 30


async def test_polls_get_a_fiftieth_when_nothing_is_free(clock: TurnedClock) -> None:
    async with counter(clock, acme=400) as requests:
        requests.ask(Lane.POLL, 50)
        requests.ask(Lane.HIGH, 400)
        # The first slot may go before the others have asked.
        got = Counter((await requests.until(300))[1:])
    assert 5 <= got[Lane.POLL] <= 7


async def test_two_brands_have_a_budget_each(clock: TurnedClock) -> None:
    async with counter(clock, acme=400, other=40) as requests:
        began = clock.boottime()
        requests.ask(Lane.NORMAL, 1_000)
        requests.ask(Lane.NORMAL, 100, brand="other")
        await requests.settled(1.0)
        got = Counter(brand for brand, _lane in requests.got)
        seconds = clock.boottime() - began
    # How many less than that is a matter of how busy the machine is.
    assert 40 * HEADROOM * seconds + 3 < got["acme"] <= 400 * HEADROOM * seconds + 3
    assert 10 <= got["other"] <= 40 * HEADROOM * seconds + 3


async def test_a_replica_takes_the_share_of_its_partitions(clock: TurnedClock) -> None:
    async with counter(clock, acme=400) as requests:
        requests.budget.share(3, 12)
        began = clock.boottime()
        requests.ask(Lane.NORMAL, 300)
        await requests.settled(1.0)
        seconds = clock.boottime() - began
    assert 10 <= len(requests.got) <= 100 * HEADROOM * seconds + 3


async def test_without_a_partition_nothing_leaves_and_with_one_it_goes_on(clock: TurnedClock) -> None:
    async with counter(clock, acme=100) as requests:
        requests.budget.share(0, 12)
        requests.ask(Lane.HIGH, 5)
        await requests.settled(1.0)
        assert requests.got == []
        requests.budget.share(12, 12)
        await requests.until(5)


async def test_whoever_gave_up_waiting_takes_no_slot(clock: TurnedClock) -> None:
    async with counter(clock, acme=100) as requests:
        requests.budget.share(0, 1)
        requests.ask(Lane.HIGH, 50)
        await requests.settled(0.01)
        for task in requests._tasks[1:]:
            task.cancel()
        requests.ask(Lane.LOW)
        requests.budget.share(1, 1)
        assert await requests.until(1) == [Lane.LOW]


async def test_no_more_is_prepared_than_has_its_slots_near(clock: TurnedClock) -> None:
    async with counter(clock, acme=400) as requests:
        requests.budget.share(1, 2)
        room = await requests.budget.room("acme")
        requests.budget.prepare("acme", room)
        async with asyncio.TaskGroup() as group:
            more = group.create_task(requests.budget.room("acme"))
            await requests.settled(0.5)
            assert not more.done()
            requests.budget.prepared("acme", room, 0.001)
            assert await more == room
    # Those of the next 30 ms, at half of 400 a second.
    assert 1 <= room <= 7


async def test_what_waits_for_slots_is_prepared_several_at_a_time(clock: TurnedClock) -> None:
    async with counter(clock, acme=400) as requests:
        rooms: list[int] = []
        while sum(rooms) < 100:
            rooms.append(await requests.until_room())
            requests.ask(Lane.NORMAL, rooms[-1])
            await asyncio.sleep(0)
    assert min(rooms) >= 3, rooms  # a third of those of the next 30 ms


async def test_who_comes_when_a_slot_is_due_has_it_at_once_unless_others_wait(clock: TurnedClock) -> None:
    budget = Budget({"acme": 100}, HEADROOM, clock, Telemetry(CollectorRegistry(), clock))  # nobody gives slots out
    budget.share(1, 1)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        await budget.slot("acme", Lane.LOW)
        early = group.create_task(budget.slot("acme", Lane.LOW))
        await asyncio.sleep(0)
        assert not early.done(), "the next slot is not due"
        clock.turn(1.0)
        late = group.create_task(budget.slot("acme", Lane.POLL))
        await asyncio.sleep(0)
        assert not late.done(), "one waits already, and is more urgent"
        early.cancel()
        late.cancel()


async def test_more_is_prepared_where_preparing_takes_long_but_not_without_end(clock: TurnedClock) -> None:
    async with counter(clock, acme=400) as requests:
        requests.budget.share(1, 2)
        rooms: list[int] = []
        for seconds in (0.001, 0.08, 30.0):
            for _ in range(100):
                requests.budget.prepare("acme", 1)
                requests.budget.prepared("acme", 1, seconds)
            rooms.append(await requests.budget.room("acme"))
    assert rooms == [6, 23, 48]  # of 190 a second: in 30 ms, 120 ms, and 250 ms


async def test_a_request_leaves_when_it_gets_its_slot_and_no_second_holds_too_many(clock: TurnedClock) -> None:
    async with counter(clock, acme=200) as requests:
        for number in range(6):
            requests.ask(Lane.NORMAL, 70)
            await requests.settled(0.3)
            requests.budget.share(1, 1 + number % 2)
    worst = max(sum(begin <= at < begin + 1 for at in requests.at) for begin in requests.at)
    assert worst <= 200


async def test_only_calls_of_partitions_that_are_given_up_go_on_without_a_slot(clock: TurnedClock) -> None:
    async with counter(clock, acme=100) as requests:
        requests.budget.share(0, 1)
        requests.ask(Lane.NORMAL, 2, partition=1)
        requests.ask(Lane.RETRY, partition=2)
        requests.ask(Lane.POLL)
        await asyncio.sleep(0)
        requests.budget.dismiss_calls([1])
        await eventually(lambda: requests.partitions == [1, 1])
        requests.budget.share(1, 1)
        await requests.until(4)
        assert requests.partitions == [1, 1, 2, None]
