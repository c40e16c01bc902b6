"""The clock of tests/dispatch: time can be turned."""

from dispatch import conftest as theirs

pytest_asyncio_loop_factories = theirs.pytest_asyncio_loop_factories
clock = theirs.clock
