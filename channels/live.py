"""A worker in a citizen's conversation: the bot is silent until they leave or have been idle.

Who is there stands in Redis, so that every gateway knows; what is said is kept with the ticket. Without Redis nobody is
there, and the bot answers.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session as Database

from channels.session import Sessions
from channels.wakes import Wakes
from referrals import messages
from referrals.errors import IllegalStep, TicketNotFound
from referrals.lifecycle import Actor
from referrals.models import Ticket
from referrals.staff import SignedIn
from referrals.store import session
from referrals.work import locked

JOINED = "工作人员 {who} 已加入，正在看您的消息。"
LEFT = "工作人员 {who} 已离开，法助继续为您解答。"
PRESENT = 30  # seconds an open page counts as present after it last said so


class Takeover(BaseModel):
    """Who answers a citizen in the bot's place."""

    ticket: str
    staff_id: int
    name: str
    title: str
    since: datetime

    @property
    def who(self) -> str:
        return f"{self.title}{self.name}"

    @property
    def key(self) -> str:
        """Tells one takeover from the next, also by the same person."""
        return f"{self.staff_id}@{self.since.isoformat()}"

    def by(self, me: SignedIn, code: str) -> bool:
        return self.staff_id == me.actor.staff_id and self.ticket == code


class Live:
    """Takeovers of conversations, each over ``idle_minutes`` after the last word that gave it time."""

    def __init__(self, redis: Redis, sessions: Sessions, wakes: Wakes, idle_minutes: float) -> None:
        self._redis = redis
        self._sessions = sessions
        self._wakes = wakes
        self._idle = round(idle_minutes * 60)

    async def current(self, session_id: str) -> Takeover | None:
        try:
            found = await self._redis.get(_live(session_id))
        except RedisError:
            return None
        return Takeover.model_validate_json(found) if found else None

    async def join(self, code: str, me: SignedIn) -> Takeover:
        """Take the ticket's conversation over.

        Raises:
            TicketNotFound: there is no such ticket.
            NotAllowed: only the person in charge and supervisors may.
            IllegalStep: the ticket or the conversation is over, or somebody else is there.
        """
        session_id = await asyncio.to_thread(_joinable, code, me.actor)
        if not await self._sessions.exists(session_id):
            raise IllegalStep("群众的这段对话已经结束，请按登记的联系方式回复。")
        assert me.actor.staff_id is not None
        takeover = Takeover(
            ticket=code, staff_id=me.actor.staff_id, name=me.name, title=me.title or me.actor.role.label,
            since=datetime.now(UTC),
        )  # fmt: skip
        if not await self._redis.set(_live(session_id), takeover.model_dump_json(), nx=True, ex=self._idle):
            return await self._already(session_id, code, me)
        try:
            await asyncio.to_thread(_note_join, code, me.actor, JOINED.format(who=takeover.who))
        except BaseException:
            await self._redis.delete(_live(session_id))
            raise
        await self._redis.delete(_unanswered(session_id))
        await self._wakes.wake(session_id)
        return takeover

    async def _already(self, session_id: str, code: str, me: SignedIn) -> Takeover:
        there = await self.current(session_id)
        if there is None:
            raise IllegalStep("没有加入成功，请再试一次。")
        if not there.by(me, code):
            raise IllegalStep(f"{there.who}正在这段对话里（工单 {there.ticket}）。")
        return there

    async def leave(self, code: str, me: SignedIn) -> None:
        """Hand the conversation back to the bot; nothing happens to one that is not this person's.

        Raises:
            TicketNotFound: there is no such ticket.
        """
        session_id = await asyncio.to_thread(_conversation_of, code)
        there = await self.current(session_id)
        if there is None or not there.by(me, code):
            return
        await self._redis.delete(_live(session_id), _unanswered(session_id))
        await asyncio.to_thread(_note_leave, code, me.actor, LEFT.format(who=there.who))
        await self._wakes.wake(session_id)

    async def say(self, code: str, me: SignedIn, text: str) -> None:
        """The worker's words to the citizen.

        Raises:
            Busy: a message of the citizen is being handled.
            IllegalStep: they have not joined, or the takeover was over for want of words. Otherwise as `join`.
        """
        session_id = await asyncio.to_thread(_joinable, code, me.actor)
        there = await self.current(session_id)
        if there is None or not there.by(me, code):
            raise IllegalStep("您不在这段对话里（久未发言会自动退出），请先加入。")
        async with self._sessions.one_at_a_time(session_id):
            id = await asyncio.to_thread(_keep, code, messages.WORKER, text, me.actor.staff_id, "desk")
            if conversation := await self._sessions.load(session_id):
                conversation.note("worker", {"text": text, "name": there.name, "title": there.title, "id": id})
                await self._sessions.save(conversation)
        await self._redis.expire(_live(session_id), self._idle)
        await self._redis.delete(_unanswered(session_id))
        await self._wakes.wake(session_id)

    async def hear(self, session_id: str, there: Takeover, text: str, channel: str) -> bool:
        """Keep the citizen's words and wake the worker. False when the ticket is gone, and the takeover with it."""
        try:
            await asyncio.to_thread(_keep, there.ticket, messages.CITIZEN, text, None, channel)
        except TicketNotFound:
            await self.end(session_id)
            return False
        # Only the first word without an answer gives the worker time anew: who keeps writing to nobody gets the bot back.
        if await self._redis.set(_unanswered(session_id), 1, nx=True, ex=self._idle):
            await self._redis.expire(_live(session_id), self._idle)
        await self._wakes.wake(session_id)
        return True

    async def end(self, session_id: str) -> None:
        """The conversation is over, whoever was in it."""
        await self._redis.delete(_live(session_id), _unanswered(session_id))
        await self._wakes.wake(session_id)

    async def move(self, former: str, session_id: str) -> None:
        """The citizen goes on in another conversation, and whoever answers them goes along."""
        if (there := await self._redis.get(_live(former))) and await self._redis.set(
            _live(session_id), there, nx=True, ex=self._idle
        ):
            await self._redis.delete(_live(former), _unanswered(former))
        await self._wakes.wake(former)

    async def appear(self, session_id: str, codes: Sequence[str], side: str) -> None:
        """Somebody of ``side`` has the page open; the other side learns of it at once."""
        for code in codes:
            if await self._redis.set(_presence(code, side), 1, ex=PRESENT, get=True) is None:
                await self._wakes.wake(session_id)

    async def is_present(self, code: str, side: str) -> bool:
        return bool(await self._redis.exists(_presence(code, side)))


