"""Reading a large JSON file entry by entry, with the place of each: a mistake in a lookup is shown on its line."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bridge.configfile import Place

_SPACE = re.compile(r"[ \t\n\r]*")


class BadJson(Exception):
    """A text that is no JSON, or holds a key twice; says why and where."""

    def __init__(self, message: str, place: Place) -> None:
        self.place = place
        super().__init__(message)


class Entries:
    """The entries of the mapping or the list that a text is."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._line, self._line_start, self._counted = 1, 0, 0
        self._repeated: str | None = None
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object)

    def read(self) -> tuple[type, Iterator[tuple[str | int, Any, Place]]]:
        """`dict` or `list`, and its entries in order; `object` and none for any other value.

        Raises BadJson, also while the entries are read.
        """
        start = self._skip(0)
        opening = self._text[start : start + 1]
        if opening not in ("{", "["):
            self._end(self._value(start)[1])
            return object, iter(())
        kind = dict if opening == "{" else list
        return kind, self._entries(start + 1, kind)

    def _entries(self, position: int, kind: type) -> Iterator[tuple[str | int, Any, Place]]:
        closing = "}" if kind is dict else "]"
        index = 0
        position = self._skip(position)
        if self._text[position : position + 1] == closing:
            self._end(position + 1)
            return
        while True:
            place = self._place(position)
            name: str | int = index
            if kind is dict:
                name, position = self._key(position)
            value, position = self._value(position)
            if self._repeated is not None:
                raise BadJson(f"the key {json.dumps(self._repeated)} is there twice in this entry", place)
            yield name, value, place
            index += 1
            position = self._skip(position)
            following = self._text[position : position + 1]
            if following == closing:
                self._end(position + 1)
                return
            if following != ",":
                raise self._bad(f"a comma or {closing} is due here", position)
            position = self._skip(position + 1)

    def _key(self, position: int) -> tuple[str, int]:
        if self._text[position : position + 1] != '"':
            raise self._bad("a key in double quotes is due here", position)
        name, position = self._value(position)
        position = self._skip(position)
        if self._text[position : position + 1] != ":":
            raise self._bad("a colon is due here", position)
        return name, self._skip(position + 1)

    def _value(self, position: int) -> tuple[Any, int]:
        try:
            return self._decoder.raw_decode(self._text, position)
        except json.JSONDecodeError as error:
            raise self._bad(error.msg, error.pos) from error
        except RecursionError as error:
            raise BadJson("is not usable: it is nested too deeply", self._place(position)) from error

    def _object(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) != len(members):
            names = [name for name, _ in members]
            self._repeated = next(name for name in names if names.count(name) > 1)
        return found

    def _skip(self, position: int) -> int:
        space = _SPACE.match(self._text, position)
        return position if space is None else space.end()

    def _end(self, position: int) -> None:
        position = self._skip(position)
        if position != len(self._text):
            raise self._bad("nothing may follow", position)

    def _bad(self, message: str, position: int) -> BadJson:
        return BadJson(f"is not JSON: {message}", self._place(position))

    def _place(self, position: int) -> Place:
        """The place of a character, which is never before the last one that was asked for by much."""
        if position < self._counted:
            self._line, self._line_start, self._counted = 1, 0, 0
        lines = self._text.count("\n", self._counted, position)
        if lines:
            self._line += lines
            self._line_start = self._text.rindex("\n", self._counted, position) + 1
        self._counted = position
        return Place(self._file, self._line, position - self._line_start + 1)
