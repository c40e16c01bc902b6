"""Stage 3, reconcile: open executions are asked about until they end, and their outcomes written.

What is open stands in the ledger; this stage keeps only when to ask next. An execution's end: result first, then ledger. One
that did not end in time is told as unresolved, and asked about now and then for some time more: if it ends after all, a
second result corrects the first.
"""

import asyncio
from collections.abc import Callable, Sequence

from bridge.budget.budget import Budget, Lane
from bridge.clock import Clock
from bridge.holds.board import Board
from bridge.holds.model import Hold, brand_scope
from bridge.ledger.item import Item
from bridge.ledger.partition import PartitionLedger
from bridge.ledger.records import Accepted, Ended
from bridge.reconcile.agenda import Agenda, Agendas, Followed, Kind, kind_of
from bridge.reconcile.around import Results, Vendor
from bridge.reconcile.ending import Ending
from bridge.reconcile.judging import END_NAMES, REAL_ENDS, Following, HoldBrand, NotYet, execution, judge, overdue
from bridge.reconcile.pace import Pace
from bridge.telemetry import Telemetry
from bridge.waking import woken

# Polls of a brand under way at once; more would only wait for slots. Those of unresolved executions must not take the others' place.
_AT_ONCE = 64
_RARELY_AT_ONCE = 8
# Outcomes at the deadline that are written at once: they need no slot, and share batches.
_ENDS_AT_ONCE = 256
# Unresolved executions that a replica asks about, 450 bytes each; what is above that is settled as it is.
_MOST_UNRESOLVED = 1_000_000
# Triggers of a partition just opened that are looked at before others get a turn.
_LOOKED_AT = 200
_LONGEST_SLEEP = 1.0
# In place of the name of a brand.
_OTHERS = ""
# After a long downtime the deadline of an execution has passed before anybody asked: so long it is followed all the same.
_LEAST_FOLLOWED = 60.0


