"""The fixtures of tests/dispatch: real parts over real HTTP, on a loop whose time can be turned."""

from dispatch import conftest as theirs

pytest_asyncio_loop_factories = theirs.pytest_asyncio_loop_factories
clock = theirs.clock
bench = theirs.bench
