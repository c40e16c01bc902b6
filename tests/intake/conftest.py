from collections.abc import Callable
from pathlib import Path

import pytest
from intake.workbench import Workbench
from kafka.members import Read

from bridge.clock import SystemClock
from bridge.intake.judging import Judge, Judgement
from bridge.kafka import OwnTopics, TopicNames
from bridge.triggers import Trigger


@pytest.fixture
def bench(kafka: str, unique: str, tmp_path: Path) -> Workbench:
    return Workbench(kafka, unique, tmp_path)


Judged = Callable[[bytes], tuple[Judgement, list[Trigger]]]


@pytest.fixture(scope="session")
def unit_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unit")


@pytest.fixture
def bench_alone(tmp_path: Path) -> Workbench:
    """A table and names, without Kafka."""
    bench = Workbench("", "unit", tmp_path)
    bench.load()
    return bench


def judge_of(bench: Workbench) -> Judge:
    own = OwnTopics(4, 1_048_576, 1_048_576, 1_048_576, 1_048_576, frozenset(), ())
    return Judge(bench.table, TopicNames(bench.service), own, shadow=False)


@pytest.fixture(scope="session")
def judged(unit_folder: Path) -> Judged:
    """What intake makes of one value, without Kafka."""
    bench = Workbench("", "unit", unit_folder)
    bench.load()
    judge = judge_of(bench)

    def judged(value: bytes) -> tuple[Judgement, list[Trigger]]:
        judgement = judge.judge([Read(value, topic=bench.topic)], SystemClock().now())
        triggers = [write for write in judgement.writes if write.topic == "unit.triggers"]
        return judgement, [Trigger.decode(write.value or b"") for write in triggers]

    return judged
