"""The citizen's conversation on a ticket's page: read along, join, speak, leave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Header, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from redis.exceptions import RedisError
from sqlalchemy import select

from channels.deps import LiveDep, WakesDep
from channels.desk.security import COOKIE, allowed
from channels.errors import Busy, TicketUnknown, TooManyRequests
from channels.live import Live
from channels.pages import fragment, page
from channels.streams import LARGEST_ID, MOST, Over, Sight, Window, follow, resume
from referrals import masking, messages, queue, staff
from referrals.errors import Refused, TicketNotFound
from referrals.messages import Line
from referrals.models import Ticket
from referrals.permissions import Permission
from referrals.staff import SignedIn
from referrals.store import session

router = APIRouter(prefix="/desk/tickets/{code}/live", include_in_schema=False)
Reader = Annotated[SignedIn, Depends(allowed(Permission.TICKET))]
Worker = Annotated[SignedIn, Depends(allowed(Permission.WORK))]
AWAY = "实时对话暂时用不了，请稍后再试，或写在工单的答复里。"


@router.get("")
async def show(request: Request, code: str, me: Reader, live: LiveDep) -> HTMLResponse:
    return await _fragment(request, code, me, live)


@router.post("/join")
async def join(request: Request, code: str, me: Worker, live: LiveDep) -> HTMLResponse:
    """Take the conversation over; why not is said above it."""
    try:
        await live.join(code, me)
    except (Refused, RedisError) as error:
        return await _fragment(request, code, me, live, refused=_why(error))
    except TicketNotFound:
        return _missing(request)
    return await _fragment(request, code, me, live)


@router.post("/leave")
async def leave(request: Request, code: str, me: Worker, live: LiveDep) -> HTMLResponse:
    with suppress(TicketNotFound):
        await live.leave(code, me)
    return await _fragment(request, code, me, live)


@router.post("/messages")
async def say(
    request: Request, code: str, me: Worker, live: LiveDep, text: Annotated[str, Form(max_length=2000)] = ""
) -> HTMLResponse:
    """Speak to the citizen. The form comes back, empty, or with what was typed and why it was not sent."""
    try:
        if text.strip():
            await live.say(code, me, text.strip())
    except (Refused, Busy, RedisError) as error:
        return page(request, "desk/_live_form", code=code, me=me, text=text, refused=_why(error))
    except TicketNotFound:
        return _missing(request)
    return page(request, "desk/_live_form", code=code, me=me, text="", again=True)


def _why(error: Exception) -> str:
    return AWAY if isinstance(error, RedisError) else getattr(error, "message", "") or str(error)


async def _fragment(request: Request, code: str, me: SignedIn, live: Live, **more: Any) -> HTMLResponse:
    try:
        ticket, lines = await asyncio.to_thread(_read, code, me, 0)
    except TicketNotFound:
        return _missing(request)
    sight = await _sight(ticket, live)
    return page(
        request,
        "desk/_live",
        me=me,
        code=code,
        lines=lines,
        there=sight.takeover,
        present=sight.present,
        may_join=_may_join(ticket, me),
        text="",
        **more,
    )


def _missing(request: Request) -> HTMLResponse:
    return page(request, "desk/missing", status=404)


def _read(code: str, me: SignedIn, after: int) -> tuple[Ticket, list[Line]]:
    """The ticket and what was said after a message.

    Raises:
        TicketNotFound: there is none, or its words are not this person's to read.
    """
    with session() as db:
        ticket = db.scalar(select(Ticket).filter_by(code=code))
        if ticket is None or not queue.visible(db, me.actor, ticket) or not masking.sees_whole(ticket, me.actor):
            raise TicketNotFound("no such ticket for this person")
        return ticket, messages.since(db, ticket.id, after)


def _may_join(ticket: Ticket, me: SignedIn) -> bool:
    try:
        messages.may_join(ticket, me.actor)
    except Refused:
        return False
    return True


async def _sight(ticket: Ticket, live: Live) -> Sight:
    there = await live.current(ticket.conversation)
    present = False
    with suppress(RedisError):
        present = await live.is_present(ticket.code, messages.CITIZEN)
    return Sight(there, present)


async def _open(code: str, me: Reader, wakes: WakesDep) -> Ticket:
    """
    Raises:
        TicketUnknown: there is none, or its words are not this person's to read.
        TooManyRequests: the ticket's streams are all open already.
    """
    try:
        ticket, _ = await asyncio.to_thread(_read, code, me, LARGEST_ID)
    except TicketNotFound:
        raise TicketUnknown from None
    if wakes.streams(ticket.conversation, messages.WORKER) >= MOST:
        raise TooManyRequests
    return ticket


@router.get("/events", response_class=EventSourceResponse)
async def events(
    request: Request,
    ticket: Annotated[Ticket, Depends(_open)],
    me: Reader,
    live: LiveDep,
    wakes: WakesDep,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Fragments of what is said after the message ``after``, and who is there, until either side is gone."""

    def read(after: int) -> list[Line]:
        still = staff.signed_in(token, active=False)  # a page left open is nobody at work
        if still is None:
            raise Over
        try:
            return _read(ticket.code, still, after)[1]
        except TicketNotFound as error:  # it went to somebody else
            raise Over from error

    async def look() -> Sight:
        sight = await _sight(ticket, live)
        if sight.takeover and sight.takeover.by(me, ticket.code):
            await live.appear(ticket.conversation, [ticket.code], messages.WORKER)
        return sight

    token = request.cookies.get(COOKIE, "")
    window = Window(ticket.conversation, messages.WORKER, read, look)
    async for news in follow(wakes, window, resume(last_event_id, after)):
        if isinstance(news, Line):
            yield ServerSentEvent(raw_data=fragment("desk/_message", line=news), id=str(news.id))
        else:
            seen = fragment("desk/_presence", there=news.takeover, present=news.present)
            yield ServerSentEvent(event="presence", raw_data=seen)
