"""However Redis comes and goes, and whoever sees it: the limit holds, and afterwards everything is as before."""

import pytest
from budget.sharers import worst_second
from budget.turmoil import WHOLE, Turmoil

LIMIT = 500


@pytest.mark.parametrize("seed", range(40))
def test_no_second_holds_more_than_the_limit_and_redis_is_used_again(seed: int) -> None:
    turmoil = Turmoil(seed, replicas=2 + seed % 4)
    turmoil.run(12, every=1.0)
    turmoil.heal()
    turmoil.run(10, every=None)
    assert worst_second(turmoil.taken()) <= LIMIT
    last = sum(at >= turmoil.now - 2 for at in turmoil.taken())
    assert 0.94 * WHOLE <= last / 2 <= WHOLE + 1
    assert all(replica.pool.pooled or replica.pool.rate == 0 for replica in turmoil.replicas)


@pytest.mark.parametrize(
    "troubles", [("cut", "rebalance", "freeze"), ("flush",), ("fail_over",), ("cut", "set_clock", "freeze")]
)
@pytest.mark.parametrize("seed", range(4))
def test_nor_when_one_kind_of_trouble_follows_the_other(seed: int, troubles: tuple[str, ...]) -> None:
    turmoil = Turmoil(seed, replicas=3 + seed)
    turmoil.troubles = [getattr(turmoil, name) for name in troubles]
    turmoil.run(15, every=0.4)
    assert worst_second(turmoil.taken()) <= LIMIT


@pytest.mark.slow
def test_nor_does_it_from_hundreds_of_seeds() -> None:
    worst = 0
    for seed in range(1_000, 1_300):
        turmoil = Turmoil(seed, replicas=2 + seed % 4)
        turmoil.run(12, every=0.5 + seed % 3)
        worst = max(worst, worst_second(turmoil.taken()))
        assert worst <= LIMIT, seed
