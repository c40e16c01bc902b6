"""The files of an episode's service: settings, table, lookups."""

from pathlib import Path
from typing import Any

import orjson
from chaos.options import Options
from service.story import TEAMS_CSV, keys_of, table

VENDOR_TIMEOUT = 3.0
"""Seconds."""


def write_files(folder: Path, name: str, options: Options, *, kafka: str, copies: int, vendor: str) -> None:
    """What the replicas read. JSON is YAML."""
    files = {"routes.yaml": table(source_of(name)), "bridge.yaml": _settings(name, options, kafka, copies, vendor)}
    for file, content in files.items():
        (folder / file).write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    (folder / "teams.csv").write_text(TEAMS_CSV)


def source_of(name: str) -> str:
    """The topic of the service's events."""
    return f"{name}-source"


def own_topics(name: str) -> tuple[str, ...]:
    """What the service makes for itself."""
    return tuple(f"{name}.{topic}" for topic in ("triggers", "ledger", "results", "dead-letters", "control"))


def _settings(name: str, options: Options, kafka: str, copies: int, vendor: str) -> dict[str, Any]:
    keys = keys_of("acme")
    return {
        "name": name,
        "kafka": {
            "bootstrap_servers": kafka,
            "session_timeout": f"{options.session_timeout}ms",
            "rebalance_timeout": "30s",
        },
        "vendor": {"base_url": vendor, "timeout": f"{VENDOR_TIMEOUT:g}s"},
        "brands": {"acme": {"api_key": keys.api_key, "brand_key": keys.brand_key}},
        "dispatch": {"drain_timeout": "6s"},
        "reconcile": {"first_poll": "1s", "max_interval": "2s"},
        "topics": {"partitions": options.partitions, "replication": copies},
        "http": {"host": "127.0.0.1", "port": 0},
    }
