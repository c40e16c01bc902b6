"""The files that `bridge init` writes: a routing table that works, and what is needed to try it."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bridge.errors import BridgeError

FILES = {
    "bridge.yaml": "settings: Kafka, the vendor, keys",
    "routes.yaml": "the routing table, with tests",
    "lookups/creators.csv": "topic keys by creator",
    "events.jsonl": "sample events, one a line",
    "publish.py": "puts them onto their Kafka topic",
}
"""What is written, in this order, and what each file is."""


class AlreadyThere(BridgeError):
    """Files that would have been overwritten: `names`, as in FILES. Nothing was written."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self.names = names
        super().__init__(
            f"{folder} holds {', '.join(names)} already, and nothing is overwritten: choose another folder"
        )


def begin(folder: Path) -> None:
    """Write the files into `folder`, which is made when it is not there. Raises AlreadyThere, and OSError when it can't."""
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise AlreadyThere(folder, there)
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content_of(name))


def content_of(name: str) -> bytes:
    """What is written into the file of this name."""
    found: Traversable = files("bridge.beginning").joinpath("files", *name.split("/"))
    return found.read_bytes()
