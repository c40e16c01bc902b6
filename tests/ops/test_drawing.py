"""The renderer of the pictures shows what the answers say, and nothing else."""

import re
from typing import Any

import pytest
from ops.generated import dashboards

from tools.ops.drawing.answers import Answers, Series, beginnings, read
from tools.ops.drawing.dashboard import draw
from tools.ops.drawing.words import ticks, written


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "s", "0 s"),
        (0.02, "s", "20 ms"),
        (0.0004, "s", "0.4 ms"),
        (75, "s", "1.25 min"),
        (0.9954, "percentunit", "99.5 %"),
        (1234, "short", "1.23k"),
        (12.3, "reqps", "12.3/s"),
        (536_870_912, "bytes", "512 MiB"),
        (float("nan"), "short", "-"),
    ],
)
def test_a_value_is_written_with_its_unit(value: float, unit: str, text: str) -> None:
    assert written(value, unit) == text


@pytest.mark.parametrize(("highest", "marks"), [(0.0, [0, 1]), (4.0, [0, 1, 2, 3, 4]), (95.0, [0, 25, 50, 75, 100])])
def test_the_axis_has_round_marks_up_to_the_highest(highest: float, marks: list[float]) -> None:
    assert ticks(highest) == marks


def test_the_axis_has_round_values_of_larger_units() -> None:
    assert ticks(100 * 2**20, "bytes") == [mark * 2**20 for mark in (0, 25, 50, 75, 100)]
    assert ticks(200, "s") == [0, 60, 120, 180, 240]
    assert ticks(0.9, "s") == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_a_count_has_no_decimals_where_none_are_wanted() -> None:
    assert (written(2.01, "short", 0), written(2.01, "short")) == ("2", "2.01")


def test_an_answer_is_named_by_its_legend_and_keeps_what_is_a_number() -> None:
    told: list[dict[str, Any]] = [
        {"metric": {"brand": "acme"}, "values": [[1, "2"], [2, "NaN"], [3, "4"]]},
        {"metric": {}, "values": [[1, "NaN"]]},
    ]
    (series,) = read(told, "{{brand}} waiting", "B")
    assert series == Series("acme waiting", {"brand": "acme"}, ((1.0, 2.0), (3.0, 4.0)), "B")


def test_a_mark_stands_where_each_stretch_begins() -> None:
    assert beginnings(Series("x", {}, ((10, 1), (12, 1), (14, 1), (30, 1))), step=2) == [10, 30]


def _panel(kind: str, **options: Any) -> dict[str, Any]:
    defaults = {
        "unit": "short",
        "thresholds": {"steps": [{"value": None, "color": "green"}, {"value": 5, "color": "red"}]},
    }
    shown = {"id": 1, "type": kind, "title": "A panel", "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8}}
    return shown | {"fieldConfig": {"defaults": defaults, "overrides": []}} | options


def _drawn(panel: dict[str, Any], *series: Series) -> str:
    answers = Answers(0, 100, {1: list(series)}, [])
    return draw({"title": "T", "description": "D", "panels": [panel]}, answers, "a note")


def _heights(svg: str) -> list[list[float]]:
    return [
        [float(y) for y in re.findall(r",([\d.]+)", points)] for points in re.findall(r"polyline points='([^']*)'", svg)
    ]


def test_a_panel_without_an_answer_says_so() -> None:
    assert "no data" in _drawn(_panel("timeseries"))
    assert "no data" in _drawn(_panel("stat"))


def test_a_number_has_the_colour_of_its_threshold() -> None:
    low, high = (Series("x", {}, ((0, 1.0), (100, value))) for value in (3.0, 7.0))
    assert ">3</text>" in _drawn(_panel("stat"), low)
    assert "#56a64b" in _drawn(_panel("stat"), low)
    assert "#e02f44" in _drawn(_panel("stat"), high)


def test_what_is_stacked_stands_on_what_is_below() -> None:
    panel = _panel("timeseries")
    alone = _heights(_drawn(panel, Series("a", {}, ((0, 1.0), (100, 1.0))), Series("b", {}, ((0, 1.0), (100, 1.0)))))
    panel["fieldConfig"]["defaults"]["custom"] = {"stacking": {"mode": "normal"}}
    stacked = _heights(_drawn(panel, Series("a", {}, ((0, 1.0), (100, 1.0))), Series("b", {}, ((0, 1.0), (100, 1.0)))))
    assert alone[-1] == alone[-2]
    assert stacked[-1][0] < stacked[-2][0], "higher on the page"


def test_a_hole_in_the_answers_is_a_hole_in_the_line() -> None:
    whole = tuple((float(at), 1.0) for at in range(0, 100, 2))
    torn = tuple(point for point in whole if not 40 < point[0] < 60)
    panel = _panel("timeseries")
    assert (
        len(_heights(_drawn(panel, Series("a", {}, torn)))) == len(_heights(_drawn(panel, Series("a", {}, whole)))) + 1
    )


def test_a_limit_far_above_the_picture_is_told_in_words() -> None:
    own, limit = Series("acme", {}, ((0, 1.0), (100, 1.0))), Series("limit acme", {}, ((0, 500.0), (100, 500.0)))
    assert "(limit 500: above the picture)" in _drawn(_panel("timeseries"), own, limit)
    near = Series("limit acme", {}, ((0, 2.0), (100, 2.0)))
    assert "above the picture" not in _drawn(_panel("timeseries"), own, near)


def test_a_cell_of_a_heatmap_is_what_fell_between_two_bounds() -> None:
    buckets = [Series(le, {"le": le}, ((50.0, count),)) for le, count in (("1.0", 4.0), ("2.0", 4.0), ("+Inf", 4.0))]
    drawn = _drawn(_panel("heatmap"), *buckets)
    assert drawn.count("#d9480f") == 1, "all four fell below 1"


def test_a_table_has_a_row_for_each_set_of_labels() -> None:
    organised = {
        "indexByName": {"Value #B": 2, "Value #A": 1, "route": 0},
        "renameByName": {"Value #A": "sent", "Value #B": "failed"},
    }
    panel = _panel("table", transformations=[{"options": organised}])
    answers = [
        Series("sent", {"route": "goal"}, ((0, 12.0),), "A"),
        Series("failed", {"route": "goal"}, ((0, 3.0),), "B"),
        Series("sent", {"route": "start"}, ((0, 5.0),), "A"),
    ]
    drawn = _drawn(panel, *answers)
    assert [
        word
        for word in re.findall(r">([^<]+)</text>", drawn)
        if word in {"sent", "failed", "goal", "12", "3", "start", "5"}
    ] == [
        *("sent", "failed", "goal", "12", "3", "start", "5"),
    ]


@pytest.mark.parametrize("name", dashboards())
def test_every_dashboard_can_be_drawn(name: str) -> None:
    drawn = draw(dashboards()[name], Answers(0, 100, {}, []), "nothing was asked")
    for panel in dashboards()[name]["panels"]:
        assert panel["title"].replace("&", "&amp;") in drawn
