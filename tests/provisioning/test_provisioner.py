"""Asking a user's endpoint for topics, over real HTTP."""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from dispatch.turning import TurnedClock
from multidict import CIMultiDictProxy
from provisioning.endpoint import TopicsService, topics_service
from provisioning.wanting import wanting
from waiting import eventually

from bridge.clock import Clock, SystemClock
from bridge.provisioning.answers import Made, NotMade
from bridge.provisioning.provisioner import Endpoint, Provisioner
from bridge.provisioning.request import RequestTemplate
from bridge.routing.paths import parse_path

T = TypeVar("T")
MADE = (200, {"topic_key": "00000000-c0c0"})


def endpoint(service: TopicsService | str) -> Endpoint:
    return Endpoint(
        url=service if isinstance(service, str) else service.url,
        headers={"Authorization": "Bearer s3cret"},
        body=RequestTemplate({"name": "{lookup}/{key}"}),
        topic_key=parse_path("topic_key"),
        timeout=0.5,
        patience=3.0,
    )


def provisioner(service: TopicsService | str, clock: Clock | None = None) -> Provisioner:
    return Provisioner(endpoint(service), SystemClock() if clock is None else clock)


async def together(questions: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(question) for question in questions]
    return [task.result() for task in tasks]


async def test_a_topic_is_asked_for_as_the_template_says_and_its_key_comes_back() -> None:
    async with topics_service(MADE) as service, provisioner(service) as asks:
        assert await asks.topic_for(*wanting("CRC")) == Made("00000000-c0c0")
    ((headers, body),) = service.asked
    assert headers["Authorization"] == "Bearer s3cret"
    assert headers["Content-Type"] == "application/json"
    assert body == {"name": "teams/CRC"}


async def test_headers_that_are_replaced_count_for_the_next_question_of_a_topic_too() -> None:
    async with topics_service((202, {}), (401, {"token": "n3w"})) as service, provisioner(service) as asks:
        async with asyncio.TaskGroup() as group:
            answer = group.create_task(asks.topic_for(*wanting("CRC")))
            await eventually(lambda: service.asked)
            asks.replace_headers({"authorization": "n3w", "content-type": "text/plain"})
        assert answer.result() == NotMade('it answered 401: {"token":"[redacted]"}')
    (old, _), (new, _) = service.asked
    assert (old["Authorization"], new["Authorization"]) == ("Bearer s3cret", "n3w")
    assert isinstance(new, CIMultiDictProxy)
    assert new.getall("Content-Type") == ["application/json"]


async def test_many_events_that_want_one_topic_ask_once() -> None:
    async with topics_service(MADE) as service, provisioner(service) as asks:
        answers = await together([asks.topic_for(*wanting("CRC", f"e{number}")) for number in range(50)])
        assert set(answers) == {Made("00000000-c0c0")}
        assert len(service.asked) == 1
        await asks.topic_for(*wanting("CRC", brand="beta"))
        await asks.topic_for(*wanting("GER"))
        assert len(service.asked) == 3


async def test_not_yet_is_asked_again_and_no_is_not() -> None:
    async with topics_service((202, {}), (500, {}), MADE) as service, provisioner(service) as asks:
        assert await asks.topic_for(*wanting("CRC")) == Made("00000000-c0c0")
        assert len(service.asked) == 3
    async with topics_service((404, {"error": "no such team"})) as service, provisioner(service) as asks:
        for _ in range(3):
            assert await asks.topic_for(*wanting("CRC")) == NotMade('it answered 404: {"error":"no such team"}')
        assert len(service.asked) == 1


async def test_who_never_answers_is_given_up_with_the_reason_and_asked_again_later(clock: TurnedClock) -> None:
    hangs = asyncio.Event()
    async with topics_service(hangs.wait) as service, provisioner(service, clock) as asks:
        asks._endpoint = replace(asks._endpoint, patience=0.1)
        answer = await asks.topic_for(*wanting("CRC"))
        assert answer == NotMade("the provisioner made no topic in time: it could not be asked: TimeoutError")
        assert await asks.topic_for(*wanting("CRC")) == answer
        assert len(service.asked) == 1
        clock.turn(11)
        await asks.topic_for(*wanting("CRC"))
        assert len(service.asked) == 2
        hangs.set()


async def test_an_endpoint_that_is_not_there_is_told_without_its_secrets() -> None:
    async with provisioner("http://127.0.0.1:9/topics") as asks:
        asks._endpoint = replace(asks._endpoint, patience=0.1)
        answer = await asks.topic_for(*wanting("CRC"))
    assert isinstance(answer, NotMade)
    assert "could not be asked" in answer.why
    assert "s3cret" not in answer.why


async def test_redirects_are_not_followed_and_few_questions_are_asked_at_once() -> None:
    async with topics_service((302, {})) as service, provisioner(service) as asks:
        asks._endpoint = replace(asks._endpoint, patience=0.1)
        wanted = [wanting(f"T{number}") for number in range(30)]
        answers = await together([asks.topic_for(*one) for one in wanted])
        assert all(isinstance(answer, NotMade) for answer in answers)
        assert len(service.asked) == 30
        assert service.most_at_once <= 8
        assert not asks._asked
