from pathlib import Path

import pytest
from routing.tables import table

from bridge.routing.table import Table


@pytest.fixture
def routes(tmp_path: Path) -> Table:
    """The small table of the routing tests: one route, goal, whose triggers expire after 5 minutes."""
    return table(tmp_path)
