from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from canary import no_leaks
from service.service import Service, running_service
from service.topics import topics_without_secrets

Services = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture(scope="session")
def all_services(kafka: str) -> Iterator[set[str]]:
    """The names of the services that ran on the shared Kafka. When all are done, none of their own topics must hold a secret."""
    names: set[str] = set()
    yield names
    no_leaks(topics_without_secrets(kafka, names))


@pytest.fixture
def services(kafka: str, unique: str, tmp_path: Path, all_services: set[str]) -> Services:
    """`running_service` on the shared Kafka, under a name of the test's own."""

    @asynccontextmanager
    async def run(*arguments: Any, **options: Any) -> AsyncIterator[Service]:
        async with running_service(kafka, unique, tmp_path, *arguments, **options) as service:
            all_services.add(service.name)
            yield service

    return run
