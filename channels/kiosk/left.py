"""Conversations begun at a kiosk, so that those it could not end itself (no network, no power) are ended later."""

from datetime import timedelta

from redis.asyncio import Redis

from channels.live import Live
from channels.relay import Relay
from channels.session import Sessions

KEPT = timedelta(days=2)


async def begun(redis: Redis, device: int, session_id: str) -> None:
    async with redis.pipeline() as pipe:
        pipe.sadd(_key(device), session_id)
        pipe.expire(_key(device), KEPT)
        await pipe.execute()


async def end_all(redis: Redis, device: int, sessions: Sessions, live: Live) -> None:
    """Nobody stands at the kiosk: what is left there is forgotten, but for what a phone has gone on with."""
    found: set[str] = await redis.smembers(_key(device))  # type: ignore[assignment]
    for session_id in found:
        if not await Relay(redis).taken(session_id):
            await sessions.forget(session_id)
            await live.end(session_id)
        await redis.srem(_key(device), session_id)


def _key(device: int) -> str:
    return f"fazhu:kiosk:{device}"
