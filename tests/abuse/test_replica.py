"""A replica, `bridge run`, that meets all kinds of hostile records at once and goes on."""

import orjson
from abuse.test_batches import bomb
from abuse.test_events import NASTY
from service.conftest import Services
from service.replica import Replica
from service.story import event, events

MUCH = "x" * 1_000_000


async def series(replica: Replica) -> int:
    _, text = await replica.get("metrics")
    return sum(not line.startswith("#") for line in text.splitlines())


async def test_a_replica_that_meets_hostile_records_in_all_its_topics_calls_for_the_good_ones_alone(
    services: Services,
) -> None:
    settings = {"max.message.bytes": "6000000", "message.timestamp.after.max.ms": str(2**63 - 1)}
    async with services(source_settings=settings) as service:
        replica = await service.start("a")
        await service.publish(*events(range(5)))
        await service.is_done(5)
        before = await series(replica)
        await service.write(f"{service.name}.control", b"limit/route/goal-acme", b"9" * 5_000)
        await service.write(f"{service.name}.control", b"operator/route/\x1b[2J", b"garbage")
        await service.write(f"{service.name}.triggers", b"x" * 32, b"[1]")
        good = (await service.account()).triggers[0]
        await service.write(f"{service.name}.triggers", b"y" * 32, orjson.dumps(good | {"expires_at": "soon"}))
        await bomb(service.kafka, service.source, "zstd")
        hostile = [
            event(100, id=NASTY),
            event(101, id=MUCH),
            event(102, team={"id": MUCH, "name": "x"}),
            event(103, team={"id": "GER", "name": NASTY}),
            event(104, occurred_at="9999-12-31T23:59:60Z"),
            event(105, **{f"field-{number}": NASTY for number in range(10_000)}),
            event(106, team={"id": NASTY, "name": "x"}),
        ]
        await service.publish_records(
            *({"value": orjson.dumps(one)} for one in hostile),
            {
                "value": orjson.dumps(event(107)),
                "headers": [(f"h{number}\r\n", b"\xff" * 9) for number in range(20_000)],
            },
            {"value": orjson.dumps(event(108)), "timestamp_ms": 2**62},
        )
        await service.publish(*events(range(200, 210)))
        # 103, 105, 107, 108 and the one with an odd id are called: what they hold is odd, and no harm.
        await service.is_done(5 + 8 + 10)
        final = {result["event_id"]: result["outcome"] for result in (await service.account()).final.values()}
        assert {final[f"e{number}"] for number in (*range(5), 103, 105, 107, 108, *range(200, 210))} == {"published"}
        assert (final["e102"], final["e104"], final["e106"]) == ("rejected", "rejected", "unmapped")
        assert final[NASTY] == "published"
        letters = [dict(letter.headers)["bridge-reason"].decode() for letter in (await service.account()).dead_letters]
        assert sorted(letter[:29] for letter in letters) == [
            "no event id: id is longer tha",
            "the compressed batch of the o",
        ]
        # What is new: decisions, outcomes and ends that are closed sets, and the hold that somebody wrote.
        assert await series(replica) - before < 60
        log = replica.output
        assert all(len(line) < 20_000 for line in log.splitlines())
        assert not any(letter in log for letter in "\x1b\x07\x00")
        assert replica.exit_code is None
