"""The pages of the project, and what in them can be held against the code."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "helm/bridge/README.md", *ROOT.glob("docs/**/*.md")])
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def name_of(page: Path) -> str:
    """For the ids of tests."""
    return str(page.relative_to(ROOT))


def links(page: Path) -> list[str]:
    """To other pages and places of the project, as they are written."""
    return _LINK.findall(_FENCE.sub("", page.read_text("utf-8")))


def anchors(page: Path) -> set[str]:
    """Of its headings, as code hosts make them."""
    titles = _HEADING.findall(_FENCE.sub("", page.read_text("utf-8")))
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in plain}


def spans(page: Path) -> list[str]:
    """What stands in `backticks`."""
    return _SPAN.findall(_FENCE.sub("", page.read_text("utf-8")))


def commands(page: Path) -> Iterator[str]:
    """Each `bridge VERB ...` that a reader may type, without what comes before and what it is piped into."""
    text = page.read_text("utf-8")
    lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    fenced = [line.strip() for block in _FENCE.findall(text) for line in block.splitlines()]
    for line in [*lines, *fenced, *spans(page)]:
        found = re.search(r"(?:^|-- |\$ |\.venv/bin/)bridge ((?:config show|[a-z]+)\b.*)$", line)
        if found is not None:
            yield re.split(r"\s(?:[|>#<]|&&)(?:\s|$)", found[1])[0]
