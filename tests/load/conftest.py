from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
from load.fleet import Fleet, running_fleet

Fleets = Callable[..., AbstractAsyncContextManager[Fleet]]


@pytest.fixture
def fleets(kafka: str, unique: str, tmp_path: Path) -> Fleets:
    """`running_fleet` on the shared Kafka, under a name of the test's own."""
    return partial(running_fleet, kafka, unique, tmp_path)
