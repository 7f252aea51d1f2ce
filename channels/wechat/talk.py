"""A citizen's words from a messaging platform to the conversation and back: the `Core` of docs/wechat.md."""

import asyncio
import logging
from contextlib import suppress

from redis.asyncio import Redis
from sqlalchemy.exc import SQLAlchemyError

from channels.conversation import Incoming, TurnOut
from channels.errors import Busy
from channels.session import Session
from channels.shared_state import allow
from channels.tally import tally
from channels.tips_commands import tips_command
from channels.wechat import lines
from channels.wechat.contract import Inbound, Outbound
from channels.wechat.house import House
from channels.wechat.render import choosable, render
from referrals import reach, subscriptions
from referrals.secret_text import decrypt, digest, encrypt
from referrals.store import session

log = logging.getLogger("fazhu")
OPENING = 5  # seconds a conversation may take to be opened


class Talk:
    def __init__(self, house: House) -> None:
        self._house = house
        self._redis: Redis = house.redis

    async def answer(self, said: Inbound) -> Outbound:
        """See `Core`."""
        try:
            return await self._refused(said) or await self._answered(said)
        except Busy:
            await tally(self._redis, said.channel, "busy")
            return Outbound(lines.BUSY)
        except Exception as error:  # its text may hold something personal
            log.error("%s: %s", said.channel, type(error).__name__)
            await tally(self._redis, said.channel, "error")
            return Outbound(lines.AWAY)

    async def _refused(self, said: Inbound) -> Outbound | None:
        config = self._house.config
        if config.rate_limit == "on" and not await allow(
            self._redis, f"{said.channel}:{digest(said.address)}", config.messages_per_minute
        ):
            return Outbound(lines.TOO_FAST)
        if len(said.text) > config.text_limit:
            return Outbound(lines.TOO_LONG.format(limit=config.text_limit))
        return None

    async def _answered(self, said: Inbound) -> Outbound:
        conversation, is_new = await self.conversation(said.channel, said.address)
        if said.typed:
            await self.heard(conversation, said)
        if told := await tips_command(said.channel, said.address, said.text):
            return Outbound(told)
        turn = await self._house.conversation.handle(Incoming(said.text, conversation, said.id, said.channel))
        return await self._rendered(turn, self._house.bulletin.on(said.channel) if is_new else [])

    async def _rendered(self, turn: TurnOut, notices: list[str]) -> Outbound:
        found = await self._house.sessions.load(turn.session_id)
        out = render(turn.replies, self._house.config.public_url, choosable(found))
        told = [lines.NOTICE.format(text=text) for text in notices]
        return Outbound("\n\n".join(filter(None, [out.text, *told])), out.buttons, out.by_number)

    async def conversation(self, channel: str, address: str) -> tuple[str, bool]:
        """The conversation ``address`` is in, and whether it was opened just now.

        It is kept in shared state beside the conversation itself, not with `referrals.reach` only: a tap opens one too,
        and gives no leave to write for two days.
        """
        key = _key(channel, address)
        async with self._redis.lock(f"{key}:opening", timeout=OPENING, blocking_timeout=OPENING):
            found = await self._redis.get(key)
            known = decrypt(found) if found else await asyncio.to_thread(_last_in, channel, address)
            is_new = not known or not await self._house.sessions.exists(known)
            if is_new:
                opened = Session.new()
                await self._house.sessions.save(opened)
                known = opened.id
            assert known
            await self._redis.set(key, encrypt(known), ex=self._house.config.session_hours * 3600)
            return known, is_new

    async def heard(self, conversation: str, said: Inbound) -> None:
        """Remember where they are reached. An answer does not wait for the database to be back."""
        with suppress(SQLAlchemyError):
            await asyncio.to_thread(_heard, conversation, said)

    async def forget(self, channel: str, address: str) -> None:
        """They want nothing more from here: conversations, addresses and what was said."""
        known = await asyncio.to_thread(_forget, channel, address)
        if tapped := await self._redis.getdel(_key(channel, address)):
            known.append(decrypt(tapped))
        for conversation in known:
            await self._house.sessions.forget(conversation)
            await self._house.live.end(conversation)


def _key(channel: str, address: str) -> str:
    return f"fazhu:talk:{channel}:{digest(address)}"


def _last_in(channel: str, address: str) -> str | None:
    with session() as db:
        return reach.conversation_of(db, channel, address)


def _heard(conversation: str, said: Inbound) -> None:
    with session() as db:
        reach.heard(db, conversation, said.channel, said.address)


def _forget(channel: str, address: str) -> list[str]:
    found = []
    with session() as db:
        subscriptions.unsubscribe(db, address)
        while conversation := reach.conversation_of(db, channel, address):
            reach.forget(db, conversation)
            found.append(conversation)
    return found
