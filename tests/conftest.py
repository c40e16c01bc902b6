"""What tests of several parts share: one real Kafka for the whole session, and names that are a test's own."""

import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from missing import not_here

from bridge.demo.kafka import EmbeddedKafka
from bridge.errors import BridgeError

# Machines are shared, and a moment without a turn is nobody's fault.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

_DOCKER_SOCKET = Path("/var/run/docker.sock")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A verb that a test runs in this process sets up its logging, as for a process of its own."""
    root, chatty = logging.getLogger(), [logging.getLogger(name) for name in ("aiokafka", "httpx2", "httpcore2")]
    handlers, levels = root.handlers, [one.level for one in (root, *chatty)]
    yield
    root.handlers = handlers
    for one, level in zip((root, *chatty), levels, strict=True):
        one.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Bootstrap servers of the Kafka that all plain tests share: a given one, or in Docker, or the embedded one."""
    with ExitStack() as until_the_end:
        given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        yield given or _in_docker(until_the_end) or _embedded(until_the_end).bootstrap_servers


@pytest.fixture
def own_kafka() -> Iterator[EmbeddedKafka]:
    """A running Kafka of the test's own, to kill and restart. Takes some 5 seconds."""
    with ExitStack() as until_the_end:
        yield _embedded(until_the_end)


@pytest.fixture
def unique() -> str:
    """A short name that no other test has, for topics and groups; also fits a brand's name."""
    return f"t{uuid.uuid4().hex[:10]}"


def _in_docker(until_the_end: ExitStack) -> str | None:
    """Kafka in a container, if a Docker engine answers."""
    if "DOCKER_HOST" not in os.environ and not _DOCKER_SOCKET.exists():
        return None
    import docker  # noqa: PLC0415 - only where it may be used: it is slow to import
    from docker.errors import DockerException  # noqa: PLC0415

    try:
        client = docker.from_env(timeout=5)
    except DockerException:
        return None
    try:
        client.ping()
    except (DockerException, OSError):
        return None
    finally:
        client.close()
    from testcontainers.community.kafka import KafkaContainer  # noqa: PLC0415

    container = KafkaContainer("confluentinc/cp-kafka:7.9.0").with_kraft()
    for name, value in {"AUTO_CREATE_TOPICS_ENABLE": "false", "MESSAGE_MAX_BYTES": "10485760"}.items():
        container.with_env(f"KAFKA_{name}", value)
    container.with_env("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "1000")
    started = until_the_end.enter_context(container)
    return str(started.get_bootstrap_server())


def _embedded(until_the_end: ExitStack) -> EmbeddedKafka:
    try:
        return until_the_end.enter_context(EmbeddedKafka())
    except BridgeError as error:
        not_here(f"no Kafka can be started: {error}")
