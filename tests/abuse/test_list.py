"""The list of abuses in the documentation is that of the tests."""

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
LISTED = re.compile(r"^\|.*\| `(?:(tests/\S+\.py)::)?(test_\w+)` \|$", re.MULTILINE)


def abuses_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {one.name for one in functions if one.name.startswith("test_")}


def test_every_abuse_that_is_tried_is_listed_once_and_every_one_listed_is_tried() -> None:
    listed = LISTED.findall((ROOT / "docs/abuses.md").read_text())
    here = [name for file, name in listed if not file]
    files = [file for file in Path(__file__).parent.glob("test_*.py") if file != Path(__file__)]
    assert Counter(here) == Counter(name for file in files for name in abuses_in(file))
    assert [f"{file}::{name}" for file, name in listed if file and name not in abuses_in(ROOT / file)] == []
    assert len(listed) >= 45


def test_no_row_of_the_list_is_left_out_by_the_way_it_is_written() -> None:
    text = (ROOT / "docs/abuses.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| tried ")]
    assert len(rows) == len(LISTED.findall(text))
