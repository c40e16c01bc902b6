"""What nothing of a table uses: mostly a name that was misspelt, or a part that was forgotten."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.routing.defaults import Entry
from bridge.routing.findings import Spot


def check_unused(
    sources: Mapping[str, Entry],
    generators: Mapping[str, Entry],
    lookups: Mapping[str, Entry],
    routes: Sequence[Entry],
    *,
    all_read: bool,
) -> None:
    """Note sources, generators and lookups that no route names, and fields of a contract that no route fills.

    By what the files say, so that a route with another mistake still counts. Where a name leads nowhere that is the
    mistake, and what it was meant for is not blamed. `all_read` says whether all routes could be read: what is wrong with
    one may be the lookup that it should use.
    """
    written = [raw for raw, _ in routes if isinstance(raw, dict)]
    _check_named("source", sources, [raw.get("source") for raw in written])
    _check_named("generator", generators, [raw.get("generator") for raw in written])
    if all_read:
        _check_named("lookup", lookups, list(_looked_up([[raw["topic_key"], raw["context"]] for raw in written])))
    for name, (raw, spot) in generators.items():
        contract = raw.get("context") if isinstance(raw, dict) else None
        contexts = [route.get("context") for route in written if route.get("generator") == name]
        if isinstance(contract, dict):
            _check_fields(name, contract, contexts, spot["context"])


def _check_named(kind: str, entries: Mapping[str, Entry], named: Sequence[Any]) -> None:
    if any(not isinstance(name, str) or name not in entries for name in named):
        return
    for name, (_, spot) in entries.items():
        if name not in named:
            spot.warning(f"no route uses {kind} {name}: refer to it, or remove it", key=True)


def _check_fields(name: str, contract: dict[str, Any], contexts: Sequence[Any], spot: Spot) -> None:
    filled: set[Any] = set()
    for context in contexts:
        if not isinstance(context, dict) or not context.keys() <= contract.keys():
            return
        filled |= context.keys()
    for field, given in contract.items():
        optional = isinstance(given, dict) and given.get("required") is False
        if optional and contexts and field not in filled:  # a required one is an error of each route
            spot[field].warning(
                f"no route fills {field} of generator {name}: fill it, or take it out of the contract", key=True
            )


def _looked_up(raw: Any) -> Iterator[str]:
    """The names of all lookups that a part of a route refers to."""
    if isinstance(raw, dict) and isinstance(raw.get("lookup"), str):
        yield raw["lookup"]
    inside = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ()
    for part in inside:
        yield from _looked_up(part)
