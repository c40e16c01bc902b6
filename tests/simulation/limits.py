"""A route's own limit, held against what reached the vendor."""

from collections import defaultdict
from collections.abc import Iterator

from simulation.world import LIMIT, LIMITED, PARTITIONS, SKEW, World

from bridge.holds.model import Hold, Reason
from bridge.triggers import Trigger, partition_of

# An attempt counts from its intent, by its owner's clock or the broker's; its request may arrive seconds after that.
_ARRIVES_LATER = 7_000
_SURELY_WITHIN = (LIMIT.per - 2 * SKEW - _ARRIVES_LATER) / 1000
# So long a trigger of a calm run waits at most, for slots, for those before it, and for a person who holds all twice.
_CALLED_WITHIN = 120_000


def wrong_limits(world: World, *, gentle: bool) -> Iterator[str]:
    """More calls within the limit's time than it allows, in a partition; or nothing that holds the route though more came."""
    if world.limit != LIMIT:
        return  # shorter than what clocks and the way to the vendor leave uncertain
    times = defaultdict(list)
    for at, trigger in world.vendor.effective:
        if world.sent[trigger].route == LIMITED:
            times[_partition(world.sent[trigger])].append(at)
    for number, every in times.items():
        for first, at in zip(every, every[LIMIT.max_calls :], strict=False):
            if at - first < _SURELY_WITHIN:
                yield f"partition {number}: more than {LIMIT.max_calls} calls of a limited route in {at - first:.0f} s"
    if gentle and _flooded(world) and not _held(world):
        yield "nothing holds a route of which more came than its limit allows"


def _partition(trigger: Trigger) -> int:
    return partition_of(trigger.order_by, trigger.dedup_key, PARTITIONS)


def _flooded(world: World) -> bool:
    """Whether one partition certainly had more to call than the limit, at once."""
    counts = [0] * PARTITIONS
    for trigger in world.sent.values():
        sent = world.published[trigger.id]
        certain = all(one.verdict is None and one.expires_at - one.received > _CALLED_WITHIN for one in sent)
        if trigger.route == LIMITED and trigger.repeats is None and certain:
            counts[_partition(trigger)] += 1
    return max(counts) > LIMIT.max_calls


def _held(world: World) -> bool:
    told = [value for key, value in world.broker.control if key == f"hold/route/{LIMITED}" and value is not None]
    return Reason.LIMIT in {Hold.decode(value).reason for value in told}
