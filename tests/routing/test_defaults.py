"""Defaults: of the source before those of the brand, before those of everywhere; the route's own word before all."""

import re
from pathlib import Path

import pytest
from routing.tables import TABLE, problems, spoiled, table, write

from bridge.configfile import ConfigError
from bridge.routing import load_table
from bridge.triggers import OnUnknown, Priority

BARE = spoiled("    expires_after: 5m\n", "")
SOURCE = "    order_by: match.id\n"


def route_of(
    folder: Path, everywhere: str = "", brand: str = "", source: str = "", route: str = ""
) -> tuple[int, int, str, str]:
    """expires_after, dedup_window, priority and on_unknown that the route has with these defaults."""
    text = spoiled(
        "defaults: {expires_after: 10m}\n",
        f"defaults: {{expires_after: 10m{everywhere}}}\nbrands: {{acme: {{defaults: {{{brand}}}}}}}\n",
        BARE,
    )
    text = spoiled(SOURCE, f"{SOURCE}    defaults: {{{source}}}\n", text) + route
    one = table(folder, text).routes["goal"]
    return one.expires_after // 60_000, one.dedup_window // 3_600_000, one.priority, one.on_unknown


def test_the_nearest_default_counts(tmp_path: Path) -> None:
    high, low, normal, park, resend = Priority.HIGH, Priority.LOW, Priority.NORMAL, OnUnknown.PARK, OnUnknown.RESEND
    assert route_of(tmp_path) == (10, 24, normal, park)
    assert route_of(tmp_path, everywhere=", priority: high") == (10, 24, high, park)
    assert route_of(tmp_path, ", priority: high", "priority: low, on_unknown: resend") == (10, 24, low, resend)
    assert route_of(
        tmp_path, ", priority: high", "priority: low, expires_after: 1m", "priority: normal, dedup_window: 48h"
    ) == (1, 48, normal, park)
    assert route_of(
        tmp_path, ", priority: high", "priority: low", "priority: low", "    priority: normal\n    expires_after: 2m\n"
    ) == (2, 24, normal, park)


def test_defaults_of_one_source_are_not_those_of_another(tmp_path: Path) -> None:
    text = spoiled(
        SOURCE, SOURCE + "  other:\n    {topic: t, event_id: id, event_time: at, defaults: {expires_after: 1m}}\n", BARE
    )
    one = (
        BARE[BARE.index("  - name: goal") :]
        .replace("name: goal\n", "name: other\n")
        .replace("source: matches", "source: other")
    )
    of = table(tmp_path, text + one.replace("{match.id}/{id}", "{match.id}"))
    assert (of.routes["goal"].expires_after, of.routes["other"].expires_after) == (600_000, 60_000)


def test_the_same_meaning_has_the_same_fingerprints_wherever_it_is_said(tmp_path: Path) -> None:
    said = table(tmp_path, TABLE)
    by_default = table(tmp_path, spoiled(SOURCE, SOURCE + "    defaults: {expires_after: 5m}\n", BARE))
    assert (said.hash, said.identity, said.route_fingerprints) == (
        by_default.hash,
        by_default.identity,
        by_default.route_fingerprints,
    )


def test_defaults_of_a_brand_and_of_a_source_may_be_in_any_file_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, BARE)
    (tmp_path / "brands.yaml").write_text("version: 1\nbrands: {acme: {defaults: {priority: low}}}\n")
    assert load_table(tmp_path, {}).routes["goal"].priority is Priority.LOW
    (tmp_path / "more.yaml").write_text("version: 1\n\nbrands: {acme: {defaults: {priority: high}}}\n")
    with pytest.raises(
        ConfigError, match=r"more.yaml:3:10: error: brand acme is already defined at .*brands.yaml:2:16"
    ):
        load_table(tmp_path, {})


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("defaults: {", "brands: {acne: {defaults: {priority: low}}}\ndefaults: {", 8, "no generator belongs to brand acne, so its defaults are nobody's; did you mean 'acme'?"),
        ("defaults: {", "brands: {acme: {default: {priority: low}}}\ndefaults: {", 8, "default: unknown setting; did you mean 'defaults'?"),
        ("defaults: {", "brands: {acme: {defaults: {prority: low}}}\ndefaults: {", 8, "prority: unknown setting; did you mean 'priority'?"),
        ("defaults: {", "brands: {acme: {defaults: {expires_after: 5}}}\ndefaults: {", 8, "must be a duration with its unit"),
        (SOURCE, SOURCE + "    defaults: {dedup_window: 8d}\n", 8, r"dedup_window \(8d\) is longer than 7d"),
        (SOURCE, SOURCE + "    defaults: [low]\n", 8, "defaults: must be a mapping"),
        (SOURCE, SOURCE + "    defaults: {mode: off}\n", 8, "mode: unknown setting"),
        (SOURCE, SOURCE + "    defaults: {dedup_window: 2m}\n", 22, r"expires_after \(10m\) is longer than dedup_window \(2m\)"),
    ],
)  # fmt: skip
def test_a_mistake_in_defaults_is_told_once_and_where_it_is(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    (problem,) = problems(tmp_path, spoiled(old, new, BARE))
    assert problem.place is not None
    assert problem.place.line == line
    assert re.search(message, problem.message), problem
