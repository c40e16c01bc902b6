"""Who writes triggers: intake, again and again and by changed tables, and a person who has some repeated."""

from msgspec import structs
from simulation.reading import Result, final, results_of
from simulation.world import BRAND, LIMITED, LONGEST_EXPIRY, World

from bridge.events import Source
from bridge.triggers import OnUnknown, Priority, Rejected, Repeats, Trigger, repetition_id, trigger_id

_LIMITED_EVERY = 4
_EXPIRIES = (4_000, 60_000, LONGEST_EXPIRY)
# After these ends a person may ask for another try (`bridge resend`, `bridge redrive`).
_AGAIN = frozenset({"unknown", "failed", "expired", "rejected"})
_PASSED_OVER = _AGAIN | {"superseded"}
# How often that is one which may have been called, if there is one: for these it is there.
_DOUBTED_FIRST = 0.7


def send(world: World) -> None:
    """Intake writes a trigger, or some at once; now and then one that was written before; now and then somebody else does."""
    dice = world.dice
    originals = [trigger for trigger in world.sent.values() if trigger.repeats is None]
    if originals and dice.random() < 0.2:
        world.publish(_redelivered(world, dice.choice(originals)))
    else:
        for _ in range(dice.choice([1, 1, 1, 1, 3])):
            world.publish(_new(world, len(world.sent)))
    if dice.random() < 0.05:
        dice.choice(world.broker.triggers).put(b"x", b"not a trigger")


def repeat(world: World) -> None:
    """A person looks at the results, and has one of the triggers repeated; often more than once, to be sure."""
    dice, results = world.dice, results_of(world)
    originals = (trigger for trigger in world.sent.values() if trigger.repeats is None and trigger.id in results)
    wanted = [trigger for trigger in originals if _may_repeat(_told(results, trigger.id))]
    if not wanted:
        return
    doubted = [trigger for trigger in wanted if _told(results, trigger.id)[-1] == "unknown"]
    original = dice.choice(doubted if doubted and dice.random() < _DOUBTED_FIRST else wanted)
    ended = [number for number in range(1, 20) if repetition_id(original.id, number) in results]
    number = 1 + len(ended)
    family = [repetition_id(original.id, earlier) for earlier in range(number)]
    doubtful = any(
        final(results[one])["outcome"] == "unknown" or final(results[one])["possible_duplicate"] for one in family
    )
    again = repetition_id(original.id, number)
    for _ in range(dice.choice([1, 1, 2, 3])):
        world.publish(
            structs.replace(
                original,
                id=again,
                repeats=Repeats(original.id, number, doubtful),
                context={"trigger": again},
                expires_at=world.clock.now() + dice.choice(_EXPIRIES),
                verdict=None,
            )
        )


def _told(results: dict[str, list[Result]], original: str) -> list[str]:
    """The outcomes of a trigger and of its repetitions, as far as they are told."""
    family = (repetition_id(original, number) for number in range(20))
    return [str(final(results[one])["outcome"]) for one in family if one in results]


def _may_repeat(told: list[str]) -> bool:
    return told[-1] in _AGAIN and set(told) <= _PASSED_OVER


def _redelivered(world: World, first: Trigger) -> Trigger:
    """The same event once more: by a table or with lookups that have changed meanwhile, decided by another clock."""
    dice = world.dice
    return structs.replace(
        first,
        topic_key=dice.choice([first.topic_key, "moved"]),
        event_generator_id=dice.choice([first.event_generator_id, "g2"]),
        priority=dice.choice(list(Priority)),
        expires_at=first.expires_at + dice.choice([0, 0, -3_000, 30_000]),
        table=dice.choice([first.table, "y"]),
        verdict=dice.choice([first.verdict, first.verdict, None, Rejected("worse")]),
    )


def _new(world: World, number: int) -> Trigger:
    now, dice = world.clock.now(), world.dice
    order_by = None if world.one_story else dice.choice([None, None, "a", "b"])
    # One value of supersede_by has one order, as `bridge check` sees to.
    story = "x" if world.one_story else dice.choice([None, None, None, None, "x", "x", "x", "y"])
    supersede_by = None if story is None else f"{order_by}/{story}"
    limited = supersede_by is None and number % _LIMITED_EVERY == 0
    route = LIMITED if limited else "r" if supersede_by is None else "updates"
    name = trigger_id(BRAND, route, "t", str(number))
    return Trigger(
        id=name,
        brand=BRAND,
        route=route,
        event_generator_id="g",
        topic_key="t",
        event_id=str(number),
        dedup_key=str(number),
        order_by=order_by,
        priority=dice.choice(list(Priority)),
        on_unknown=OnUnknown.RESEND if dice.random() < 0.2 else OnUnknown.PARK,
        context={"trigger": name},
        expires_at=now + dice.choice(_EXPIRIES),
        event_time=now,
        received=now,
        source=Source("s", 0, number),
        table="x",
        verdict=Rejected("bad") if dice.random() < 0.05 else None,
        supersede_by=supersede_by,
        limit=world.limit if limited else None,
    )
