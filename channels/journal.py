"""Answered messages on their way to the figures: gathered in memory and written in one go, so that no turn waits.

A gateway that is killed loses at most the last seconds of figures, never a ticket.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from referrals import journal

if TYPE_CHECKING:
    from channels.conversation import TurnOut

log = logging.getLogger("fazhu")
EVERY = 2.0  # seconds
_MOST = 10_000  # entries kept while the database is away


class Journal:
    def __init__(self) -> None:
        self._entries: deque[journal.Entry] = deque(maxlen=_MOST)

    def note(self, turn: "TurnOut", channel: str, question: str, answer: str | None) -> None:
        if not turn.replies:
            return
        reply = turn.replies[0].type
        kept = question if reply in journal.UNANSWERED and not turn.ticket else None
        self._entries.append(
            journal.Entry(
                at=datetime.now(UTC),
                channel=channel,
                topic=turn.topic,
                intent=turn.intent,
                reply=reply,
                answer=answer if reply == "answer" else None,
                ticketed=turn.ticket is not None,
                question=kept,
            )
        )

    async def flush(self) -> None:
        entries = list(self._entries)
        if not entries:
            return
        try:
            await asyncio.to_thread(journal.keep, entries)
        except SQLAlchemyError as error:
            log.warning("figures not written yet: %s", type(error).__name__)
            return
        for _ in entries:
            with suppress(IndexError):
                self._entries.popleft()

    async def keep_writing(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self.flush()
