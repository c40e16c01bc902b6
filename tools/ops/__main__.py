"""Writes rules and dashboards from the code: `python -m tools.ops`. With --check: says which are stale, and exits 1."""

import sys
from pathlib import Path

from tools.ops.dashboards import dashboards
from tools.ops.rules.writing import ALERTS, for_chart, plain
from tools.readable import as_yaml

ROOT = Path(__file__).parent.parent.parent
HOW = "Made by `make docs` from tools/ops: change it there."
_PLACEHOLDERS = (
    "# ${selector} stands for the label matchers of this release, ${name} for a threshold. {{ }} is Prometheus' own template:\n"
    "# read this file as data (.Files.Get, fromYamlArray), not through tpl.\n"
)


def files() -> dict[str, str]:
    """Every generated file by its path in the repository."""
    alerts, recordings = for_chart()
    return {
        "deploy/rules/bridge.rules.yaml": f"# {HOW}\n{as_yaml(plain())}",
        "helm/bridge/files/alerts.yaml": f"# {HOW}\n{_PLACEHOLDERS}{as_yaml(alerts)}",
        "helm/bridge/files/recording.yaml": f"# {HOW}\n{_PLACEHOLDERS}{as_yaml(recordings)}",
        "docs/runbooks/README.md": runbooks(),
        **{f"helm/bridge/dashboards/{name}": text for name, text in dashboards().items()},
    }


def runbooks() -> str:
    """The index of the runbooks."""
    text = (
        f"<!-- {HOW} -->\n\n# Runbooks\n\nOne for each alert: what it means, what it costs, how to see it, what to do. "
        "`critical` calls somebody, `warning` is a ticket, `info` a line on a dashboard.\n\n"
        "Every verb of `bridge` works inside a pod, where settings and routing table are: `kubectl exec deploy/bridge -- bridge holds`. "
        "The names of deployment and labels in these pages are the chart's for a release called bridge. Dashboards: "
        "[dashboards.md](../dashboards.md). Thresholds, and each alert by itself, can be changed in the chart's values.\n\n"
        "| alert | severity | summary |\n| --- | --- | --- |\n"
    )
    return text + "".join(f"| [{one.name}]({one.name}.md) | {one.severity} | {one.summary} |\n" for one in ALERTS)


def main(arguments: list[str]) -> int:
    """Write the files, or check them. The exit code."""
    stale = []
    for name, text in files().items():
        path = ROOT / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    for name in stale:
        print(f"{name} " + ("is stale: run `make docs`" if "--check" in arguments else "written"))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
