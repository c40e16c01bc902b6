"""From the parser's events to nodes, one recursive step for each collection."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from bridge.configfile.document import Node
from bridge.configfile.interpolation import interpolate
from bridge.configfile.problems import Place, Problem
from bridge.configfile.scalars import Scalar, resolve

DEEPEST = 50
"""Collections inside one another."""
LARGEST = 200_000
"""Values of a document with every alias written out: ten aliases of ten aliases of ten... end here."""


class Hopeless(Exception):
    """Reading can't go on after this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Builder:
    """Builds one document. What is wrong but can be stepped over goes to `problems`; else it raises Hopeless. `secrets` are the
    files that its texts refer to.
    """

    def __init__(self, events: Iterator[Event], file: str, environ: Mapping[str, str], problems: list[Problem]) -> None:
        self._events = events
        self._file = file
        self._environ = environ
        self._problems = problems
        self._anchors: dict[str, Node] = {}
        self.secrets: set[Path] = set()

    def document(self) -> Node:
        """The only document of the stream; a node of None when there is none."""
        root = Node(None, Place(self._file, 1, 1))
        next(self._events)
        first = next(self._events)
        if isinstance(first, StreamEndEvent):
            return root
        if isinstance(first, DocumentStartEvent) and (first.version or first.tags):
            self._complain("directives (%YAML, %TAG) are not supported: remove the line", Place(self._file, 1, 1))
        root = self._node(next(self._events), 0)
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                raise Hopeless(Problem("a second document begins here: a file holds one", self._place(event)))
            if not isinstance(event, DocumentEndEvent | StreamEndEvent):
                raise TypeError(f"the parser gave {event!r} after a document")
        return root

    def _node(self, event: Event, depth: int) -> Node:
        place = self._place(event)
        if isinstance(event, AliasEvent):
            return self._alias(event, place)
        if not isinstance(event, NodeEvent):
            raise TypeError(f"the parser gave {event!r} where a value is due")
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag:
            self._complain(f"tags are not supported: remove {_written(event.tag)}", place)
        if isinstance(event, ScalarEvent):
            node = Node(self._scalar(event, place), place)
        elif depth >= DEEPEST:
            raise Hopeless(Problem(f"nested deeper than {DEEPEST} levels", place))
        elif isinstance(event, MappingStartEvent):
            node = self._mapping(place, depth + 1)
        else:
            node = self._sequence(place, depth + 1)
        if node.size > LARGEST:
            raise Hopeless(Problem(f"more than {LARGEST} values, with every alias written out", place))
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: AliasEvent, place: Place) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            self._complain(f"*{event.anchor} refers to nothing that is complete before it", place)
            return Node(None, place)
        return node

    def _sequence(self, place: Place, depth: int) -> Node:
        children: dict[str | int, Node] = {}
        while not isinstance(event := next(self._events), SequenceEndEvent):
            children[len(children)] = self._node(event, depth)
        return Node([child.value for child in children.values()], place, children, {}, _size(children))

    def _mapping(self, place: Place, depth: int) -> Node:
        children: dict[str | int, Node] = {}
        keys: dict[str | int, Place] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key_place = self._place(event)
            key = self._key(event, depth)
            value_event = next(self._events)
            child = self._node(value_event, depth)
            if isinstance(value_event, ScalarEvent) and not (value_event.value or value_event.style):
                child = replace(child, place=key_place)  # the parser puts what is not there at the next line
            if key is None:
                continue
            if key in keys:
                self._complain(f"{key!r} is already set in line {keys[key].line}: remove one of them", key_place)
                continue
            children[key], keys[key] = child, key_place
        return Node({key: child.value for key, child in children.items()}, place, children, keys, _size(children))

    def _key(self, event: Event, depth: int) -> str | None:
        """A key, or None when it is none, which is then told."""
        place = self._place(event)
        told = len(self._problems)
        if isinstance(event, ScalarEvent):
            if event.tag or event.anchor:
                self._complain("a key can have neither a tag nor an anchor", place)
                return None
            if event.value == "<<" and not event.style:
                self._complain("merge keys (<<) are not part of YAML 1.2: write the settings out", place)
                return None
            key = self._whole(event.value, place) if event.style else self._resolved(event.value, place)
            if isinstance(key, str):
                return key
        else:
            self._node(event, depth)
        if len(self._problems) == told:
            self._complain('a key must be a text: quote it ("...")', place)
        return None

    def _scalar(self, event: ScalarEvent, place: Place) -> Scalar:
        value = event.value if event.style or event.tag else self._resolved(event.value, place)
        if isinstance(value, str):
            value = self._whole(value, place)
            return interpolate(value, self._environ, lambda message: self._complain(message, place), self.secrets.add)
        return value

    def _whole(self, text: str, place: Place) -> str:
        """The text with characters in the place of the two halves that JSON's escapes write them as (RFC 8259, 7)."""
        try:
            text.encode()
        except UnicodeEncodeError:
            try:
                return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            except UnicodeDecodeError:
                self._complain(
                    "half of a character (an escape from \\ud800 to \\udfff alone): write the character", place
                )
                return ""
        return text

    def _resolved(self, word: str, place: Place) -> Scalar:
        try:
            return resolve(word)
        except ValueError as error:
            self._complain(str(error), place)
            return None

    def _complain(self, message: str, place: Place) -> None:
        self._problems.append(Problem(message, place))

    def _place(self, event: Event) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)


def _size(children: Mapping[str | int, Node]) -> int:
    return 1 + sum(child.size for child in children.values())


def _written(tag: str) -> str:
    """A tag as it stands in the file."""
    return tag.replace("tag:yaml.org,2002:", "!!")
