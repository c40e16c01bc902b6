"""A service as tests/service makes it, and the Redis of tests/budget."""

from budget import conftest as budgets
from service import conftest as theirs

all_services, services, redis_url = theirs.all_services, theirs.services, budgets.redis_url
