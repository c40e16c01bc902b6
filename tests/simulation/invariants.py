"""What must hold at the end of every run."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
from simulation.auditing import Audits
from simulation.limits import wrong_limits
from simulation.reading import Result, final, ledgers_of, results_of
from simulation.superseding import beside_one_another, wrong_ends, wrong_order
from simulation.world import SKEW, World

from bridge.triggers import OnUnknown, Trigger

Lines = list[dict[str, Any]]
# Between the last check and the vendor lies no more than the way there.
_ON_THE_WAY = 500


def broken(world: World, *, gentle: bool) -> Iterator[str]:
    """The invariants that do not hold, in words. `gentle`: nothing happened that may leave anything unknown."""
    for error in world.failures:
        yield f"a replica failed: {error!r} {getattr(error, 'exceptions', '')}"
    results, ledgers = results_of(world), ledgers_of(world)
    executed = Counter(execution.trigger for execution in world.vendor.executions.values())
    tried, ends = _not_released(ledgers), _ends(ledgers)
    for trigger in world.sent.values():
        yield from _wrong_calls(world, trigger)
        records = results.get(trigger.id)
        if records is None:
            yield f"trigger {_name(trigger)}: no outcome"
            continue
        yield from _wrong_results(trigger, records, executed[trigger.id], len(world.published[trigger.id]))
        yield from wrong_ends(world, trigger, records)
        if (best := ends.get(trigger.id)) and final(records)["outcome"] != best:
            yield f"trigger {_name(trigger)}: {final(records)['outcome']}, though an execution of it is {best}"
        if final(records)["outcome"] == "unknown" and trigger.id not in tried:
            yield f"trigger {_name(trigger)}: unknown, though no call can have been left without an end"
        if gentle and any(record["outcome"] == "unknown" for record in records):
            yield f"trigger {_name(trigger)}: unknown, though nobody was killed and nothing failed"
    yield from wrong_order(world, ledgers)
    yield from _not_followed(world, ledgers, results)
    for lines in ledgers:
        yield from _wrong_repetitions(lines)
        yield from beside_one_another(lines)
    yield from wrong_limits(world, gentle=gentle)
    yield from (f"audit {alarm}" for alarm in Audits().of(world))


def _name(trigger: Trigger) -> str:
    return trigger.event_id if trigger.repeats is None else f"{trigger.event_id}, repetition {trigger.repeats.number}"


def _not_released(ledgers: list[Lines]) -> set[str]:
    """Triggers with an attempt of which the ledger does not say that it certainly had no effect."""
    released = {line["attempt"]["nonce"] for lines in ledgers for line in lines if line["kind"] == "released"}
    intents = (line for lines in ledgers for line in lines if line["kind"] == "intent")
    return {line["id"] for line in intents if line["attempt"]["nonce"] not in released}


def _ends(ledgers: list[Lines]) -> dict[str, str]:
    """By trigger, how the best of its executions ended, by the ledger."""
    ended = [line for lines in ledgers for line in lines if line["kind"] == "ended"]
    failed = {line["id"]: "failed" for line in ended if line["outcome"] == "failed"}
    return failed | {line["id"]: "published" for line in ended if line["outcome"] == "published"}


def _wrong_calls(world: World, trigger: Trigger) -> Iterator[str]:
    name = _name(trigger)
    effective = world.vendor.calls[trigger.id] - world.vendor.harmless[trigger.id]
    if trigger.on_unknown is OnUnknown.PARK and effective > 1:
        yield f"trigger {name}: called {effective} times"
    if trigger.verdict is not None and world.vendor.calls[trigger.id]:
        yield f"trigger {name}: rejected, and called"
    latest = max(each.expires_at for each in world.published[trigger.id]) + SKEW + _ON_THE_WAY
    if world.vendor.left.get(trigger.id, 0.0) * 1000 > latest:
        yield f"trigger {name}: called after it expired"


def _wrong_results(trigger: Trigger, records: list[Result], executed: int, copies: int) -> Iterator[str]:
    name = _name(trigger)
    by_result = {record["result_id"] for record in records}
    if len(by_result) != len({record["revision"] for record in records}):
        yield f"trigger {name}: result ids and revisions disagree"
    # With several attempts, two owners may tell the same outcome of different ones.
    one_attempt = all(record["attempts"] == 1 for record in records)
    if one_attempt and len({_lasting(record) for record in records}) != len(by_result):
        yield f"trigger {name}: a result was repeated with other content: {records}"
    best = final(records)
    outcome = best["outcome"]
    if outcome in {"published", "failed"} and not executed:
        yield f"trigger {name}: {outcome}, and no execution"
    # One that comes again when it is forgotten is told to have expired, in a result that counts less than the first.
    without_a_call = {"expired", "rejected", "superseded"}
    for record in records if copies == 1 else [best]:
        if record["outcome"] in without_a_call and executed and not record["possible_duplicate"]:
            yield f"trigger {name}: {record['outcome']}, and executed"
    if outcome in {"unresolved", "lost"}:
        yield f"trigger {name}: {outcome}, though the vendor tells"


def _lasting(record: Result) -> bytes:
    """What must be the same in every repetition: all but the moment at which an execution was seen to have ended."""
    if record["execution_id"] is not None:
        record = {**record, "times": {**record["times"], "ended": None}}
    return orjson.dumps(record)


def _not_followed(world: World, ledgers: list[Lines], results: dict[str, list[Result]]) -> Iterator[str]:
    told = {record["execution_id"] for records in results.values() for record in records}
    accepted = {line["execution_id"] for lines in ledgers for line in lines if line["kind"] == "accepted"}
    for execution, replica in world.vendor.heard.items():
        if execution not in accepted and not world.replicas[replica].killed:
            yield f"execution {execution}: {replica} heard of it, was not killed, and did not write it down"
    for execution in sorted((told | accepted) - {None} - world.vendor.polled_to_the_end):
        yield f"execution {execution} was not followed to its end"
    ended = {line["execution_id"] for lines in ledgers for line in lines if line["kind"] == "ended"}
    for execution in sorted(accepted - ended):
        yield f"execution {execution} was accepted, and the ledger does not say how it ended"


def _wrong_repetitions(lines: Lines) -> Iterator[str]:
    """No attempt of a trigger may begin when the ledger says already that it is repeated, nor one of a repetition while what
    it repeats is being called or was accepted; and it says so where that is not known.
    """
    without_a_call = {line["attempt"]["nonce"] for line in lines if line["kind"] == "released"} | _void(lines)
    family: dict[str, dict[int, dict[str, str]]] = {}  # original -> number -> nonce -> what is known best
    for line in lines:
        if "attempt" not in line:
            continue
        repeats = line["about"]["repeats"]
        original, number = (line["id"], 0) if repeats is None else (repeats["trigger"], repeats["number"])
        members = family.setdefault(original, {})
        nonce = line["attempt"]["nonce"]
        if line["kind"] == "intent" and nonce not in without_a_call:
            yield from _wrong_attempt(members, number, line)
        attempts = members.setdefault(number, {})
        if line["kind"] != "unknown" or attempts.get(nonce) == "intent":  # a fact counts more, also an earlier one
            attempts[nonce] = line["outcome"] if line["kind"] == "ended" else line["kind"]


def _void(lines: Lines) -> set[str]:
    """Attempts whose intent lies behind a newer claim, as where its append took long, and of which nothing tells a call."""
    claim, void, called = -1, set[str](), set[str]()
    for offset, line in enumerate(lines):
        if line["kind"] == "claim":
            claim = offset
        elif line["kind"] == "intent" and line["claim"] < claim:
            void.add(line["attempt"]["nonce"])
        elif line["kind"] in {"accepted", "refused", "ended"}:
            called.add(line["attempt"]["nonce"])
    return void - called


def _wrong_attempt(members: dict[int, dict[str, str]], number: int, line: dict[str, Any]) -> Iterator[str]:
    name = f"repetition {number} of event {line['about']['event_id']}"
    if later := [other for other in members if other > number]:
        yield f"{name}: called although it was repeated ({later})"
    before = [kind for other, attempts in members.items() if other < number for kind in attempts.values()]
    if {"accepted", "published"} & set(before):
        yield f"{name}: called although what it repeats was accepted"
    if "unknown" in before and not line["attempt"]["possible_duplicate"]:
        yield f"{name}: called after an unknown one, and does not say so"
