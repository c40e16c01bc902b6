"""`bridge audit` and `bridge outcomes` where there is nothing to look at."""

import os
import subprocess
import sys

import pytest


def _bridge(kafka: str, name: str, *words: str) -> tuple[int, str, str]:
    environ = os.environ | {"BRIDGE__NAME": name, "BRIDGE_KAFKA__BOOTSTRAP_SERVERS": kafka, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "bridge", *words], env=environ, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("words", [("audit",), ("outcomes",), ("outcomes", "e1")])
def test_a_service_that_was_never_started_is_named_in_one_line(kafka: str, unique: str, words: tuple[str, ...]) -> None:
    code, said, complaint = _bridge(kafka, unique, *words)
    assert (code, said) == (1, "")
    assert complaint.startswith("error: no topic ")
    assert f"{unique}.results at {kafka}: is this the service's Kafka and its name" in complaint
    assert complaint.count("\n") == 1


@pytest.mark.slow
def test_a_kafka_that_is_away_is_named_in_one_line() -> None:
    code, said, complaint = _bridge("localhost:1", "nowhere", "audit")
    assert (code, said, complaint) == (1, "", "error: Kafka at localhost:1 does not answer within 15 s\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("audit", "--from", "yesterday"), "'yesterday' is not an RFC 3339 time with a zone"),
        (("audit", "--from", "1h", "--to", "2h"), "must be before --to"),
        (("audit", "--grace", "soon"), "'soon' is not a duration"),
        (("outcomes", "--outcome", "good"), "good is no outcome: published, failed"),
        (("outcomes", "e1", "--format", "csv"), "a timeline is a table or json"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(words: tuple[str, ...], told: str) -> None:
    code, _, complaint = _bridge("localhost:1", "nowhere", *words)
    assert code == 2
    assert told in " ".join(complaint.split())
