"""Short-lived state shared by all gateways, always through redis-py's asyncio interface."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis
from redis.exceptions import LockError, LockNotOwnedError

from channels.errors import Busy
from channels.settings import Settings

TIMEOUT = 1.0


def connect(settings: Settings) -> Redis:
    """A real Redis by ``FAZHU_REDIS_URL``; else one inside this process, for a single gateway."""
    if settings.redis_url:
        real: Redis = Redis.from_url(
            settings.redis_url,
            decode_responses=True,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
        )
        return real
    from fakeredis import FakeAsyncRedis

    inside: Redis = FakeAsyncRedis(decode_responses=True)
    return inside


async def allow(redis: Redis, name: str, limit: int, seconds: int = 60) -> bool:
    """Count one use of ``name`` and say whether it is within ``limit`` a window."""
    key = f"fazhu:rate:{name}"
    async with redis.pipeline() as pipe:
        pipe.incr(key)
        pipe.expire(key, seconds, nx=True)
        count, _ = await pipe.execute()
    return int(count) <= limit


@asynccontextmanager
async def one_at_a_time(redis: Redis, name: str, held: float, patience: float) -> AsyncIterator[None]:
    """What is done under ``name`` is done in turn, across all gateways. ``held``: seconds after which whoever holds it
    must be gone; ``patience``: seconds to wait for them.

    Raises:
        Busy: it is still held.
    """
    lock = redis.lock(f"fazhu:{name}", timeout=held, blocking_timeout=patience)
    if not await lock.acquire():
        raise Busy
    try:
        yield
    finally:
        with suppress(LockError, LockNotOwnedError):  # it ran out by itself
            await lock.release()
