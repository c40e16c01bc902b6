"""The fixtures of tests/dispatch: real parts over real HTTP, on a loop whose time can be turned; and a real Redis."""

import os
from collections.abc import Iterator

import pytest
from budget.server import RedisServer
from dispatch import conftest as theirs

pytest_asyncio_loop_factories = theirs.pytest_asyncio_loop_factories
clock = theirs.clock
bench = theirs.bench


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis that all tests share: a given one, or one of their own."""
    given = os.environ.get("BRIDGE_TEST_REDIS_URL")
    if given:
        yield given
    else:
        with RedisServer() as server:
            yield server.url


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A redis-server of the test's own, to kill, freeze and flush."""
    with RedisServer() as server:
        yield server
