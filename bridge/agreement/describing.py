"""From a routing table to what the document says."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, assert_never

import orjson

from bridge.agreement.conditions import match_as_written, match_in_words, when_in_words
from bridge.agreement.examples import Test, example_of
from bridge.agreement.jsonschema import as_json_schema
from bridge.agreement.model import Agreement, Cause, Entry, Field, Filling, GeneratorPage, TopicKey
from bridge.agreement.words import OUTCOMES, policies_of
from bridge.routing import Generator, Route, SourceConfig, Table
from bridge.routing.contract import ContractField
from bridge.routing.expressions import Expression
from bridge.routing.templates import Template
from bridge.routing.values import Constant, Items, LookedUp, Members, Value
from bridge.routing.written import WrittenNumber, WrittenTime

_FEW = 5
"""Entries of a lookup that are shown."""


def agreement_of(table: Table, tests: Iterable[Test] = ()) -> Agreement:
    """The document of a table. `tests` are those beside its routes: example payloads come from them."""
    listed = list(tests)
    return Agreement(
        table.hash,
        tuple(_page(generator, table, listed) for generator in table.generators.values()),
        OUTCOMES,
    )


def _page(generator: Generator, table: Table, tests: list[Test]) -> GeneratorPage:
    routes = [route for route in table.routes.values() if route.generator.name == generator.name]
    agreed = generator.contract.agreed
    return GeneratorPage(
        name=generator.name,
        title=generator.title or generator.name,
        brand=generator.brand,
        id=generator.id,
        fields=tuple(_fields(generator.contract.fields)),
        schema_file=None if agreed is None else agreed.written,
        context_schema=as_json_schema(generator.contract),
        example=example_of(generator, routes, table, tests),
        causes=tuple(_cause(route, table.sources[route.source]) for route in routes),
    )


def _fields(fields: Mapping[str, ContractField], inside: str = "") -> Iterator[Field]:
    """The fields; below an object or a list of them, what lies inside, as `items[].name`."""
    for name, one in fields.items():
        path = f"{inside}{name}"
        yield Field(path, _type(one), one.required, one.description, one.rules)
        parts, item = path, one
        while item.of is not None:
            parts, item = f"{parts}[]", item.of
        if item.fields is not None:
            yield from _fields(item.fields, f"{parts}.")


def _type(field: ContractField) -> str:
    return f"list of {_type(field.of)}" if field.of is not None else field.type.value


def _cause(route: Route, source: SourceConfig) -> Cause:
    when = None if route.when is None else route.when.source.strip()
    return Cause(
        route=route.name,
        description=route.description,
        mode=route.mode,
        topic=source.topic,
        words=_sentence(route, source),
        match=tuple(match_as_written(condition) for condition in route.conditions),
        when=when,
        topic_keys=tuple(_topic_keys(route)),
        fillings=tuple(_filling(name, value) for name, value in route.context.items()),
        policies=policies_of(route, source),
    )


def _sentence(route: Route, source: SourceConfig) -> str:
    conditions = [match_in_words(condition) for condition in route.conditions]
    if route.when is not None:
        said = when_in_words(route.when.source)
        conditions.append("the condition below holds" if said is None else said)
    return f"Every event on {source.topic}{' for which ' + ', and '.join(conditions) if conditions else ''}."


def _topic_keys(route: Route) -> Iterator[TopicKey]:
    """Whom the route is for; the entries of each lookup once."""
    shown: set[str] = set()
    for key in route.topic_keys:
        if isinstance(key, Template):
            fixed = not key.paths
            yield TopicKey("".join(map(str, key.parts)) if fixed else str(key), fixed)
            continue
        lookup = key.lookup
        few = [] if lookup.name in shown else list(lookup.entries.items())[:_FEW]
        shown.add(lookup.name)
        entries = tuple(Entry(name, _plain(value)) for name, value in few)
        live = lookup.origin is not None
        yield TopicKey(str(key.key), False, lookup.name, lookup.written, live, len(lookup.entries), entries)


def _filling(name: str, value: Value) -> Filling:
    match value:
        case Template():
            return Filling(name, "event" if value.sole is not None else "text", str(value))
        case Expression():
            return Filling(name, "computed", value.source.strip())
        case Constant():
            return Filling(name, "always", _plain(value.constant))
        case LookedUp():
            return Filling(name, "lookup", f"{value.lookup.name}[{value.key}]")
        case WrittenTime() | WrittenNumber():
            return _written(name, value)
        case Members() | Items():
            return Filling(name, "made of", ", ".join(_inside(value)))
        case _:
            assert_never(value)


def _written(name: str, value: WrittenTime | WrittenNumber) -> Filling:
    source = value.source.source.strip() if isinstance(value.source, Expression) else str(value.source)
    if isinstance(value, WrittenTime):
        return Filling(name, "time", f"{source} as {value.pattern.pattern} in {value.zone.key}, {value.locale}")
    kind = f"amount in {value.currency}" if value.currency else "number"
    return Filling(name, kind, f"{source} with {value.decimals} decimals, {value.locale}")


def _inside(value: Members | Items) -> Iterator[str]:
    parts = (
        value.members.items()
        if isinstance(value, Members)
        else ((str(index), item) for index, item in enumerate(value.items, 1))
    )
    for name, part in parts:
        yield f"{name}: {_filling(name, part).source}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
