"""Notices to everybody, kept at hand: pages and platforms show them at every call, the database is asked now and then."""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from referrals import broadcasts

log = logging.getLogger("fazhu")
EVERY = 15.0  # seconds


class Bulletin:
    def __init__(self) -> None:
        self._notices: dict[str, list[str]] = {}

    def on(self, channel: str) -> list[str]:
        """What is to be said on ``channel`` now, oldest first; at most `EVERY` seconds old while the database serves."""
        return self._notices.get(channel, [])

    async def look(self) -> None:
        """Ask the database now. While it is away, what was said stays."""
        try:
            self._notices = await asyncio.to_thread(broadcasts.by_channel)
        except SQLAlchemyError as error:
            log.warning("notices not read: %s", type(error).__name__)

    async def keep_looking(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(EVERY)
