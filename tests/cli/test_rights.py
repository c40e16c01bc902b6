"""`bridge rights`: the commands that grant what is needed, for the names of the settings and the table."""

from pathlib import Path

import orjson
from service.story import TEAMS_CSV, table
from typer.testing import CliRunner

from bridge.cli import app


def printed(folder: Path, *words: str, code: int = 0) -> list[str]:
    routes = table("sports.events")
    routes["lookups"]["creators"] = {"topic": "crm.creators"}
    (folder / "routes.yaml").write_bytes(orjson.dumps(routes))
    (folder / "teams.csv").write_text(TEAMS_CSV)
    (folder / "bridge.yaml").write_text("name: eu\nkafka: {bootstrap_servers: 'k:9093'}\ntopics: {create: false}\n")
    files = ["--routes", str(folder / "routes.yaml"), "--config", str(folder / "bridge.yaml")]
    result = CliRunner().invoke(app, ["rights", *files, *words])
    assert result.exit_code == code, result.output
    return result.output.splitlines()


def granting(principal: str, operations: str, resource: str) -> str:
    words = " ".join(f"--operation {word}" for word in operations.split())
    return f"kafka-acls.sh --bootstrap-server k:9093 --add --allow-principal '{principal}' {words} {resource}"


def test_each_resource_gets_one_command(tmp_path: Path) -> None:
    who = "User:bridge"
    assert printed(tmp_path) == [
        granting(who, "Read DescribeConfigs", "--topic sports.events"),
        granting(who, "Read", "--topic crm.creators"),
        granting(who, "Read", "--group eu.intake"),
        granting(who, "Read", "--group eu.dispatch"),
        granting(who, "Read Write DescribeConfigs", "--topic eu.triggers"),
        granting(who, "Read Write DescribeConfigs", "--topic eu.ledger"),
        granting(who, "Write DescribeConfigs", "--topic eu.results"),
        granting(who, "Write DescribeConfigs", "--topic eu.dead-letters"),
        granting(who, "Read Write DescribeConfigs", "--topic eu.control"),
    ]


def test_a_verb_needs_less(tmp_path: Path) -> None:
    assert printed(tmp_path, "--verb", "hold", "--principal", "User:ops") == [
        granting("User:ops", "Read Write", "--topic eu.control")
    ]


def test_a_verb_that_needs_none_is_told(tmp_path: Path) -> None:
    assert "check needs none, or is no verb" in " ".join(printed(tmp_path, "--verb", "check", code=2))
