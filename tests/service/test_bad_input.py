"""Whatever lies in a source topic: nothing stops, each record ends somewhere with a reason, and the counts add up."""

from collections import Counter
from typing import Any

import orjson
from kafka.cluster import read_topic
from service.conftest import Services
from service.replica import Replica
from service.story import event, events

_BIG = 5_000_000
# By its reason: what is no event at all.
NO_EVENT: dict[bytes | None, str] = {
    b'{"id": "e1"': "not JSON in UTF-8",
    b'{"id": "M\xfcller"}': "not JSON in UTF-8",
    orjson.dumps(event(0)).decode().encode("utf-16"): "not JSON in UTF-8",
    b"": "empty",
    None: "no value",
    b"[1, 2]": "a list, not a JSON object",
    b'{"a":' * 500 + b"1" + b"}" * 500: "nested deeper",
    b"\x00" * _BIG: "not JSON in UTF-8",
    orjson.dumps(event(0, id=None)): "no event id",
    orjson.dumps(event(0, id={"nested": True})): "no event id",
}
# By its reason: what must not be called.
NO_CALL: list[tuple[dict[str, Any], str, str]] = [
    (event(100, minute=None), "rejected", "minute"),
    (event(101, minute="90+3"), "rejected", "minute"),
    (event(102, minute=True), "rejected", "minute"),
    (event(103, team=[]), "rejected", "team"),
    (event(104, team={"id": None, "name": "x"}), "rejected", "topic_key"),
    (event(105, team={"id": "GER", "name": "x" * _BIG}), "rejected", "at most 1048588"),
    (event(106, occurred_at="yesterday"), "rejected", "event_time"),
    (event(107, occurred_at="2099-01-01T00:00:00Z"), "rejected", "event_time"),
    (event(108, team={"id": "CRC", "name": "Costa Rica"}), "unmapped", "CRC"),
    (event(109, occurred_at="2001-01-01T00:00:00Z"), "expired", "expires_after"),
]
GOOD = [*events(range(200, 230)), event(230, note="x" * _BIG)]  # only named fields leave
UNWANTED = events(range(300, 310), type="corner")
SHADOW = events(range(400, 405), type="whistle")


async def decided(replica: Replica) -> Counter[str]:
    return await replica.counted("bridge_events_total", "decision")


async def test_bad_input_stops_nothing_and_each_record_is_accounted_for_with_its_reason(services: Services) -> None:
    no_calls = [one for one, _, _ in NO_CALL]
    # They were made when the tests were collected, and may be too old by now.
    good, unwanted, shadow = (
        [one | {"occurred_at": event(0)["occurred_at"]} for one in some] for some in (GOOD, UNWANTED, SHADOW)
    )
    async with services(source_settings={"max.message.bytes": "6000000"}) as service:
        await service.publish_records(
            *({"value": value, "key": b"\xffkey", "headers": [("trace", b"\xff")]} for value in NO_EVENT),
            *({"value": orjson.dumps(one), "key": None} for one in [*no_calls, *good, *unwanted, *shadow]),
        )
        replica = await service.start("a")
        await service.is_done(len(NO_CALL) + len(GOOD))
        account = await service.account()
        account.check()

        reasons = {letter.value: dict(letter.headers)["bridge-reason"].decode() for letter in account.dead_letters}
        assert {value: reason for value, reason in reasons.items() if NO_EVENT[value] not in reason} == {}
        assert len(account.dead_letters) == len(NO_EVENT)
        final = {result["event_id"]: result for result in account.final.values()}
        for one, outcome, reason in NO_CALL:
            result = final[one["id"]]
            assert (result["outcome"], result["attempts"]) == (outcome, 0)
            assert reason in result["reason"]
            assert len(result["reason"]) < 500
        assert {execution.context["event"] for execution in account.executions} == {one["id"] for one in GOOD}

        # Counted three times: the records of Kafka, what was published, and the service's own metrics.
        read = len(await read_topic(service.kafka, service.source))
        nothing = len(UNWANTED) + len(SHADOW)
        assert read == len(account.dead_letters) + len(account.triggers) + nothing
        assert await decided(replica) == {
            "dead_letter": len(NO_EVENT),
            "trigger": len(GOOD) + 1,  # one that is expired by the time it would be called
            "rejected": 8,
            "unmapped": 1,
            "none": len(UNWANTED),
            "shadow": len(SHADOW),
        }
        assert await replica.counted("bridge_triggers_total", "outcome") == account.outcomes
