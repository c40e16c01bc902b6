"""How a replica slows down for a vendor that does not answer."""

from dataclasses import dataclass

from bridge.dispatch.cooling import Cooling


@dataclass
class Turned:
    at: float = 1000.0

    def now(self) -> int:
        return int(self.at * 1000)

    def boottime(self) -> float:
        return self.at


def outage(clock: Turned, failures: int) -> Cooling:
    cooling = Cooling(["acme"], clock)
    for _ in range(failures):
        cooling.failed("acme")
    return cooling


def test_calls_that_were_under_way_when_an_outage_showed_do_not_make_it_longer() -> None:
    clock = Turned()
    assert outage(clock, 300).opens_at("acme") - clock.at <= 2


def test_each_attempt_that_fails_during_an_outage_makes_the_pause_longer_up_to_ten_seconds() -> None:
    clock = Turned()
    cooling = outage(clock, 3)
    pauses = []
    for _ in range(5):
        clock.at = cooling.opens_at("acme")
        assert cooling.most("acme", 100) == 1
        cooling.tried("acme")
        assert cooling.most("acme", 100) == 0
        cooling.failed("acme")
        pauses.append(cooling.opens_at("acme") - clock.at)
    assert pauses[0] <= 4
    assert 5 <= pauses[-1] <= 10


def test_an_attempt_that_works_ends_the_outage() -> None:
    clock = Turned()
    cooling = outage(clock, 3)
    clock.at = cooling.opens_at("acme")
    cooling.tried("acme")
    cooling.worked("acme")
    assert cooling.most("acme", 100) == 100
    assert cooling.opens_at("acme") <= clock.at