class Reconcile:
    """A follower (bridge.dispatch.around.Follower) of the partitions that dispatch owns. `run()` polls until cancelled."""

    def __init__(
        self,
        *,
        vendor: Vendor,
        budget: Budget,
        holds: Board,
        results: Results,
        pace: Pace,
        following: Following,
        fresh: Callable[[], bool],
        replica: str,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`fresh()`: whether the group has answered within the session timeout; else another replica may poll."""
        self._vendor = vendor
        self._budget = budget
        self._holds = holds
        self._ending = Ending(results)
        self._pace = pace
        self._following = following
        self._fresh = fresh
        self._replica = replica
        self._clock = clock
        self._telemetry = telemetry
        self._agendas = Agendas()
        self._opened = asyncio.Event()
        # Of brands that are not in the settings (any more), too: nobody asks about them, but their deadline comes.
        brands = (*budget.brands, _OTHERS)
        self._wake = {kind_of(brand, rarely=one): asyncio.Event() for brand in brands for one in (False, True)}
        self._ends = asyncio.Semaphore(_ENDS_AT_ONCE)
        soon = [kind for kind in self._wake if not kind.rarely]
        telemetry.poll_lag(lambda: self._agendas.next_due(*soon))

    @property
    def followed(self) -> int:
        """Triggers whose executions are followed."""
        return self._agendas.followed

    def opened(self, ledger: PartitionLedger) -> None:
        """Follow what is open in this partition."""
        self._agendas[ledger.partition] = Agenda(ledger, list(ledger.fold.items))
        self._opened.set()

    def changed(self, partition: int, triggers: set[str]) -> None:
        """Follow the executions of these triggers that are not followed yet."""
        agenda = self._agendas.get(partition)
        if agenda is not None:
            self._look_at(agenda, triggers)

    def closed(self, partition: int) -> None:
        """Another replica follows the executions of this partition."""
        agenda = self._agendas.pop(partition, None)
        if agenda is not None:
            agenda.clear()

    async def run(self) -> None:
        """Ask about each execution when its time has come."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_at_opened(), name="look at what is open")
            for kind in self._wake:
                group.create_task(
                    self._ask_all(group, kind), name=f"ask {kind.brand}{' rarely' if kind.rarely else ''}"
                )

    async def _look_at_opened(self) -> None:
        """A ledger may hold a million open executions: others get a turn meanwhile."""
        while True:
            await self._opened.wait()
            self._opened.clear()
            for agenda in list(self._agendas.values()):
                while agenda.unread and self._ours(agenda):
                    some = agenda.unread[-_LOOKED_AT:]
                    del agenda.unread[-_LOOKED_AT:]
                    self._look_at(agenda, some)
                    await asyncio.sleep(0)

    def _look_at(self, agenda: Agenda, triggers: Sequence[str] | set[str]) -> None:
        since = self._clock.boottime()
        for trigger in triggers:
            if (item := agenda.ledger.fold.items.get(trigger)) is None:
                continue
            known = agenda.followed.get(trigger)
            news = (known is None or known.rarely) and bool(item.open_executions())
            if news or (known is None and item.unresolved()):
                brand = item.about.brand if self._budget.knows(item.about.brand) else _OTHERS
                one = Followed(trigger, kind_of(brand, rarely=not news), since)
                agenda.followed[trigger] = one
                self._go_on(agenda, one, item)

    def _ours(self, agenda: Agenda) -> bool:
        return self._agendas.get(agenda.ledger.partition) is agenda

    def _go_on(self, agenda: Agenda, one: Followed, item: Item | None, *, again: bool = False) -> None:
        """Wait for the next question; or none, when all have ended. `again`: its time has come before."""
        now = self._clock.now()
        if not self._ours(agenda) or not agenda.follows(one):
            return
        if item is not None and (accepted := item.open_executions()):
            age, asked = (now - accepted[0].at) / 1000, max(one.asked, 1) if again else 0
            wait = self._pace.wait(item.about.event_generator_id, age, asked)
        elif item is not None and (old := self._unresolved_for(item, now)) is not None:
            one.kind = kind_of(one.kind.brand, rarely=True)
            wait = self._pace.rare_wait(old)
        else:
            agenda.drop(one)
            if item is not None and item.unresolved():
                agenda.ledger.fold.give_up(one.trigger)
            return
        one.due = self._clock.boottime() + wait
        if agenda.put_off(one):
            self._wake[one.kind].set()

    def _unresolved_for(self, item: Item, now: int) -> float | None:
        """How long ago the vendor accepted what is unresolved, in seconds; None when it is not asked about any more."""
        ages = [now - end.accepted for end in item.unresolved()]
        enough = self._agendas.unresolved >= _MOST_UNRESOLVED
        return None if not ages or enough or min(ages) >= self._following.corrections else min(ages) / 1000

    async def _ask_all(self, group: asyncio.TaskGroup, kind: Kind) -> None:
        wake, polls = self._wake[kind], asyncio.Semaphore(_RARELY_AT_ONCE if kind.rarely else _AT_ONCE)
        while True:
            wake.clear()
            while (agenda := self._agendas.first(kind, self._clock.boottime())) is not None:
                one = agenda.take(kind)
                late = self._late(agenda, one)
                gate = self._ends if late else polls
                await gate.acquire()
                group.create_task(self._turn(agenda, one, late, gate), name="poll")
            self._telemetry.open_executions(self.followed)
            await self._sleep(wake, kind)

    async def _sleep(self, wake: asyncio.Event, kind: Kind) -> None:
        due = self._agendas.next_due(kind)
        seconds = _LONGEST_SLEEP if due is None else min(_LONGEST_SLEEP, due - self._clock.boottime())
        await woken(wake, max(0.0, seconds))

    async def _turn(self, agenda: Agenda, one: Followed, late: Sequence[Ended], gate: asyncio.Semaphore) -> None:
        try:
            for ended in late:
                await self._ending.tell(agenda.ledger, ended)
            item = agenda.ledger.fold.items.get(one.trigger)
            ends = () if late or item is None else item.open_executions() or item.unresolved()
            for end in ends:
                if agenda.follows(one) and self._ours(agenda):
                    await self._ask(agenda, one, end)
        finally:
            gate.release()
        self._go_on(agenda, one, agenda.ledger.fold.items.get(one.trigger), again=True)

    def _late(self, agenda: Agenda, one: Followed) -> Sequence[Ended]:
        """The ends of its executions at their deadline: before they wait for a slot, which may take long when calls use
        them all. None while one is to be asked about.
        """
        item, since = agenda.ledger.fold.items.get(one.trigger), self._clock.boottime() - one.since
        if item is None or since < (_LEAST_FOLLOWED if one.asked else self._following.deadline / 1000):
            return ()
        ends = [overdue(accepted, self._clock.now(), self._following) for accepted in item.open_executions()]
        late = [end for end in ends if end is not None]
        return late if len(late) == len(ends) else ()

    async def _ask(self, agenda: Agenda, one: Followed, end: Accepted | Ended) -> None:
        accepted, brand = execution(end), end.about.brand
        if not self._budget.knows(brand) or not self._may_ask(brand):
            late = self._overdue(one, end)
            if late is not None:
                await self._ending.tell(agenda.ledger, late)
            return
        await self._budget.slot(brand, Lane.POLL)
        if not self._may_ask(brand):
            return  # what came while it waited for the slot: many do, while calls use them all
        answer = await self._vendor.status(brand, accepted.execution_id)
        self._telemetry.poll_ended(brand, END_NAMES[type(answer)])
        if not self._ours(agenda) or not agenda.follows(one):
            return
        now = self._clock.now()
        match judge(accepted, answer, now, self._following):
            case Ended() as ended if isinstance(end, Accepted) or ended.outcome in REAL_ENDS:
                self._learn(one, end, ended, now)
                await self._ending.tell(agenda.ledger, ended)
                return
            case Ended():
                # The vendor does not know it (any more): unresolved is how it remains.
                agenda.ledger.fold.give_up(one.trigger)
            case HoldBrand(reason, detail, until):
                await self._holds.hold(Hold(brand_scope(brand), reason, detail, self._replica, now, until))
            case NotYet():
                one.seen = now
        one.asked += 1
        late = self._overdue(one, end)
        if late is not None:
            await self._ending.tell(agenda.ledger, late)

    def _may_ask(self, brand: str) -> bool:
        return self._holds.on_polls(brand) is None and self._fresh()

    def _overdue(self, one: Followed, end: Accepted | Ended) -> Ended | None:
        if isinstance(end, Ended) or self._clock.boottime() - one.since < _LEAST_FOLLOWED:
            return None
        return overdue(end, self._clock.now(), self._following)

    def _learn(self, one: Followed, end: Accepted | Ended, ended: Ended, now: int) -> None:
        """How long it took; of what took beyond the deadline nothing is to be learned."""
        if isinstance(end, Accepted) and ended.outcome in REAL_ENDS:
            after, by, at = (max(0, moment - end.at) / 1000 for moment in (one.seen, now, ended.at))
            self._pace.learn(end.about.event_generator_id, after, by, None if ended.at == now else at)
