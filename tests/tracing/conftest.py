"""A service as tests/service makes it."""

from service import conftest as theirs

services = theirs.services
