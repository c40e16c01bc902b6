from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from missing import not_here
from secured.broker import SecuredKafka, secured_kafka

from bridge.errors import BridgeError


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """One for all of these tests: it takes some 6 seconds to start."""
    folder: Path = tmp_path_factory.mktemp("secured")
    with ExitStack() as until_the_end:
        try:
            kafka = until_the_end.enter_context(secured_kafka(folder))
        except BridgeError as error:
            not_here(f"no Kafka can be started: {error}")
        yield kafka
