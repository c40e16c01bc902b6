from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
from service.service import Service, running_service

Services = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture
def services(kafka: str, unique: str, tmp_path: Path) -> Services:
    """`running_service` on the shared Kafka, under a name of the test's own."""
    return partial(running_service, kafka, unique, tmp_path)
