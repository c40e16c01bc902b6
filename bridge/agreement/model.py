"""What the document says, before it is a page: plain values, in words where a person reads them."""

from dataclasses import asdict, dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the context. `rules` is what the agreed schema asks beyond the type, in words."""

    name: str
    type: str
    required: bool
    description: str
    rules: str


@dataclass(frozen=True, slots=True)
class Example:
    """A body of the call. `origin` names the test that it comes from; None: made up from the types."""

    body: dict[str, Any]
    origin: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a lookup."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class TopicKey:
    """Whom a campaign is for: a text, or with `lookup` the entry under it. `entries` are the first few of `count`, and
    empty where an earlier topic key of the route shows them. `written` is the file of the lookup as the table names it,
    or when it is `live` the Kafka topic: then it changes while the service runs.
    """

    text: str
    fixed: bool
    lookup: str | None = None
    written: str = ""
    live: bool = False
    count: int = 0
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Filling:
    """Where a field comes from, as the table writes it."""

    field: str
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One thing that is agreed about a route, in words."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Cause:
    """A route: the events that cause a campaign. `match` and `when` are exactly as the table has them."""

    route: str
    description: str
    mode: str
    topic: str
    words: str
    match: tuple[str, ...]
    when: str | None
    topic_keys: tuple[TopicKey, ...]
    fillings: tuple[Filling, ...]
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class GeneratorPage:
    """One Event Generator. `schema_file` is the agreed JSON Schema file, where the contract is one; `context_schema` the
    contract as JSON Schema in any case.
    """

    name: str
    title: str
    brand: str
    id: str
    fields: tuple[Field, ...]
    schema_file: str | None
    context_schema: dict[str, Any]
    example: Example
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an outcome means, and what to do about it."""

    outcome: str
    words: str
    then: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The whole document. `table` is the hash of the routing table."""

    table: str
    generators: tuple[GeneratorPage, ...]
    outcomes: tuple[Meaning, ...]

    def as_json(self) -> str:
        """For programs: the same, as JSON."""
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        return orjson.dumps({"version": 1, **asdict(self)}, option=options).decode()
