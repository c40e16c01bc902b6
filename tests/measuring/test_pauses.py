from bench.distribution import NEVER
from bench.pauses import Calls

OWNERS = {0: "killed", 1: "killed", 2: "other", 3: "third"}


def calls(**changes: object) -> Calls:
    times = {0: [900, 1_500], 1: [950, 2_500], 2: [*range(0, 4_000, 100)], 3: [1_000, 1_700, 4_000]}
    return Calls(**({"times": times, "owners": OWNERS, "victim": "killed", "killed": 1_000, "until": 4_000} | changes))  # type: ignore[arg-type]


def test_a_takeover_ends_with_the_last_partition_of_the_killed_one() -> None:
    assert calls().taken == 1.5


def test_a_partition_that_nobody_calls_again_is_never_taken() -> None:
    assert calls(times={0: [900, 1_500], 1: [950], 2: [0], 3: [0]}).taken == NEVER


def test_one_that_owned_nothing_makes_no_takeover() -> None:
    assert calls(victim="nobody").taken == NEVER


def test_the_pause_is_the_median_over_those_that_were_not_touched() -> None:
    assert calls().pause == (0.1 + 2.3) / 2


def test_a_replica_that_never_calls_again_pauses_to_the_end() -> None:
    assert calls(times={0: [], 1: [], 2: [900], 3: [900]}).pause == 3.0


def test_one_that_owned_everything_has_nobody_beside_it() -> None:
    assert calls(owners=dict.fromkeys(OWNERS, "killed")).pause == NEVER
