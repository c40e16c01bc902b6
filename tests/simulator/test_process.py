"""`bridge simulate` as a process, and its file."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.configfile import ConfigError
from bridge.simulator import SimulatorConfig, load_simulator_config

FULL = """\
brands:
  acme: {api_key: "${ACME_KEY:-demo-api-key}", brand_key: demo-brand-key}
generators:
  - id: 11111111-2222-3333-4444-555555555555
    brand: acme
    name: Goal Scored Notifications
    context: {team_name: string, assist: {type: string, required: false}}
  - {id: scheduled, brand: acme, type: Scheduled}
unlisted_generators: refuse
limit: 100
retry_after: date
latency: 50ms
jitter: 0ms
time_to_end: [1s, 2m]
audience: [10, 20]
failing_topic_keys: [broken]
zero_audience_topic_keys: [nobody]
identity: [event_id]
seed: 7
"""


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "bridge", "simulate", *options]


@contextmanager
def simulate(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`bridge simulate`, and the line that it prints when it is ready."""
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


def ended(*options: str) -> subprocess.CompletedProcess[str]:
    """`bridge simulate`, which is to end by itself."""
    return subprocess.run(command(*options), capture_output=True, text=True, timeout=30, check=False)


def test_it_says_when_it_is_ready_and_ends_with_0_on_sigterm() -> None:
    with simulate("--port", "0") as (process, line):
        report = line.partition("report: ")[2].rstrip(")\n")
        with urllib.request.urlopen(report, timeout=10) as answer:  # noqa: S310 - its own address
            assert json.load(answer)["executions"]["made"] == 0
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_it_ends_with_0_on_sigterm_while_a_client_hangs() -> None:
    with simulate("--port", "0") as (process, line):
        port = int(line.split("/")[2].split(":")[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"POST /smart-campaigns/v1/event-generators/g/run HTTP/1.1\r\nContent-Length: 9\r\n")
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0


def test_a_port_that_is_taken_ends_it_with_1_and_a_hint() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = ended("--port", port)
    assert result.returncode == 1
    assert f"127.0.0.1:{port}" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_file_ends_it_with_2_and_every_mistake_placed(tmp_path: Path) -> None:
    file = tmp_path / "simulator.yaml"
    file.write_text("limit: none\nlatensy: 5ms\nlatency: 5\n")
    result = ended("--config", str(file))
    assert result.returncode == 2
    lines = result.stderr.splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "2", "3"]
    assert "did you mean 'latency'" in lines[1]
    assert "unit" in lines[2]


def test_every_setting_can_be_given_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "simulator.yaml"
    file.write_text(FULL)
    config = load_simulator_config(file, {"ACME_KEY": "from-outside"})
    assert config.brands["acme"].api_key == "from-outside"
    assert (config.latency, config.time_to_end, config.limit) == (50, (1_000, 120_000), 100)
    assert config.generators[0].context["assist"].required is False
    assert config.model_fields_set == set(SimulatorConfig.model_fields) - {"prefix"}


def test_a_json_file_is_as_good(tmp_path: Path) -> None:
    file = tmp_path / "simulator.json"
    file.write_text(json.dumps({"limit": 5, "latency": "1s"}))
    assert load_simulator_config(file, os.environ).limit == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("generators: [{id: g, brand: nobody}]", "no brand is named nobody"),
        ("generators: [{id: g, brand: acme}, {id: g, brand: acme}]", "given more than once"),
        ("time_to_end: [2s, 1s]", "smaller value first"),
        ("brands: {}", "brands"),
        ("prefix: no-slash", "prefix"),
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "simulator.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said):
        load_simulator_config(file, {})


def test_the_file_that_the_docs_show_is_what_holds_without_a_file(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
    file = tmp_path / "simulator.yaml"
    file.write_text(page.split("## The file")[1].split("```yaml\n")[1].split("```")[0])
    shown = load_simulator_config(file, {})
    assert shown.model_fields_set == set(SimulatorConfig.model_fields)
    assert shown.accepts_unlisted
    assert shown.model_copy(update={"unlisted_generators": None}) == SimulatorConfig()
