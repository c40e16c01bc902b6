"""A lookup without the entry, and an endpoint of the user's own that makes the topic."""

from provisioning.endpoint import topics_service
from service.conftest import Services
from service.story import event, events


async def test_events_of_a_new_team_are_called_for_the_topic_that_is_made_for_it(services: Services) -> None:
    async with topics_service((503, {}), (200, {"data": {"key": "00000000-b4a5"}})) as topics, services() as service:
        replica = await service.start(
            "a",
            BRIDGE_PROVISIONER__URL=topics.url,
            BRIDGE_PROVISIONER__HEADERS='{"authorization": "Bearer c4nary"}',
            BRIDGE_PROVISIONER__TOPIC_KEY="data.key",
        )
        brazil = [event(number, team={"id": "BRA", "name": "Brazil"}) for number in range(5)]
        await service.publish(*brazil, *events(range(5, 10)))
        await service.is_done(10)
        assert await replica.stop() == 0
        assert "c4nary" not in replica.output
        account = await service.account()
        account.check()
        assert account.outcomes == {"published": 10}
        made = [one for one in service.vendor.executions if one.topic_key == "00000000-b4a5"]
        assert sorted(one.context["event"] for one in made) == [f"e{number}" for number in range(5)]
    bodies = [body for _, body in topics.asked]
    assert bodies == [{"brand": "acme", "lookup": "teams", "key": "BRA"}] * 2
    assert {headers["authorization"] for headers, _ in topics.asked} == {"Bearer c4nary"}
