"""Counts by platform and day in shared state, for those who run the service: messages in and out, errors by name."""

from datetime import date, datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from referrals.worktime import PLACE_TIME

IN, OUT = "in", "out"
KEPT = timedelta(days=8)


async def tally(redis: Redis, channel: str, what: str) -> None:
    """Count one; ``what`` is `IN`, `OUT` or the short name of an error, never anything a citizen said. Never raises
    for want of Redis: figures do not stop a message."""
    key = _key(channel, datetime.now(PLACE_TIME).date())
    try:
        async with redis.pipeline() as pipe:
            pipe.hincrby(key, what, 1)
            pipe.expire(key, KEPT)
            await pipe.execute()
    except RedisError:
        return


async def counted(redis: Redis, channel: str, day: date) -> dict[str, int]:
    """What was counted on a day of the last week."""
    found: dict[str, str] = await redis.hgetall(_key(channel, day))  # type: ignore[assignment]
    return {what: int(count) for what, count in found.items()}


def _key(channel: str, day: date) -> str:
    return f"fazhu:tally:{channel}:{day.isoformat()}"
