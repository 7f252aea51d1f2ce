"""Waking the event streams of this gateway when something was said, on whichever gateway it was said.

A wake-up is only a hint: a stream also looks by itself now and then, so that a lost one delays and loses nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "fazhu:wake:"
PAUSE = 1.0  # seconds before listening is tried again


class Wakes:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._bells: dict[str, dict[asyncio.Event, str]] = defaultdict(dict)
        self.closing = False

    @contextmanager
    def bell(self, session_id: str, side: str) -> Iterator[asyncio.Event]:
        """Set whenever there may be news in the conversation, for as long as a stream of ``side`` is open."""
        bell = asyncio.Event()
        self._bells[session_id][bell] = side
        try:
            yield bell
        finally:
            del self._bells[session_id][bell]
            if not self._bells[session_id]:
                del self._bells[session_id]

    def streams(self, session_id: str, side: str) -> int:
        """How many streams of ``side`` are open here."""
        return list(self._bells.get(session_id, {}).values()).count(side)

    async def wake(self, session_id: str) -> None:
        with suppress(RedisError):
            await self._redis.publish(CHANNEL + session_id, "")

    def close(self) -> None:
        """The gateway stops: streams end, and their pages go to another gateway or come back."""
        self.closing = True
        for bells in self._bells.values():
            for bell in bells:
                bell.set()

    async def listen(self) -> None:
        """Ring bells for as long as the gateway runs."""
        while True:
            with suppress(RedisError, OSError):
                async with self._redis.pubsub() as pubsub:
                    await pubsub.psubscribe(f"{CHANNEL}*")
                    async for message in pubsub.listen():
                        self._ring(message)
            await asyncio.sleep(PAUSE)

    def _ring(self, message: dict[str, str]) -> None:
        if message["type"] == "pmessage":
            for bell in self._bells.get(message["channel"].removeprefix(CHANNEL), ()):
                bell.set()
