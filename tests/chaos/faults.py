"""How each fault happens. When one returns, whatever it took away is there again, or on its way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chaos.brokers import Brokers
from chaos.fleet import Fleet
from chaos.plan import Kind, Planned
from chaos.vendor import Vendor
from waiting import eventually

_FREEZE_SESSIONS = 1.5
_AWAY = (0.5, 3.5)  # seconds that a broker stays away: at least, and on top
_OUTAGE = 4.0
_CUTS = 3
_GLITCH = 0.05
_SPENT_WITHIN = 20.0


@dataclass(slots=True)
class Scene:
    """What faults happen to. `topics` are the service's; `session_timeout` is seconds."""

    fleet: Fleet
    brokers: Brokers
    vendor: Vendor
    ledger: str
    partitions: int
    topics: tuple[str, ...]
    session_timeout: float


@dataclass(frozen=True, slots=True)
class Hit:
    """What a fault did, in words, and to which replica (by its name in claims)."""

    detail: str
    victim: str | None = None


async def happen(planned: Planned, scene: Scene) -> Hit:
    """Let the fault happen."""
    return await _WAYS[planned.kind](planned, scene)


async def _kill(planned: Planned, scene: Scene) -> Hit:
    """Its successor starts at once, or up to a session timeout later: it must wait for the dead one's session either way."""
    victim = scene.fleet.pick(planned.victim)
    name = scene.fleet.name_of(victim)
    scene.fleet.dismiss(victim)
    victim.kill()
    await victim.ended()
    pause = 0.0 if planned.way < 0.5 else planned.wait * scene.session_timeout
    await asyncio.sleep(pause)
    successor = scene.fleet.launch()
    return Hit(f"{victim.name}, {successor.name} after {pause:.1f} s", name)


async def _term(planned: Planned, scene: Scene) -> Hit:
    """Its successor starts beforehand, as in a rolling deployment, or when it has ended."""
    victim = scene.fleet.pick(planned.victim)
    name, surge = scene.fleet.name_of(victim), planned.way < 0.5
    if surge:
        scene.fleet.launch()
    await scene.fleet.terminate(victim)
    if not surge:
        scene.fleet.launch()
    return Hit(f"{victim.name}, {'while' if surge else 'before'} another starts", name)


async def _freeze(planned: Planned, scene: Scene) -> Hit:
    victim = scene.fleet.pick(planned.victim)
    seconds = _FREEZE_SESSIONS * scene.session_timeout
    victim.freeze()
    try:
        await asyncio.sleep(seconds)
    finally:
        victim.thaw()
    return Hit(f"{victim.name} for {seconds:g} s", scene.fleet.name_of(victim))


async def _broker(planned: Planned, scene: Scene) -> Hit:
    node = scene.brokers.nodes[int(planned.victim * len(scene.brokers.nodes))]
    kill = planned.way < 0.5
    return await _away(scene, node, planned, kill=kill)


async def _leader(planned: Planned, scene: Scene) -> Hit:
    partition = int(planned.victim * scene.partitions)
    node = await scene.brokers.leader_of(scene.ledger, partition)
    hit = await _away(scene, node, planned, kill=True)
    return Hit(f"{hit.detail}, which led ledger partition {partition}")


async def _rolling(_planned: Planned, scene: Scene) -> Hit:
    for node in scene.brokers.nodes:
        await scene.brokers.down(node, kill=False)
        await scene.brokers.up(node)
        await scene.brokers.settled(scene.topics)
    return Hit(f"brokers {', '.join(map(str, scene.brokers.nodes))}")


async def _away(scene: Scene, node: int, planned: Planned, *, kill: bool) -> Hit:
    least, more = _AWAY
    seconds = least + more * planned.wait
    await scene.brokers.down(node, kill=kill)
    await asyncio.sleep(seconds)
    await scene.brokers.up(node)
    await scene.brokers.settled(scene.topics)
    return Hit(f"broker {node} {'killed' if kill else 'halted'} for {seconds:.1f} s")


async def _outage(planned: Planned, scene: Scene) -> Hit:
    """`made`: the execution exists, although the client never learns of it. That is the case that calls people twice."""
    ways: list[tuple[str, list[dict[str, Any]]]] = [
        ("refuses connections", []),
        ("answers 500", [{"kind": "status", "on": "any", "count": "forever", "probability": 0.5, "made": True}]),
        ("hangs", [{"kind": "hang", "on": "any", "count": "forever", "probability": 0.5, "made": True}]),
    ]
    way, faults = ways[int(planned.way * len(ways))]
    if not faults:
        await scene.vendor.go_away(_OUTAGE)
        await asyncio.sleep(_OUTAGE)
    else:
        # Half of them are carried out, the other half not.
        rest = [{name: value for name, value in one.items() if name not in {"probability", "made"}} for one in faults]
        await scene.vendor.add_faults(*faults, *rest)
        await asyncio.sleep(_OUTAGE)
        await scene.vendor.clear_faults()
    return Hit(f"the vendor {way} for {_OUTAGE:g} s")


async def _cut(_planned: Planned, scene: Scene) -> Hit:
    """Resets and hang-ups before a run is read, after it was read, and after it was carried out; then all at once."""
    await scene.vendor.add_faults(
        {"kind": "reset", "unread": True, "count": _CUTS},
        {"kind": "reset", "made": False, "count": _CUTS},
        {"kind": "reset", "made": True, "count": _CUTS},
        {"kind": "close", "made": True, "count": _CUTS},
    )

    async def spent() -> bool:
        return await scene.vendor.faults_left() == 0

    try:
        await eventually(spent, within=_SPENT_WITHIN, every=0.2)
    finally:
        await scene.vendor.clear_faults()
    await scene.vendor.go_away(_GLITCH)
    await asyncio.sleep(_GLITCH)
    return Hit(f"{4 * _CUTS} runs, then every connection")


_WAYS: Mapping[Kind, Callable[[Planned, Scene], Awaitable[Hit]]] = {
    Kind.KILL: _kill,
    Kind.TERM: _term,
    Kind.FREEZE: _freeze,
    Kind.BROKER: _broker,
    Kind.LEADER: _leader,
    Kind.ROLLING: _rolling,
    Kind.OUTAGE: _outage,
    Kind.CUT: _cut,
}
