"""Handing a conversation over to another device: a one-time token, scanned as a QR code, gone after minutes."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from referrals.secret_text import decrypt, encrypt

VALID = timedelta(minutes=5)
REMEMBERED = timedelta(minutes=15)  # whether it was taken over, for the device that offered it


class Relay:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def offer(self, session_id: str) -> tuple[str, datetime]:
        """A token that hands ``session_id`` over once, and until when. An earlier one of the same conversation is void."""
        token = secrets.token_urlsafe(24)
        if earlier := await self._redis.get(_offered(session_id)):
            await self._redis.delete(earlier)
        await self._redis.set(_offer(token), encrypt(session_id), ex=VALID)
        await self._redis.set(_offered(session_id), _offer(token), ex=REMEMBERED)
        await self._redis.delete(_taken(session_id))
        return token, datetime.now(UTC) + VALID

    async def take(self, token: str) -> str | None:
        """The conversation handed over by ``token``; None when it was taken already, is void, or too old."""
        found = await self._redis.getdel(_offer(token))
        if not found:
            return None
        session_id = decrypt(found)
        await self._redis.set(_taken(session_id), 1, ex=REMEMBERED)
        return session_id

    async def taken(self, session_id: str) -> bool:
        return bool(await self._redis.exists(_taken(session_id)))


def _offer(token: str) -> str:
    return f"fazhu:relay:{hashlib.sha256(token.encode()).hexdigest()}"


def _offered(session_id: str) -> str:
    return f"fazhu:relay-of:{session_id}"


def _taken(session_id: str) -> str:
    return f"fazhu:relay-taken:{session_id}"
