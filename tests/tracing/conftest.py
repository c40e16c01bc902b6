"""A service as tests/service makes it."""

from service import conftest as theirs

all_services, services = theirs.all_services, theirs.services
