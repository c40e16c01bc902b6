"""When to ask next."""

from dispatch.turning import TurnedClock
from reconcile.standing import opened

from bridge.reconcile.agenda import Agenda, Followed, kind_of


async def test_who_waits_for_the_next_one_is_told_when_another_is_due_before_it(clock: TurnedClock) -> None:
    agenda, kind = Agenda(opened(1, clock, ago=0), []), kind_of("acme", rarely=False)
    told = []
    for number, due in enumerate((5.0, 7.0, 3.0, 4.0)):
        one = Followed(f"{number}", kind, since=0.0, due=due)
        agenda.followed[one.trigger] = one
        told.append(agenda.put_off(one))
    assert told == [True, False, True, False]
    assert agenda.next_due(kind) == 3.0
