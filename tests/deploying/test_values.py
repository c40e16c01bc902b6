"""What values the chart refuses, and what it makes of the files that others generate into it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from deploying import chart
from deploying.chart import CHART, manifests, of_kind, refused, rendered
from deploying.programs import run

pytestmark = pytest.mark.slow

MINIMAL = CHART / "ci" / "minimal-values.yaml"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"replicaCount": 3}, "additional properties 'replicaCount' not allowed"),
        ({"replicas": 0}, "/replicas"),
        ({"replicas": "3"}, "/replicas"),
        ({"image": {"name": "x"}}, "additional properties 'name' not allowed"),
        ({"image": {"digest": "sha256:12"}}, "/image/digest"),
        ({"image": {"pullPolicy": "always"}}, "/image/pullPolicy"),
        ({"settings": {"kafka": {"sesion_timeout": "3s"}}}, "additional properties 'sesion_timeout' not allowed"),
        ({"settings": {"mode": "dry"}}, "/settings/mode"),
        ({"settings": {"vendor": {"timeout": 10}}}, "/settings/vendor/timeout"),
        ({"settings": {"topics": {"partitions": 0}}}, "/settings/topics/partitions"),
        ({"routes": {"files": {"routes.yaml": {"version": 1}}}}, "got object, want string"),
        ({"routes": {"files": {"routes.yml": "version: 1"}}}, "routes.yml"),
        ({"routes": {"reload": "always"}}, "/routes/reload"),
        ({"lookups": {"folder": "../lookups"}}, "/lookups/folder"),
        ({"secrets": {"acme": "acme-vendor-keys"}}, "/secrets/acme"),
        ({"secrets": {"other": {}}}, "missing property 'secretName'"),
        ({"service": {"type": "LoadBalancer"}}, "additional properties 'type' not allowed"),
        ({"service": {"port": 70000}}, "/service/port"),
        ({"podDisruptionBudget": {"minAvailable": "half"}}, "/podDisruptionBudget/minAvailable"),
        ({"networkPolicy": {"kafka": {"ports": ["9092"]}}}, "/networkPolicy/kafka/ports"),
        ({"serviceMonitor": {"interval": "often"}}, "/serviceMonitor/interval"),
        ({"prometheusRule": {"alerts": {"BridgeDown": {"threshold": 3}}}}, "'threshold' not allowed"),
        ({"helmTest": {"verb": "run"}}, "/helmTest/verb"),
        ({"autoscaling": {"enabled": True}}, "additional properties 'autoscaling' not allowed"),
    ],
)
def test_what_can_not_be_meant_is_refused(values: dict[str, Any], why: str) -> None:
    assert why in refused(MINIMAL, values)


# Such files are generated into the chart; these are of their form.
_ALERTS = """# A comment.
  - alert: BridgeSlow
    group: bridge.working
    severity: warning
    for: 5m
    expr: job:bridge:rate{${selector}} > ${seconds}
    thresholds:
      seconds: 2
    summary: It is slow.
    description: '{{ $labels.instance }} takes {{ $value }}.'
    runbook: BridgeSlow.md
    dashboard: bridge-inside
"""
_RECORDING = """
  - record: job:bridge:rate
    group: bridge.recording
    expr: sum by (job) (rate(bridge_calls_total{${selector}}[5m]))
"""


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart with an alert and a dashboard of the test's own."""
    folder = tmp_path / "bridge"
    shutil.copytree(CHART, folder, ignore=shutil.ignore_patterns("files", "dashboards"))
    (folder / "files").mkdir()
    (folder / "dashboards").mkdir()
    (folder / "files" / "alerts.yaml").write_text(_ALERTS)
    (folder / "files" / "recording.yaml").write_text(_RECORDING)
    (folder / "dashboards" / "bridge-overview.json").write_text('{"title": "{{ x }}"}\n')
    monkeypatch.setattr(chart, "CHART", folder)


def _rules(**values: Any) -> list[dict[str, Any]]:
    found = of_kind(manifests(rendered(MINIMAL, {"prometheusRule": {"enabled": True, **values}})), "PrometheusRule")
    return [rule for group in found["spec"]["groups"] for rule in group["rules"]]


@pytest.mark.usefixtures("filled")
def test_alerts_are_of_this_release_alone() -> None:
    recording, alert = _rules(runbookUrl="https://r/{runbook}", dashboardUrl="https://g/d/{dashboard}")
    assert recording == {
        "record": "job:bridge:rate",
        "expr": 'sum by (job) (rate(bridge_calls_total{namespace="campaigns",job="demo-bridge"}[5m]))',
    }
    assert alert == {
        "alert": "BridgeSlow",
        "expr": 'job:bridge:rate{namespace="campaigns",job="demo-bridge"} > 2',
        "for": "5m",
        "labels": {"severity": "warning"},
        "annotations": {
            "summary": "It is slow.",
            "description": "{{ $labels.instance }} takes {{ $value }}.",
            "runbook_url": "https://r/BridgeSlow.md",
            "dashboard_url": "https://g/d/bridge-inside",
        },
    }


@pytest.mark.usefixtures("filled")
def test_each_alert_can_be_changed() -> None:
    mine = {"BridgeSlow": {"thresholds": {"seconds": 0.5}, "for": "1m", "severity": "critical"}}
    _, alert = _rules(alerts=mine, alertLabels={"team": "x"}, selector='cluster="a"')
    assert alert["expr"] == 'job:bridge:rate{cluster="a"} > 0.5'
    assert alert["for"] == "1m"
    assert alert["labels"] == {"severity": "critical", "team": "x"}
    assert [rule.get("alert") for rule in _rules(alerts={"BridgeSlow": {"enabled": False}})] == [None]


@pytest.mark.usefixtures("filled")
def test_an_alert_that_is_not_there_can_not() -> None:
    wrong = {"prometheusRule": {"enabled": True, "alerts": {"BridgeSlwo": {"enabled": False}}}}
    assert "there is no such alert, but BridgeSlow" in refused(MINIMAL, wrong)
    wrong = {"prometheusRule": {"enabled": True, "alerts": {"BridgeSlow": {"thresholds": {"minutes": 1}}}}}
    assert "there is no such threshold, but seconds" in refused(MINIMAL, wrong)


@pytest.mark.usefixtures("filled")
def test_dashboards_are_what_the_sidecar_looks_for() -> None:
    found = manifests(rendered(MINIMAL, {"dashboards": {"enabled": True, "namespace": "monitoring"}}))
    (dashboard,) = (one for one in found if "dashboard" in one["metadata"]["name"])
    assert dashboard["metadata"]["namespace"] == "monitoring"
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert dashboard["metadata"]["annotations"]["grafana_folder"] == "Campaign bridge"
    assert dashboard["data"] == {"bridge-overview.json": '{"title": "{{ x }}"}\n'}


def test_the_table_of_values_is_the_table_of_the_pod(tmp_path: Path) -> None:
    """What YAML 1.1 would change arrives as it was, by --set-file too."""
    text = 'a: no\nb: 0123\nc: 12:30:45\nd: |\n  x  \n\ne: "{{x}} {{ .Values }}"\n'
    (tmp_path / "routes.yaml").write_text(text)
    arguments = ["--set-file", f"routes.files.routes\\.yaml={tmp_path / 'routes.yaml'}", "--kube-version", "1.35.0"]
    found = manifests(run("helm", "template", "demo", CHART, "--values", MINIMAL, *arguments))
    (table,) = (one["data"] for one in found if one["metadata"]["name"] == "demo-bridge-routes")
    assert table == {"routes.yaml": text}
