"""The model that the simulation uses says what the script says, on a real Redis."""

import asyncio
import random
from importlib import resources

import pytest
from budget.model import PoolModel
from redis.asyncio import Redis

from bridge.budget.pool import Question

_SCRIPT = resources.files("bridge.budget").joinpath("pool.lua").read_text("utf-8")
_LEASE = 0.015


def _arguments(dice: random.Random, now: float) -> list[str]:
    question = Question(
        sent=0.0,
        share=dice.choice([0.0, 0.125, 0.25, 0.5, 1.0]),
        wanted=dice.choice([0, 1, 5, 14, 100]),
        not_before=now + dice.choice([-1, -1, -1, -1, 1]),
        not_after=now + dice.choice([-1, 1, 1, 1, 1]),
        anew=dice.random() < 0.1,
        lead=dice.choice([0.0, 0.001, 0.02]),
    )
    arguments = question.arguments(f"m{dice.randrange(4)}", dice.choice([475.0, 475.0, 475.0, 20.0, 1900.0]))
    arguments[7] = str(round(_LEASE * 1_000_000))
    return arguments


@pytest.mark.parametrize("seed", range(4))
async def test_the_script_answers_as_the_model(redis_url: str, unique: str, seed: int) -> None:
    dice, model = random.Random(seed), PoolModel()
    async with Redis.from_url(redis_url, protocol=2) as redis:
        for _ in range(250):
            seconds, micros = await redis.time()
            arguments = _arguments(dice, seconds + micros / 1_000_000)
            reply = await redis.eval(_SCRIPT, 1, unique, *arguments)
            assert reply == model.reply(arguments, float(reply[0]))
            if dice.random() < 0.1:
                await asyncio.sleep(dice.uniform(0, 2 * _LEASE))
            if dice.random() < 0.01:
                await redis.delete(unique)
                model = PoolModel()
        assert 0 < await redis.ttl(unique) <= 130  # what nobody uses goes away


async def test_a_pool_that_nobody_uses_is_forgotten_only_after_all_that_it_gave(redis_url: str, unique: str) -> None:
    async with Redis.from_url(redis_url, protocol=2) as redis:
        seconds, _micros = await redis.time()
        for _ in range(2):
            slow = Question(0.0, 1.0, 1, 0.0, seconds + 100.0, anew=False, lead=0.0)
            await redis.eval(_SCRIPT, 1, unique, *slow.arguments("m", 0.001))
        assert await redis.ttl(unique) > 1_000
        await redis.delete(unique)
