"""A brand in trouble does not slow another."""

import pytest
from load.brands import BRANDS, TROUBLES, SideBySide, played, routes, side_by_side
from load.conftest import Fleets
from load.void import valid


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_while_one_brand_is_down_the_other_is_called_as_soon_as_before(fleets: Fleets, trouble: str) -> None:
    async def run(number: int) -> SideBySide:
        async with fleets(played(), brands=BRANDS, routes=routes, part=number) as fleet:
            return await side_by_side(fleet, 3, trouble, 8)

    seen = await valid(run)
    assert seen.troubled > 0
    assert seen.ratio <= 1.25, seen
