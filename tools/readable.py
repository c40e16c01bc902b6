"""YAML that a person can read."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString


def as_yaml(document: Any) -> str:
    """The document's text: no line is broken but where the value has several, which become a block."""
    text = io.StringIO()
    yaml = YAML()
    yaml.width = 10_000
    yaml.representer.ignore_aliases = lambda _: True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(_readable(document), text)
    return text.getvalue()


def _readable(node: Any) -> Any:
    match node:
        case dict():
            return {name: _readable(value) for name, value in node.items()}
        case list():
            return [_readable(value) for value in node]
        case str() if "\n" in node:
            return LiteralScalarString(node)
        case _:
            return node
