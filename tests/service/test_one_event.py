"""One event all the way."""

from service.conftest import Services
from service.story import GENERATORS, TEAMS, event


async def test_an_event_becomes_a_call_and_its_outcome(services: Services) -> None:
    async with services() as service:
        replica = await service.start("a")
        await service.publish(event(1))
        await service.is_done(1)
        account = await service.account()
        account.check()
        (execution,) = account.executions
        (result,) = account.results
        assert execution.context == {"event": "e1", "team": "a team", "minute": 12}
        assert result | {"times": None, "result_id": None} == {
            "result_id": None,
            "revision": 7,
            "trigger_id": account.triggers[0]["id"],
            "outcome": "published",
            "reason": None,
            "brand": "acme",
            "route": "goal-acme",
            "event_generator_id": GENERATORS["acme"],
            "topic_key": TEAMS["ARG"],
            "event_id": "e1",
            "repeats": None,
            "missing": None,
            "test": False,
            "source": {"topic": service.source, "partition": 0, "offset": 0},
            "execution_id": execution.execution_id,
            "audience_size": result["audience_size"],
            "error_code": None,
            "error_message": None,
            "attempts": 1,
            "possible_duplicate": False,
            "times": None,
        }
        assert result["audience_size"] > 0
        assert list(result["times"].values()) == sorted(result["times"].values())
        for metric in (
            "call_seconds_count",
            "event_to_call_seconds_count",
            "call_to_end_seconds_count",
            "triggers_total",
        ):
            assert await replica.counted(f"bridge_{metric}", "brand") == {"acme": 1}, metric
        assert await replica.stop() == 0
