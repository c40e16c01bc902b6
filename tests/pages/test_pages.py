"""What every page says of the project: links lead somewhere, commands can be typed, metrics and settings exist."""

import re
import shlex
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
import typer.core
import typer.main
from ops.generated import dashboards, samples
from pages.reading import PAGES, ROOT, anchors, commands, links, name_of, spans
from ruamel.yaml import YAML
from typer.exceptions import TyperException

from bench.catalogue import SCENARIOS
from bridge.cli import app
from bridge.kafka import TopicNames, TopicPlan
from bridge.kafka.topics import TopicSpec, specs
from bridge.settings import Settings
from bridge.settings.model import ProvisionerSettings
from bridge.settings.registry import RegistrySettings

each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@each_page
def test_links_lead_to_files_and_headings_that_are_there(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page if not path else (page.parent / path).resolve()
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), link


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop()
        reached.add(page)
        found = {(page.parent / link.partition("#")[0]).resolve() for link in links(page) if not link.startswith("#")}
        left += [one for one in found if one.suffix == ".md" and one not in reached]
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "cli.md"], ids=name_of)
def test_commands_can_be_typed_as_they_stand(page: Path) -> None:
    for line in commands(page):
        words = shlex.split(line.replace("...", "WHAT"), comments=True)
        last = words[-1]
        command = typer.main.get_command(app)
        while isinstance(command, typer.core.TyperGroup):
            assert words, line
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        context = command.context_class(command)
        try:
            _, left, _ = command.make_parser(context).parse_args(words)
        except TyperException as error:
            if "requires an argument" in str(error) and last.startswith("-"):
                continue  # it is only spoken of
            pytest.fail(f"bridge {line}: {error}")
        assert not left, line


@each_page
def test_metrics_are_called_so(page: Path) -> None:
    for name in re.findall(r"`(bridge_[a-z_]+?)(?:\{[^`]*\})?`", page.read_text("utf-8")):
        assert name in samples() or any(one.startswith(f"{name}_") for one in samples()), name


def settings_of_the_reference() -> set[str]:
    """By their whole names, with those of their sections."""
    names: set[str] = set()
    section = ""
    for line in (ROOT / "docs/reference/settings.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ").strip("`")
            names.add(section)
        elif line.startswith("| `"):
            names.add(f"{section}.{line.split('`')[1]}")
    return names


@each_page
def test_settings_are_called_so(page: Path) -> None:
    sections = "|".join(name for name in Settings.model_fields if name != "name")
    known = settings_of_the_reference()
    for span in spans(page):
        found = re.fullmatch(rf"((?:{sections})(?:\.[a-zA-Z_*]+)+)(?:: .*)?", span)
        if found is None or span.endswith(".py"):
            continue
        name = found[1].replace("brands.*", "brands.NAME")
        section, _, last = name.rpartition(".")
        assert name in known or (section in known and last in {"*", "NAME"}) or section.endswith(".headers"), span


def test_defaults_are_what_the_pages_say() -> None:
    """As in `reconcile.deadline` (30 min)."""
    sections = "|".join(name for name in Settings.model_fields if name != "name")
    said = [
        (page, *found)
        for page in PAGES
        for found in re.findall(
            rf"`((?:{sections})\.[a-z_.]+)` \(([\d,.]+)(?: (s|min|h|d))?[),;]", page.read_text("utf-8")
        )
    ]
    assert len(said) > 10
    url = "https://example.com"
    settings = Settings(provisioner=ProvisionerSettings(url=url), registry=RegistrySettings(url=url))
    for page, name, number, unit in said:
        value = (
            float(number.replace(",", "")) * {"": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}[unit]
        )
        assert attrgetter(name)(settings) == value, f"{page}: {name} ({number} {unit})"


def test_what_a_pod_asks_for_is_what_the_page_says() -> None:
    asks = YAML(typ="safe").load(ROOT / "helm/bridge/values.yaml")["resources"]
    text = (ROOT / "docs/sizing.md").read_text("utf-8")
    assert f"asks for {asks['requests']['cpu']} and sets no limit" in text
    assert "cpu" not in asks["limits"]
    memory = [asks[what]["memory"].replace("Mi", " MiB").replace("Gi", " GiB") for what in ("requests", "limits")]
    assert f"asks for {memory[0]} and allows {memory[1]}" in text


def test_panels_are_called_so() -> None:
    """As in *Inside*: Lag, Partitions by replica."""
    titles = {name: set(_titles(dashboard["panels"])) for name, dashboard in dashboards().items()}
    named = [
        (board, name)
        for page in PAGES
        for board, names in re.findall(
            r"\*(Overview|Routes|Inside|Campaigns)\*: ([A-Z][^|.:;()`*]*)", page.read_text("utf-8")
        )
        for name in re.split(r", (?=[A-Z])| beside | and (?=[A-Z])", names.strip())
    ]
    assert len(named) > 20
    for board, name in named:
        assert any(name.startswith(title) for title in titles[f"bridge-{board.lower()}.json"]), (board, name)


def _titles(panels: list[dict[str, Any]]) -> Iterator[str]:
    for panel in panels:
        yield panel.get("title", "")
        yield from _titles(panel.get("panels", []))


def test_the_parts_of_the_benchmark_are_called_so() -> None:
    text = (ROOT / "docs/sizing.md").read_text("utf-8")
    named = re.findall(r"\bpart `(\w+)`", text) + re.findall(r"--only (\w+)", text)
    assert {"restore", "open", "disk"} <= set(named) <= set(SCENARIOS)


def test_the_topics_are_made_as_the_page_says() -> None:
    rows = re.findall(
        r"^\| `(bridge\.\S+)` \| ([^|]+) \| (\w+) \| ([^|]+) \|",
        (ROOT / "docs/topics.md").read_text("utf-8"),
        re.MULTILINE,
    )
    said = {name: (partitions.strip(), cleanup, kept.strip()) for name, partitions, cleanup, kept in rows}
    assert said == {spec.name: _as_the_page_says(spec) for spec in specs(TopicPlan(names=TopicNames("bridge")), 0)}


def _as_the_page_says(spec: TopicSpec) -> tuple[str, str, str]:
    made = spec.creation_settings()
    kept = f"{int(made['retention.ms']) // 86_400_000} d" if "retention.ms" in made else "for ever"
    return ("1" if spec.partitions == 1 else f"`topics.partitions` ({spec.partitions})", made["cleanup.policy"], kept)
