"""A file that was read: plain data, and the place of each part of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.configfile.problems import Path_, Place


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a file. `size` counts it and all that it holds, each repeated alias anew."""

    value: Any
    place: Place
    children: Mapping[str | int, "Node"] = field(default_factory=dict)
    keys: Mapping[str | int, Place] = field(default_factory=dict)
    size: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """`data` holds dict, list, str, int, float, bool and None only; keys are texts. `secrets` are the files that its texts refer
    to, as in `${file:/path}`.
    """

    file: str
    root: Node
    secrets: frozenset[Path] = frozenset()

    @property
    def data(self) -> Any:
        """The whole file as plain data; None when it is empty."""
        return self.root.value

    def place(self, path: Path_, *, key: bool = False) -> Place:
        """Where the value at `path` begins, or with `key` its key (in a list, the item).

        Parts of the path that the file does not have are passed over; when the last is one of them, the answer is the
        key of the nearest part that it does have, so a missing setting is shown at the mapping that lacks it.
        """
        node, key_place = self.root, self.root.place
        found = True
        for part in path:
            child = node.children.get(part)
            found = child is not None
            if child is not None:
                key_place = node.keys.get(part, child.place)
                node = child
        return key_place if key or not found else node.place


def without_places(data: Any, file: str = "") -> Document:
    """A document of data whose places are not known. Without a name of a file, its problems have no place at all."""
    return Document(file, Node(data, Place(file, 1, 1)))
