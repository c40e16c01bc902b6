"""The operator's verbs, as processes, on a real control topic."""

import os
import subprocess
import sys

import pytest

from bridge.kafka.connection import Connection
from bridge.kafka.provisioning import provide_topics
from bridge.kafka.topics import TopicNames, TopicPlan


@pytest.fixture
async def name(kafka: str, unique: str) -> str:
    plan = TopicPlan(names=TopicNames(unique), partitions=1, replication=1)
    await provide_topics(Connection(bootstrap_servers=kafka), plan)
    return unique


def _bridge(kafka: str, name: str, *words: str) -> tuple[int, str, str]:
    environ = os.environ | {"BRIDGE__NAME": name, "BRIDGE_KAFKA__BOOTSTRAP_SERVERS": kafka, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "bridge", *words], env=environ, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


async def test_a_hold_is_listed_until_it_is_released(kafka: str, name: str) -> None:
    assert _bridge(kafka, name, "holds")[1] == "Nothing is held.\n"
    code, said, _ = _bridge(kafka, name, "hold", "route/goal", "--reason", "wrong picture", "--for", "10m")
    assert (code, said) == (0, "route/goal is held for 10m.\n")
    code, listed, _ = _bridge(kafka, name, "holds")
    assert code == 0
    assert "route/goal" in listed
    assert "wrong picture" in listed
    assert _bridge(kafka, name, "release", "route/goal")[:2] == (0, "route/goal is released.\n")
    assert _bridge(kafka, name, "holds")[1] == "Nothing is held.\n"


async def test_releasing_what_is_not_held_says_so_and_ends_with_1(kafka: str, name: str) -> None:
    code, _, complaint = _bridge(kafka, name, "release", "brand/acme")
    assert code == 1
    assert complaint == "error: brand/acme is not held; `bridge holds` lists what is\n"


@pytest.mark.parametrize("scope", ["goal", "brand", "route/", "brands/acme", ""])
def test_a_scope_that_is_none_is_a_usage_error(scope: str) -> None:
    code, _, complaint = _bridge("localhost:1", "nowhere", "hold", scope, "--reason", "x")
    assert code == 2
    assert "write all, brand/NAME or route/NAME" in " ".join(complaint.split())
