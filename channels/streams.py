"""An open page's stream of news from a conversation: what was said, and who is there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from channels.live import Takeover
from channels.wakes import Wakes
from referrals.messages import Line

log = logging.getLogger("fazhu")

LOOK_EVERY = 15.0  # seconds; presence lasts twice as long
MOST = 5  # open streams a conversation and side
LARGEST_ID = 2**31 - 1  # of the database


class Over(Exception):
    """There is nothing more to follow: the conversation has ended or is not this person's any more."""


@dataclass(frozen=True)
class Sight:
    """Who answers in the bot's place, and whether the other side has its page open."""

    takeover: Takeover | None
    present: bool


@dataclass(frozen=True)
class Window:
    """What one side sees of a conversation. ``read`` gives the messages after an id, and is called in a thread."""

    session_id: str
    side: str
    read: Callable[[int], list[Line]]
    look: Callable[[], Awaitable[Sight]]


def resume(last_event_id: str | None, after: int) -> int:
    """The id of the last message a page has seen: a browser that reconnects sends it itself."""
    if last_event_id and last_event_id.isascii() and last_event_id.isdecimal():
        return min(int(last_event_id[:20]), LARGEST_ID)
    return after


async def follow(wakes: Wakes, window: Window, after: int) -> AsyncIterator[Line | Sight]:
    """Everything after a message's id, then whatever comes, until the reader is gone, the gateway stops or `Over`.

    A store that is away is looked at again later; nothing is skipped meanwhile.
    """
    seen = None
    with wakes.bell(window.session_id, window.side) as bell:
        while not wakes.closing:
            bell.clear()
            try:
                for line in await asyncio.to_thread(window.read, after):
                    after = line.id
                    yield line
                sight = await window.look()
                if sight != seen:
                    seen = sight
                    yield sight
            except Over:
                return
            except (RedisError, SQLAlchemyError) as error:
                log.warning("event stream: %s", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), LOOK_EVERY)
