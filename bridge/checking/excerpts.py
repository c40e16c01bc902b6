"""The line of a file that a problem lies in, with a mark under the place."""

from dataclasses import dataclass, field
from pathlib import Path

from bridge.configfile import Place

_WIDEST = 140
_BEFORE = 60  # characters of a longer line that are shown before the place
_LARGEST_FILE = 64 * 1_048_576


@dataclass(slots=True)
class Excerpts:
    """Lines of files, each file read once. None is shown of the files in `secret`."""

    secret: frozenset[str] = frozenset()
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def line(self, place: Place) -> str | None:
        """The line as it stands; None when there is none to show."""
        if place.file in self.secret:
            return None
        if place.file not in self._lines:
            self._lines[place.file] = _read(place.file)
        lines = self._lines[place.file]
        return lines[place.line - 1] if 0 < place.line <= len(lines) else None

    def marked(self, place: Place) -> list[str]:
        """The line, and a caret under the place; nothing when there is no line to show."""
        line = self.line(place)
        if line is None or not line.strip():
            return []
        start, column = 0, place.column - 1
        if len(line) > _WIDEST:
            start = max(0, min(column - _BEFORE, len(line) - _WIDEST))
        shown = line[start : start + _WIDEST]
        before = "".join("\t" if character == "\t" else " " for character in line[start:column])
        number = f"{place.line:5}"
        return [
            f"{number} | {'…' if start else ''}{shown}{'…' if start + _WIDEST < len(line) else ''}",
            f"{' ' * len(number)} | {' ' if start else ''}{before}^",
        ]


def _read(file: str) -> list[str]:
    """The lines of a file, as YAML counts them; none when it can't be read."""
    try:
        with Path(file).open("rb") as stream:
            content = stream.read(_LARGEST_FILE)
    except OSError:
        return []
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")
