"""The rules as files: for a Prometheus as it is, and as data for the chart. Also with time running faster, for tests."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tools.ops.rules.calling import CALLING
from tools.ops.rules.deciding import DECIDING
from tools.ops.rules.ending import ENDING
from tools.ops.rules.model import Alert, filled
from tools.ops.rules.recording import RECORDINGS
from tools.ops.rules.working import WORKING

GROUPS: Mapping[str, Sequence[Alert]] = {
    "bridge.working": WORKING,
    "bridge.deciding": DECIDING,
    "bridge.calling": CALLING,
    "bridge.ending": ENDING,
}
ALERTS = [alert for group in GROUPS.values() for alert in group]
SELECTOR = 'job="bridge"'

_RECORDING = "bridge.recording"
_UNITS = {"s": 1, "m": 60, "h": 3600}
_WINDOW = re.compile(r"(?<=\[)\d+[smh](?=[\]:])|(?<=offset )\d+[smh]")


def plain(*, selector: str = SELECTOR, faster: float = 1) -> dict[str, Any]:
    """A rules file of Prometheus. `faster`: all times divided by it, windows and `for` alike, for a test that can't wait for
    hours; what is counted within a window, and every threshold, stays.
    """
    interval = {"interval": "30s"} if faster == 1 else {"interval": "1s"}

    def expression(expr: str, thresholds: Mapping[str, float]) -> str:
        whole = filled(expr, {"selector": selector, **thresholds})
        return _WINDOW.sub(lambda found: sooner(found[0], faster), whole)

    recorded = [{"record": one.name, "expr": expression(one.expr, {})} for one in RECORDINGS]
    groups = [{"name": _RECORDING, **interval, "rules": recorded}]
    for name, alerts in GROUPS.items():
        rules = [
            {
                "alert": alert.name,
                "expr": expression(alert.expr, alert.thresholds),
                "for": sooner(alert.lasting, faster),
                "labels": {"severity": alert.severity},
                "annotations": {
                    "summary": alert.summary,
                    "description": alert.description,
                    "runbook_url": f"docs/runbooks/{alert.name}.md",
                    "dashboard_url": f"/d/{alert.dashboard}",
                },
            }
            for alert in alerts
        ]
        groups.append({"name": name, **interval, "rules": rules})
    return {"groups": groups}


def for_chart() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Alerts and recording rules as data, with placeholders: `${selector}`, and a threshold's name."""
    alerts = [
        {
            "alert": alert.name,
            "group": group,
            "severity": alert.severity,
            "for": alert.lasting,
            "expr": alert.expr,
            "thresholds": dict(alert.thresholds),
            "summary": alert.summary,
            "description": alert.description,
            "runbook": f"{alert.name}.md",
            "dashboard": alert.dashboard,
        }
        for group, of_group in GROUPS.items()
        for alert in of_group
    ]
    return alerts, [{"record": one.name, "group": _RECORDING, "expr": one.expr} for one in RECORDINGS]


def sooner(duration: str, faster: float) -> str:
    """A duration of Prometheus divided by `faster`."""
    if faster == 1:
        return duration
    milliseconds = int(duration[:-1]) * _UNITS[duration[-1]] * 1000 / faster
    return f"{round(milliseconds)}ms"
