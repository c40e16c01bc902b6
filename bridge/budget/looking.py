"""Whether the Redis of the budget answers."""

import asyncio

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bridge.errors import BridgeError

_DEADLINE = 5.0


async def clock_of_redis(url: str) -> int:
    """What its clock says, ms since 1970 UTC. Raises BridgeError, without the password, when it does not tell."""
    redis = Redis.from_url(url, single_connection_client=True, retry=Retry(NoBackoff(), 0))
    try:
        async with asyncio.timeout(_DEADLINE):
            seconds, micros = await redis.time()
    except TimeoutError:
        raise BridgeError(f"Redis does not answer within {_DEADLINE:.0f} s: check budget.redis_url") from None
    except (RedisError, OSError, ValueError) as error:
        raise BridgeError(f"Redis can't be asked ({type(error).__name__}): check budget.redis_url") from None
    finally:
        await redis.aclose()
    return int(seconds) * 1000 + int(micros) // 1000
