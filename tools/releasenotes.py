"""The changelog's section of a version: `python -m tools.releasenotes 0.1.0`. Ends with 1 when a version is not this one."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PLACES = {"pyproject.toml": r'^version = "(.*)"$', "helm/bridge/Chart.yaml": r'^appVersion: "(.*)"$'}


def notes(changelog: str, version: str) -> str:
    """What stands below its heading. Raises ValueError when it is not there, not released, or empty."""
    found = re.search(rf"^## \[{re.escape(version)}\] - (\S+)\n(.*?)(?=^## \[|\Z)", changelog, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"CHANGELOG.md has no section for {version}")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", found[1]):
        raise ValueError(f"CHANGELOG.md: {version} is {found[1]}; write the day of the release there")
    if not found[2].strip():
        raise ValueError(f"CHANGELOG.md says nothing of {version}")
    return found[2].strip() + "\n"


def mismatches(version: str) -> list[str]:
    """Where another version stands."""
    wrong = []
    for name, pattern in _PLACES.items():
        found = re.search(pattern, (ROOT / name).read_text("utf-8"), re.MULTILINE)
        if found is None or found[1] != version:
            wrong.append(f"{name} is of {found[1] if found else 'no version'}, not {version}")
    return wrong


def main(version: str) -> int:
    """Print the notes. The exit code."""
    problems = mismatches(version)
    try:
        print(notes((ROOT / "CHANGELOG.md").read_text("utf-8"), version), end="")
    except ValueError as error:
        problems.append(str(error))
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
