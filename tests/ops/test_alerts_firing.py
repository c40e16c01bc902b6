"""Prometheus' own judgement of every alert, at the moment before it fires and when it does."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
from missing import not_here
from ops.case import Case, braced
from ops.cases import CASES

from tools.ops.rules.writing import ALERTS, plain

_STEP = 30
_LONGEST = 3_000
_SEVERITIES = {alert.name: alert.severity for alert in ALERTS}


def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        not_here("no promtool on the PATH: apt-get install --no-install-recommends prometheus")
    return found


def test_every_alert_has_a_case_in_which_it_fires() -> None:
    assert {case.alert for case in CASES if case.at is not None} == {alert.name for alert in ALERTS}


def _query(case: Case, at: int, *, firing: bool) -> dict[str, Any]:
    shown = {"alertname": case.alert, "alertstate": "firing", "severity": _SEVERITIES[case.alert]}
    return {
        "expr": f'ALERTS{{alertname="{case.alert}", alertstate="firing"}}',
        "eval_time": f"{at}s",
        "exp_samples": [{"labels": "ALERTS" + braced(shown | dict(case.labels)), "value": 1}] if firing else [],
    }


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert} {case.what}")
def test_an_alert_fires_when_it_should_and_not_before(case: Case, tmp_path: Path) -> None:
    if case.at is None:
        queries = [_query(case, at, firing=False) for at in range(0, _LONGEST, 150)]
    else:
        queries = [_query(case, case.at - _STEP, firing=False), _query(case, case.at, firing=True)]
    rules = plain()
    (tmp_path / "rules.yaml").write_bytes(orjson.dumps(rules))  # YAML is JSON
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": f"{_STEP}s",
        "group_eval_order": [group["name"] for group in rules["groups"]],
        "tests": [
            {
                "interval": f"{_STEP}s",
                "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
                "promql_expr_test": queries,
            }
        ],
    }
    (tmp_path / "test.yaml").write_bytes(orjson.dumps(test))
    told = subprocess.run(
        [promtool(), "test", "rules", "test.yaml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.slow
def test_promtool_finds_nothing_wrong_with_the_rules_file() -> None:
    told = subprocess.run(
        [promtool(), "check", "rules", "--lint-fatal", "deploy/rules/bridge.rules.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
