"""Servers that answer as a test tells them to, and clients of both transports: those of tests/vendor."""

from intake import conftest as intakes
from service import conftest as service
from telemetry import test_logs as logs
from vendor import conftest as vendors

transport = vendors.transport
open_client = vendors.open_client
serve = vendors.serve
serve_tls = vendors.serve_tls
bench = intakes.bench
judged = intakes.judged
unit_folder = intakes.unit_folder
log = logs.log
all_services, services = service.all_services, service.services
