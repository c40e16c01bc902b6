"""A dashboard from its rows: variables, annotations and links are the same for all."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

from tools.ops.dashboards.panels import SOURCE, Panel
from tools.ops.dashboards.queries import chosen

Rows = Mapping[str, Sequence[Panel]]

_VARIABLES = {
    "namespace": "label_values(bridge_build_info, namespace)",
    "job": 'label_values(bridge_build_info{namespace=~"$namespace"}, job)',
    "brand": 'label_values(bridge_calls_total{namespace=~"$namespace", job=~"$job"}, brand)',
    "route": 'label_values(bridge_triggers_total{namespace=~"$namespace", job=~"$job", brand=~"$brand"}, route)',
}
_STARTING = "count by (version) (bridge_build_info{} and on (namespace, job, instance) (time() - process_start_time_seconds{} < 30))"
# Name: colour, expression, title.
_ANNOTATIONS = {
    "Deployments": (
        "blue",
        _STARTING,
        "version {{version}} starts",
    ),
    "Routing tables": (
        "purple",
        "count by (hash) (bridge_routes_info{}) unless on (hash) count by (hash) (bridge_routes_info{} offset 1m)",
        "routing table {{hash}}",
    ),
    "Holds": ("orange", "max by (scope, reason) (bridge_hold_active{}) == 1", "{{scope}} is held: {{reason}}"),
}


def made(uid: str, title: str, description: str, rows: Rows, *, since: str = "now-6h") -> str:
    """A dashboard as Grafana's JSON."""
    builder = builders.Dashboard(title).uid(uid).description(description).tags(["campaign-bridge"]).time(since, "now")
    builder.timezone("browser").tooltip(dashboard.DashboardCursorSync.CROSSHAIR).refresh("30s").readonly()
    builder.with_variable(builders.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    for name, query in _VARIABLES.items():
        builder.with_variable(_variable(name, query))
    for name, (colour, expression, _title) in _ANNOTATIONS.items():
        annotation = builders.AnnotationQuery().name(name).datasource(SOURCE).enable(True).icon_color(colour)
        builder.annotation(annotation.expr(chosen(expression)))
    link = builders.DashboardLink("Campaign bridge").type(dashboard.DashboardLinkType.DASHBOARDS)
    builder.link(link.tags(["campaign-bridge"]).as_dropdown(True).include_vars(True).keep_time(True))
    for row, panels in rows.items():
        builder.with_row(builders.Row(row))
        for panel in panels:
            builder.with_panel(panel)
    return _written(json.loads(JSONEncoder(sort_keys=True).encode(builder.build())))


def _variable(name: str, query: str) -> builders.QueryVariable:
    variable = builders.QueryVariable(name).label(name.capitalize()).datasource(SOURCE).query(query)
    variable.refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(dashboard.VariableSort.ALPHABETICAL_ASC)
    # `.*` rather than the list of all: what has no such label is chosen, too.
    return variable.multi(True).include_all(True).all_value(".*").current(_all())


def _all() -> dashboard.VariableOption:
    return dashboard.VariableOption(text="All", value="$__all", selected=True)


def _written(document: dict[str, Any]) -> str:
    for annotation in document["annotations"]["list"]:
        # The builder does not know the fields of Prometheus' annotations.
        annotation |= {"titleFormat": _ANNOTATIONS[annotation["name"]][2], "step": "15s"}
    for number, panel in enumerate(_all_panels(document["panels"]), 1):
        panel["id"] = number
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def _all_panels(panels: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for panel in panels:
        yield panel
        yield from _all_panels(panel.get("panels") or ())
