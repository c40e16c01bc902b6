"""The JSON Schema of the chart's values: its own part, and the service's settings in the place of `settings`."""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tools.schemas import settings_schema

CHART = Path(__file__).parent.parent / "helm" / "bridge"


def values_schema(comment: str) -> str:
    """As text. What the settings require may also come from variables, so nothing is required of them here."""
    own: dict[str, Any] = YAML(typ="safe", pure=True).load((CHART / "values.schema.yaml").read_text("utf-8"))
    settings = _without_required(json.loads(settings_schema(comment)))
    below = settings.pop("$defs")
    for name in ("$schema", "$comment"):
        settings.pop(name)
    own["properties"]["settings"] = settings
    own["$defs"] |= below
    return json.dumps({"$schema": own.pop("$schema"), "$comment": comment, **own}, indent=2) + "\n"


def _without_required(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            key: _without_required(value)
            for key, value in part.items()
            if not (key == "required" and isinstance(value, list))
        }
    return [_without_required(one) for one in part] if isinstance(part, list) else part
