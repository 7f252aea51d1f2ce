"""The citizen's stream of news: what a worker says, and whether one is there."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from channels.deps import LiveDep, RateLimited, SessionsDep, WakesDep
from channels.errors import SessionUnknown, TooManyRequests
from channels.routes.chat import Token
from channels.streams import LARGEST_ID, MOST, Over, Sight, Window, follow, resume
from referrals import messages
from referrals.messages import Line
from referrals.store import session

router = APIRouter(prefix="/api/v1/chat", tags=["chat"])


async def _open(session_id: Token, sessions: SessionsDep, wakes: WakesDep) -> str:
    """
    Raises:
        SessionUnknown: there is nothing to follow.
        TooManyRequests: the conversation's streams are all open already.
    """
    if not await sessions.exists(session_id):
        raise SessionUnknown
    if wakes.streams(session_id, messages.CITIZEN) >= MOST:
        raise TooManyRequests
    return session_id


@router.get("/sessions/{session_id}/events", response_class=EventSourceResponse, dependencies=[RateLimited])
async def events(
    session_id: Annotated[str, Depends(_open)],
    sessions: SessionsDep,
    live: LiveDep,
    wakes: WakesDep,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterator[ServerSentEvent]:
    """What is said in the conversation after the message ``after``, and from then on, until either side is gone."""

    def read(after: int) -> list[Line]:
        with session() as db:
            codes[:] = messages.codes_of(db, session_id)
            return messages.in_conversation(db, session_id, after)

    async def look() -> Sight:
        if not await sessions.exists(session_id):
            raise Over
        await live.appear(session_id, codes, messages.CITIZEN)
        there = await live.current(session_id)
        return Sight(there, there is not None and await live.is_present(there.ticket, messages.WORKER))

    codes: list[str] = []
    window = Window(session_id, messages.CITIZEN, read, look)
    async for news in follow(wakes, window, resume(last_event_id, after)):
        yield _said(news) if isinstance(news, Line) else _seen(news)


def _said(line: Line) -> ServerSentEvent:
    said = {"id": line.id, "who": line.who, "name": line.name, "title": line.title, "text": line.text, "at": line.at}
    return ServerSentEvent(data=said, id=str(line.id))


def _seen(sight: Sight) -> ServerSentEvent:
    there = sight.takeover
    live = {"name": there.name, "title": there.title} if there else None
    return ServerSentEvent(event="presence", data={"live": live, "present": sight.present})
