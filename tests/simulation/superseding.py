"""What must hold of triggers that replace one another by `supersede_by`: by the vendor's own log, and the triggers topic."""

from collections.abc import Iterator
from typing import Any

from msgspec import convert
from simulation.reading import Result, final
from simulation.world import World

from bridge.ledger.records import About
from bridge.ledger.rivals import Key, key_of
from bridge.triggers import Trigger

# Between its reading a newer one and the last call of an older one that was under way: a call ends in 3 s, an append in 10 s.
_UNDER_WAY = 30.0


def wrong_order(world: World, ledgers: list[list[dict[str, Any]]]) -> Iterator[str]:
    """Calls of an older trigger after one of a newer one, or long after a newer one was read."""
    places, parked = _places(world), _parked(world, ledgers)
    newest: dict[Key, str] = {}
    for call in world.vendor.log:
        key = key_of(world.sent[call.trigger])
        if key is None:
            continue
        key = (*key[:2], call.topic_key, key[3])
        before = newest.setdefault(key, call.trigger)
        if places[call.trigger] < places[before]:
            yield f"trigger {_name(world, call.trigger)}: called after {_name(world, before)}, which is newer"
        else:
            newest[key] = call.trigger
        for other, at in parked.get(key, ()):
            if places[call.trigger] < places[other] and at + _UNDER_WAY < call.at:
                yield f"trigger {_name(world, call.trigger)}: called long after {_name(world, other)} was read"


def beside_one_another(lines: list[dict[str, Any]]) -> Iterator[str]:
    """Attempts of a newer trigger that began before the ledger had an end of one of an older trigger."""
    claim, under_way, ended = -1, dict[Key, dict[str, About]](), set[str]()
    for offset, line in enumerate(lines):
        claim = offset if line["kind"] == "claim" else claim
        if "attempt" not in line or line.get("claim", claim) < claim:
            continue
        about = convert(line["about"], About)
        key, nonce = key_of(about), line["attempt"]["nonce"]
        if key is None:
            continue
        attempts = under_way.setdefault(key, {})
        if line["kind"] != "intent":
            attempts.pop(nonce, None)
            ended.add(nonce)
            continue
        for older in attempts.values():
            if older.offset < about.offset:
                yield f"trigger {about.event_id}: an attempt began while {older.event_id}, which is older, was being called"
        if nonce not in ended:  # one whose append took long is released before it is there
            attempts[nonce] = about


def wrong_ends(world: World, trigger: Trigger, records: list[Result]) -> Iterator[str]:
    """A trigger that was superseded without one in whose place it was, or that was called all the same."""
    best = final(records)
    if best["outcome"] != "superseded":
        return
    name = _name(world, trigger.id)
    called = world.vendor.calls[trigger.id] - world.vendor.harmless[trigger.id]
    if called and not best["possible_duplicate"]:
        yield f"trigger {name}: superseded, and called"
    original = trigger.id if trigger.repeats is None else trigger.repeats.trigger
    family = [one for one in world.sent.values() if one.repeats is not None and one.repeats.trigger == original]
    if not family and not _newer(world, trigger):
        yield f"trigger {name}: superseded, and by whom?"


def _newer(world: World, trigger: Trigger) -> list[str]:
    """Those of its key that came later, and may be called."""
    key, places = key_of(trigger), _places(world)
    if key is None:
        return []
    return [
        other
        for other, copies in world.published.items()
        if places[other] > places[trigger.id] and any(_replaces(copy, key) for copy in copies)
    ]


def _replaces(copy: Trigger, key: Key) -> bool:
    theirs = key_of(copy)
    # The topic key of a copy may be another: lookups change meanwhile.
    return theirs is not None and copy.verdict is None and (*theirs[:2], theirs[3]) == (*key[:2], key[3])


def _places(world: World) -> dict[str, int]:
    """By trigger, where it lies first in its partition."""
    places: dict[str, int] = {}
    for log in world.broker.triggers:
        for raw in log.records:
            places.setdefault((raw.key or b"").decode(), raw.offset)
    return places


def _parked(world: World, ledgers: list[list[dict[str, Any]]]) -> dict[Key, list[tuple[str, float]]]:
    """By key, triggers that were read before a moment (loop time), because they were parked then, and could be called yet for
    long after.
    """
    found: dict[Key, list[tuple[str, float]]] = {}
    for lines, log in zip(ledgers, world.broker.ledger, strict=True):
        claim = -1
        for line, raw in zip(lines, log.records, strict=True):
            if line["kind"] == "claim":
                claim = raw.offset
            if line["kind"] != "parked" or line["claim"] < claim:
                continue
            key = key_of(world.sent[line["id"]])
            if key is not None:
                key = (*key[:2], line["trigger"]["topic_key"], key[3])
                found.setdefault(key, []).append((line["id"], raw.timestamp / 1000))
    return found


def _name(world: World, trigger: str) -> str:
    return world.sent[trigger].event_id
