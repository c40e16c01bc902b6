"""Reading a YAML file into a Document: strict, bounded, with the place of every mistake."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import Event
from ruamel.yaml.reader import ReaderError

from bridge.configfile.building import Builder, Hopeless
from bridge.configfile.document import Document
from bridge.configfile.files import read_file
from bridge.configfile.problems import ConfigError, Place, Problem, besides

LARGEST_FILE = 1_048_576
"""Bytes. A table of a thousand routes is a tenth of it."""


class UnreadPartsError(ConfigError):
    """Parts of a file could not be read, such as a `${NAME}` that is not set. `document` is the rest of it, with blanks in
    their places: good for finding what else is wrong, and for nothing more.
    """

    def __init__(self, problems: Iterable[Problem], document: Document) -> None:
        super().__init__(problems)
        self.document = document

    def with_what_else(self, found: Iterable[Problem]) -> ConfigError:
        """All problems: these, and those that were found in the rest, but for complaints about the blanks."""
        return ConfigError([*self.problems, *besides(found, self.problems)])


def load(path: Path, environ: Mapping[str, str]) -> Document:
    """The document in the file at `path`. Raises ConfigError with every problem that was found."""
    file, start = str(path), Place(str(path), 1, 1)
    try:
        content = read_file(path, LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError([Problem(f"can't read this file: {error.strerror}", start)]) from error
    if len(content) > LARGEST_FILE:
        raise ConfigError([Problem(f"the file is larger than {LARGEST_FILE} bytes", start)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            [Problem("the file is not UTF-8: save it as UTF-8", _bad_byte(file, content, error.start))]
        ) from error
    return parse(text, file, environ)


def parse(text: str, file: str, environ: Mapping[str, str]) -> Document:
    """The document in `text`; `file` is the name to show. Raises ConfigError with every problem that was found."""
    problems: list[Problem] = []
    builder = Builder(_events(text, file), file, environ, problems)
    try:
        root = builder.document()
    except Hopeless as hopeless:
        problems.append(hopeless.problem)
        raise ConfigError(problems) from None
    document = Document(file, root, frozenset(builder.secrets))
    if problems:
        raise UnreadPartsError(problems, document)
    return document


def _events(text: str, file: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, 1, 1) if mark is None else Place(file, mark.line + 1, mark.column + 1)
        raise Hopeless(Problem(_explain(error, text, place), place)) from error
    except ReaderError as error:
        place = _place_at(file, text, error.position)
        raise Hopeless(
            Problem(f"the character U+{ord(text[error.position]):04X} is not allowed here", place)
        ) from error
    except (YAMLError, ValueError, OverflowError) as error:  # the last two: escapes such as "\UFFFFFFFF"
        raise Hopeless(Problem(f"not YAML: {error}", Place(file, 1, 1))) from error


def _explain(error: MarkedYAMLError, text: str, place: Place) -> str:
    what = " ".join(part for part in (error.context, error.problem) if part)
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    hint = '; quote a text that holds ${...} or {...}: "..."' if "{" in line else ""
    return f"not YAML: {what}{hint}"


def _place_at(file: str, text: str, position: int) -> Place:
    before = text[:position]
    return Place(file, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def _bad_byte(file: str, content: bytes, position: int) -> Place:
    return _place_at(file, content[:position].decode("utf-8-sig"), len(content[:position].decode("utf-8-sig")))
