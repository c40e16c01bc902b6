"""What every dashboard keeps to. That its queries find something is tested against a real Prometheus (test_live.py)."""

import re

import promql_parser
import pytest
from ops.generated import Panel, annotations, dashboards, metrics_in, panels, samples
from prometheus_client import CollectorRegistry

from bridge.telemetry import Metrics

# Values of these come from the configuration and from closed sets. Of topic keys, events and executions there are millions.
BOUNDED = {
    *("namespace", "job", "instance", "le"),
    *("brand", "route", "source", "topic", "lookup", "stage", "scope", "reason"),
    *("decision", "outcome", "end", "lane", "result", "hash", "version", "mode"),
}
# On no panel, each for a reason.
NOT_SHOWN: dict[str, str] = {}
FOREIGN = {
    *("up", "process_start_time_seconds", "process_resident_memory_bytes"),
    *("process_cpu_seconds_total", "process_open_fds", "process_max_fds"),
}
PANELS = list(panels())
_IN_GRAFANA = {"$__rate_interval": "1m", "$__range": "1h"}


def test_the_labels_of_every_metric_are_bounded() -> None:
    unbounded = {
        f"{one.name}: {label}"
        for one in Metrics(CollectorRegistry()).definitions
        for label in one.labels
        if label not in BOUNDED
    }
    assert not unbounded, (
        f"add a label to BOUNDED once its values come from the configuration or a closed set: {unbounded}"
    )


def test_every_metric_of_the_service_is_on_a_panel() -> None:
    shown = {samples().get(name) for panel in PANELS for query in panel.queries for name in metrics_in(query)}
    missing = {one.name for one in Metrics(CollectorRegistry()).definitions} - shown - NOT_SHOWN.keys()
    assert not missing, (
        f"on no dashboard: {sorted(missing)}. Add a panel in tools/ops/dashboards, or a reason to NOT_SHOWN"
    )


def test_what_is_excused_from_the_dashboards_exists_and_is_not_shown() -> None:
    shown = {samples().get(name) for panel in PANELS for query in panel.queries for name in metrics_in(query)}
    assert set(NOT_SHOWN) <= set(samples().values()) - shown


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_a_panel_says_what_it_shows(panel: Panel) -> None:
    content = panel.content
    assert content["title"]
    assert content["description"].endswith("."), "a description is a sentence"
    assert content["fieldConfig"]["defaults"]["unit"]
    assert content["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert panel.queries


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_a_panel_asks_for_metrics_that_exist_of_what_was_chosen(panel: Panel) -> None:
    for query in panel.queries:
        assert metrics_in(query) <= samples().keys() | FOREIGN, query
        for selector in re.findall(r"\w\{([^}]*)\}", query):
            assert 'job=~"$job"' in selector, query


@pytest.mark.parametrize("query", [query for panel in PANELS for query in panel.queries] + list(annotations().values()))
def test_a_query_is_promql_and_groups_by_bounded_labels(query: str) -> None:
    for variable, value in _IN_GRAFANA.items():
        query = query.replace(variable, value)
    grouped: set[str] = set()

    def visit(expression: promql_parser.Expr) -> None:
        modifier = getattr(expression, "modifier", None)
        if isinstance(expression, promql_parser.AggregateExpr) and modifier is not None:
            grouped.update(modifier.labels)

    promql_parser.walk(promql_parser.parse(query), visit)
    assert grouped <= BOUNDED


def test_histograms_are_shown_whole_and_by_quantiles() -> None:
    histograms = {one.name for one in Metrics(CollectorRegistry()).definitions if one.kind == "histogram"}
    whole = {
        samples()[name]
        for panel in PANELS
        if panel.content["type"] == "heatmap"
        for query in panel.queries
        for name in metrics_in(query)
    }
    parts = [query for panel in PANELS for query in panel.queries if "histogram_quantile" in query]
    assert whole == histograms
    for name in histograms:
        asked = {
            part
            for part in ("0.5", "0.95", "0.99")
            if any(f"quantile({part}," in query and f"{name}_bucket" in query for query in parts)
        }
        assert asked == {"0.5", "0.95", "0.99"}, name


@pytest.mark.parametrize(("name", "dashboard"), dashboards().items())
def test_a_dashboard_can_be_narrowed_and_begins_with_its_service_levels(
    name: str, dashboard: dict[str, object]
) -> None:
    assert dashboard["uid"] == name.removesuffix(".json")
    templating, panels = dashboard["templating"], dashboard["panels"]
    assert isinstance(templating, dict)
    assert isinstance(panels, list)
    assert [one["name"] for one in templating["list"]] == ["datasource", "namespace", "job", "brand", "route"]
    assert panels[0]["type"] == "row"
    assert panels[0]["title"] in {"Service levels", "At a glance"}
    assert {panel["type"] for panel in panels[1:5]} == {"stat"}
    ids = [panel["id"] for panel in panels]
    assert len(set(ids)) == len(ids)


def test_deployments_tables_and_holds_are_marked_on_every_dashboard() -> None:
    assert {name.partition(": ")[2] for name in annotations()} == {"Deployments", "Routing tables", "Holds"}
    assert len(annotations()) == 3 * len(dashboards())


def test_the_limit_is_a_line_of_its_own() -> None:
    limited = [
        panel
        for panel in PANELS
        if any(target["legendFormat"].startswith("limit") for target in panel.content["targets"])
    ]
    assert len(limited) >= 3
    for panel in limited:
        overrides = {one["matcher"]["options"]: one["properties"] for one in panel.content["fieldConfig"]["overrides"]}
        properties = {one["id"]: one["value"] for one in overrides["^limit"]}
        assert properties["custom.lineStyle"]["fill"] == "dash"
        assert properties["custom.stacking"]["mode"] == "none"
