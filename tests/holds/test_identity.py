"""What decides ids and partitions must not change unnoticed."""

import pytest

from bridge.errors import StartupRefused
from bridge.holds.identity import Identity


class Control:
    def __init__(self) -> None:
        self.records: dict[str, bytes | None] = {}
        self.writes = 0

    async def write(self, key: str, value: bytes | None) -> None:
        self.records[key] = value
        self.writes += 1

    def identity(self) -> Identity:
        """As a start reads it."""
        identity = Identity(self.write)
        for key, value in self.records.items():
            identity.learn(key, value)
        return identity


@pytest.fixture
async def control() -> Control:
    """After a first start with one route."""
    control = Control()
    await control.identity().confirm({"goal": "g1"}, 12, accept_forgetting=False)
    return control


async def test_a_first_start_writes_down_what_is_in_force(control: Control) -> None:
    assert control.records == {"route/goal": b"g1", "partitions": b"12"}


async def test_a_start_with_the_same_table_writes_nothing(control: Control) -> None:
    await control.identity().confirm({"goal": "g1"}, 12, accept_forgetting=False)
    assert control.writes == 2


async def test_a_new_route_and_a_route_that_is_gone_are_no_change(control: Control) -> None:
    await control.identity().confirm({"start": "s1"}, 12, accept_forgetting=False)
    await control.identity().confirm({"goal": "g1"}, 12, accept_forgetting=False)
    assert control.records["route/start"] == b"s1"


@pytest.mark.parametrize(
    ("routes", "partitions", "named"), [({"goal": "g2"}, 12, "route/goal"), ({"goal": "g1"}, 13, "partitions")]
)
async def test_a_change_refuses_to_start_and_says_what_changed(
    control: Control, routes: dict[str, str], partitions: int, named: str
) -> None:
    before = dict(control.records)
    with pytest.raises(StartupRefused, match=f"^{named}: .*--accept-forgetting"):
        await control.identity().confirm(routes, partitions, accept_forgetting=False)
    assert control.records == before


async def test_a_change_that_is_accepted_is_in_force_from_then_on(control: Control) -> None:
    await control.identity().confirm({"goal": "g2"}, 12, accept_forgetting=True)
    await control.identity().confirm({"goal": "g2"}, 12, accept_forgetting=False)
    with pytest.raises(StartupRefused):
        await control.identity().confirm({"goal": "g1"}, 12, accept_forgetting=False)


async def test_a_route_that_comes_back_changed_after_it_was_gone_is_a_change(control: Control) -> None:
    await control.identity().confirm({}, 12, accept_forgetting=False)
    with pytest.raises(StartupRefused):
        await control.identity().confirm({"goal": "g2"}, 12, accept_forgetting=False)


async def test_a_fingerprint_that_was_deleted_is_forgotten(control: Control) -> None:
    identity = control.identity()
    identity.learn("route/goal", None)
    await identity.confirm({"goal": "g2"}, 12, accept_forgetting=False)
    assert control.records["route/goal"] == b"g2"


async def test_holds_are_somebody_elses(control: Control) -> None:
    identity = control.identity()
    identity.learn("hold/route/goal", b"x")
    await identity.confirm({"goal": "g1"}, 12, accept_forgetting=False)
