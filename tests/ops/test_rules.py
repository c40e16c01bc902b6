"""What every alert keeps to, in both forms: the file for a Prometheus, and the data that the chart makes one of."""

import re
from typing import Any

import promql_parser
import pytest
from ops.generated import ROOT, chart_data, dashboards, metrics_in, rules, samples
from ops.test_dashboards import FOREIGN

from tools.ops.rules.model import filled, selected
from tools.ops.rules.writing import SELECTOR, plain, sooner

RULES = rules()
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
RUNBOOKS = ROOT / "docs/runbooks"
_SECTIONS = ["Meaning", "Impact", "How to see it", "What to do"]
by_name = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])


@by_name
def test_an_alert_says_how_bad_it_is_and_where_to_read_on(alert: dict[str, Any]) -> None:
    assert re.fullmatch(r"Bridge([A-Z][a-z]+)+", alert["alert"])
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    told = alert["annotations"]
    assert told["summary"].endswith(".")
    assert "{{" not in told["summary"], "a summary is the same for every firing, so that they can be grouped"
    assert "{{ $" in told["description"]
    assert told["runbook_url"] == f"docs/runbooks/{alert['alert']}.md"
    assert told["dashboard_url"].removeprefix("/d/") + ".json" in dashboards()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_for_metrics_that_exist_of_this_service(rule: dict[str, Any]) -> None:
    promql_parser.parse(rule["expr"])
    assert metrics_in(rule["expr"])
    assert metrics_in(rule["expr"]) <= samples().keys() | FOREIGN | RECORDED
    for selector in re.findall(r"\w\{([^}]*)\}", rule["expr"]):
        assert selector.startswith(SELECTOR)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_counters_count_only_as_rates(rule: dict[str, Any]) -> None:
    bare = re.findall(r"(\w+_(?:total|bucket|count|sum))\{[^}]*\}(?!\[)", rule["expr"])
    assert not bare, "a counter begins anew with its process"


def test_recorded_series_are_named_by_level_metric_and_operation() -> None:
    for name in RECORDED:
        assert re.fullmatch(r"(brand|route|topic|job):bridge_\w+:\w+", name), name


def test_every_alert_has_its_runbook_and_every_runbook_its_alert() -> None:
    written = {path.stem for path in RUNBOOKS.glob("Bridge*.md")}
    assert written == {alert["alert"] for alert in ALERTS}


@by_name
def test_a_runbook_says_what_it_means_what_it_costs_how_to_see_it_and_what_to_do(alert: dict[str, Any]) -> None:
    text = (RUNBOOKS / f"{alert['alert']}.md").read_text("utf-8")
    assert text.startswith(f"# {alert['alert']}\n")
    assert alert["annotations"]["summary"] in text
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == _SECTIONS
    assert alert["labels"]["severity"] in text
    for metric in re.findall(r"`(bridge_\w+?)(?:\{[^`]*\})?`", text):
        assert metric in samples(), f"{metric} does not exist"


@by_name
def test_the_index_of_the_runbooks_names_it(alert: dict[str, Any]) -> None:
    index = (RUNBOOKS / "README.md").read_text("utf-8")
    assert (
        f"[{alert['alert']}]({alert['alert']}.md) | {alert['labels']['severity']} | {alert['annotations']['summary']} |"
        in index
    )


def test_the_chart_makes_the_same_rules_of_its_data() -> None:
    alerts, recorded = chart_data("alerts.yaml"), chart_data("recording.yaml")
    given = {"selector": SELECTOR}
    assert {one["alert"]: filled(one["expr"], given | one["thresholds"]) for one in alerts} == {
        one["alert"]: one["expr"] for one in ALERTS
    }
    assert {one["record"]: filled(one["expr"], given) for one in recorded} == {
        one["record"]: one["expr"] for one in RULES if "record" in one
    }
    for one in alerts:
        placeholders = set(re.findall(r"\$\{(\w+)\}", one["expr"])) - {"selector"}
        assert placeholders == set(one["thresholds"]), one["alert"]
        assert "{{" not in one["expr"]


def test_a_selector_is_narrowed_wherever_it_stands() -> None:
    assert selected('sum(rate(bridge_x{a="b"}[5m])) > bridge_y{}') == (
        'sum(rate(bridge_x{${selector}, a="b"}[5m])) > bridge_y{${selector}}'
    )


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"\$\{ratio\} has no value"):
        filled("x > ${ratio}", {"seconds": 1})


def test_faster_rules_differ_in_times_only() -> None:
    assert sooner("5m", 20) == "15000ms"
    fast = {rule["alert"]: rule for group in plain(faster=60)["groups"] for rule in group["rules"] if "alert" in rule}
    assert fast["BridgeLedgerLost"]["expr"].endswith("[15000ms] offset 15000ms)) > 0")
    assert fast["BridgeRoutesDiffer"]["for"] == "15000ms"
