"""The few kinds of panels that the dashboards are made of. Each has a title, a description and a unit.

Widths are of 24, heights in Grafana's grid units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as dashboard_builders
from grafana_foundation_sdk.builders import heatmap, prometheus, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from tools.ops.dashboards.queries import chosen, quantile

SOURCE = dashboard.DataSourceRef(type_val="prometheus", uid="${datasource}")
LIMIT = "limit"
"""The legend of a query that is drawn as the line that must not be crossed."""
Panel = timeseries.Panel | stat.Panel | heatmap.Panel | table.Panel | statetimeline.Panel

_GREEN, _YELLOW, _RED = "green", "yellow", "red"
# Wherever an outcome or the end of a call is shown, it has the same colour.
_COLOURS = {
    "published|accepted|trigger": _GREEN,
    "running|none|shadow": "#8e9aaf",
    "failed|refused_event|rejected": "orange",
    "unknown": _RED,
    "expired|superseded": "purple",
    "unmapped|not_found": _YELLOW,
    "lost|unresolved|error": "dark-orange",
    "refused_route|refused_brand|dead_letter": "dark-red",
    "throttled|not_sent": "blue",
}


@dataclass(frozen=True, slots=True)
class Query:
    """`legend` is a template of Grafana: `{{brand}}`."""

    expression: str
    legend: str

    def built(self, number: int, *, instant: bool = False) -> prometheus.Dataquery:
        """As a panel wants it."""
        query = prometheus.Dataquery().expr(chosen(self.expression)).legend_format(self.legend).ref_id(chr(65 + number))
        return query.instant().format(PromQueryFormat.TABLE) if instant else query.range()


def number(
    title: str,
    description: str,
    unit: str,
    expression: str,
    steps: Sequence[tuple[float | None, str]] = (),
    *,
    width: int = 3,
) -> stat.Panel:
    """One number. `steps`: from which value on it has which colour; the first from None on."""
    panel = stat.Panel().title(title).description(description).unit(unit).datasource(SOURCE).span(width).height(4)
    panel.with_target(Query(expression, title).built(0))
    panel.graph_mode(common.BigValueGraphMode.AREA).color_mode(common.BigValueColorMode.VALUE)
    panel.reduce_options(common_builders.ReduceDataOptions().calcs(["lastNotNull"]))
    panel.thresholds(_thresholds(steps or [(None, "text")]))
    if unit == "short":
        panel.decimals(0)  # an increase is an estimate, and half a campaign none
    return panel


def _thresholds(steps: Sequence[tuple[float | None, str]]) -> dashboard_builders.ThresholdsConfig:
    made = [dashboard.Threshold(value=value, color=colour) for value, colour in steps]
    return dashboard_builders.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(made)


def lines(
    title: str, description: str, unit: str, *queries: Query, width: int = 8, stacked: bool = False, bars: bool = False
) -> timeseries.Panel:
    """Time series. One whose legend begins with `limit` is a dashed line, however the others are drawn."""
    panel = timeseries.Panel().title(title).description(description).unit(unit).datasource(SOURCE).span(width).height(8)
    panel.min(0).line_width(1).fill_opacity(60 if stacked else 5).show_points(common.VisibilityMode.NEVER)
    panel.legend(
        common_builders.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    panel.tooltip(
        common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)
    )
    if bars:
        panel.draw_style(common.GraphDrawStyle.BARS).fill_opacity(80)
    if stacked:
        panel.stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL))
    for position, query in enumerate(queries):
        panel.with_target(query.built(position))
    legends = [query.legend for query in queries]
    if not {"{{outcome}}", "{{end}}", "{{decision}}"}.isdisjoint(legends):
        for pattern, colour in _COLOURS.items():
            panel.override_by_regexp(f"^({pattern})$", [_colour(colour)])
    if any(legend.startswith(LIMIT) for legend in legends):
        panel.override_by_regexp(f"^{LIMIT}", _LIMIT_LINE)
    return panel


def _colour(colour: str) -> dashboard.DynamicConfigValue:
    return dashboard.DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": colour})


_LIMIT_LINE = [
    _colour(_RED),
    dashboard.DynamicConfigValue(id_val="custom.drawStyle", value="line"),
    dashboard.DynamicConfigValue(id_val="custom.fillOpacity", value=0),
    dashboard.DynamicConfigValue(id_val="custom.lineWidth", value=2),
    dashboard.DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [10, 10]}),
    dashboard.DynamicConfigValue(id_val="custom.stacking", value={"group": "A", "mode": "none"}),
]


def latency(title: str, description: str, metric: str, *, width: int = 12) -> tuple[heatmap.Panel, timeseries.Panel]:
    """A histogram in seconds: how all of it lies, and its p50, p95 and p99."""
    all_of_it = heatmap.Panel().title(title).description(description).unit("s").datasource(SOURCE).span(width).height(8)
    buckets = f"sum by (le) (increase({metric}_bucket{{}}[$__rate_interval]))"
    all_of_it.with_target(Query(buckets, "{{le}}").built(0).format(PromQueryFormat.HEATMAP))
    all_of_it.calculate(False).y_axis(heatmap.YAxisConfig().unit("s"))
    all_of_it.color(
        heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64).exponent(0.5)
    )
    parts = [Query(quantile(part, metric), name) for part, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))]
    return all_of_it, lines(f"{title}: p50, p95, p99", description, "s", *parts, width=width)


def timeline(
    title: str, description: str, query: Query, states: Mapping[str, tuple[str, str]], *, width: int = 12
) -> statetimeline.Panel:
    """What was in which state when. `states`: by value a text and a colour."""
    panel = (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .unit("short")
        .datasource(SOURCE)
        .span(width)
        .height(8)
    )
    panel.with_target(query.built(0)).show_value(common.VisibilityMode.NEVER).merge_values(True).row_height(0.8)
    shown = {
        value: dashboard.ValueMappingResult(text=text, color=colour, index=0)
        for value, (text, colour) in states.items()
    }
    panel.mappings([dashboard.ValueMap(options=shown)])
    panel.no_value("nothing")
    return panel


def sheet(
    title: str,
    description: str,
    unit: str,
    labels: Sequence[str],
    columns: Mapping[str, str],
) -> table.Panel:
    """A table: a row for each value of the `labels`, and a column for each expression by its heading."""
    panel = (
        table.Panel().title(title).description(description).unit(unit).datasource(SOURCE).span(24).height(9).decimals(0)
    )
    rename = {label: label for label in labels}
    for position, (heading, expression) in enumerate(columns.items()):
        panel.with_target(Query(expression, heading).built(position, instant=True))
        rename[f"Value #{chr(65 + position)}" if len(columns) > 1 else "Value"] = heading
    panel.with_transformation(dashboard.DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(
        dashboard.DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": {"Time": True},
                "indexByName": {name: place for place, name in enumerate(rename)},
                "renameByName": {old: new for old, new in rename.items() if old != new},
            },
        )
    )
    return panel