def _live(session_id: str) -> str:
    return f"fazhu:live:{session_id}"


def _unanswered(session_id: str) -> str:
    return f"fazhu:live-unanswered:{session_id}"


def _presence(code: str, side: str) -> str:
    return f"fazhu:present:{code}:{side}"


def _joinable(code: str, actor: Actor) -> str:
    """The conversation of a ticket that ``actor`` may join."""
    with session() as db:
        ticket = _found(db, code)
        messages.may_join(ticket, actor)
        return ticket.conversation


def _conversation_of(code: str) -> str:
    with session() as db:
        return _found(db, code).conversation


def _found(db: Database, code: str) -> Ticket:
    ticket = db.scalar(select(Ticket).filter_by(code=code))
    if ticket is None:
        raise TicketNotFound("no such ticket")
    return ticket


def _note_join(code: str, actor: Actor, notice: str) -> None:
    with session() as db:
        messages.join(db, locked(db, code), actor, notice)


def _note_leave(code: str, actor: Actor, notice: str) -> None:
    with session() as db:
        messages.leave(db, locked(db, code), actor, notice)


def _keep(code: str, who: str, text: str, staff_id: int | None, channel: str) -> int:
    with session() as db:
        return messages.say(db, locked(db, code), who, text, staff_id, channel).id
