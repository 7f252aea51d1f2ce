"""Pictures become material of a ticket, once the citizen agrees: until then only WeChat has them."""

import asyncio
import json
import logging
from dataclasses import dataclass

import httpx
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.conversation import ButtonOut
from channels.wakes import Wakes
from channels.wechat import lines
from channels.wechat.api import Refused, api
from channels.wechat.contract import Outbound
from channels.wechat.tokens import TooManyRefreshes
from referrals import files, messages
from referrals.files import FileRefused
from referrals.lifecycle import CITIZEN
from referrals.models import Ticket
from referrals.secret_text import decrypt, digest, encrypt
from referrals.store import session

log = logging.getLogger("fazhu")
WAITS = 15 * 60  # seconds for the citizen's word
MOST = 9  # at once, as many as WeChat's own picker
TICKETS_SHOWN = 5
_ENDINGS = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png"}


@dataclass(frozen=True)
class Images:
    redis: Redis
    wakes: Wakes

    async def take(self, openid: str, conversation: str, media: str) -> Outbound:
        """Ask whether it may go into a ticket of the conversation; nothing is fetched yet."""
        codes = await asyncio.to_thread(_codes, conversation)
        if not codes:
            return Outbound(lines.IMAGE_LATER)
        key = _key(openid)
        async with self.redis.pipeline() as pipe:
            pipe.rpush(key, encrypt(json.dumps([media, conversation])))
            pipe.ltrim(key, -MOST, -1)
            pipe.expire(key, WAITS)
            pipe.llen(key)
            count = (await pipe.execute())[-1]
        return Outbound(
            lines.ASK_IMAGE.format(count=count, these="这张图片" if count == 1 else "它们一起"),
            tuple(ButtonOut(title=title, payload=title) for title in _titles(codes)),
        )

    async def answer(self, openid: str, text: str) -> Outbound | None:
        """What follows from ``text`` where pictures wait for a word; None where none do, or it is about something else."""
        waiting = await self._waiting(openid)
        if not waiting:
            return None
        codes = await asyncio.to_thread(_codes, waiting[0][1])
        chosen = _chosen(text, _titles(codes))
        if chosen is None or chosen == len(codes):
            await self.redis.delete(_key(openid))
            return Outbound(lines.IMAGE_LEFT) if chosen is not None else None
        out = await asyncio.to_thread(_keep, codes[chosen], [media for media, _ in waiting])
        await self.redis.delete(_key(openid))
        await self.wakes.wake(waiting[0][1])
        return out

    async def forget(self, openid: str) -> None:
        await self.redis.delete(_key(openid))

    async def _waiting(self, openid: str) -> list[tuple[str, str]]:
        found = await self.redis.lrange(_key(openid), 0, -1)
        return [tuple(json.loads(decrypt(str(one)))) for one in found]


def _key(openid: str) -> str:
    return f"fazhu:wechat:images:{digest(openid)}"


def _titles(codes: list[str]) -> list[str]:
    return [*(lines.PUT_IN.format(code=code) for code in codes), lines.LEAVE_OUT]


def _chosen(text: str, titles: list[str]) -> int | None:
    said = text.strip()
    if said in titles:
        return titles.index(said)
    return int(said) - 1 if said.isdecimal() and 1 <= int(said) <= len(titles) else None


def _codes(conversation: str) -> list[str]:
    with session() as db:
        return sorted(messages.codes_of(db, conversation))[-TICKETS_SHOWN:]


def _keep(code: str, media: list[str]) -> Outbound:
    """Fetch the pictures and put them into the ticket, each once however often this is tried."""
    names, reasons = [], []
    for one in media:
        try:
            names.append(_put(code, one, _fetched(one)))
        except FileRefused as error:
            reasons.append(str(error))
    if names:
        _note(code, names)
    said = [lines.IMAGE_KEPT.format(count=len(names), code=code)] if names else []
    said += [lines.IMAGE_FAILED.format(count=reasons.count(why), why=why) for why in dict.fromkeys(reasons)]
    return Outbound("\n".join(said))


def _fetched(media: str) -> bytes:
    try:
        return api().media(media)
    except (Refused, TooManyRefreshes) as error:
        log.warning("wechat, media: %s", error)
    except httpx.HTTPError as error:
        log.warning("wechat, media: %s", type(error).__name__)
    raise FileRefused(lines.IMAGE_NOT_FETCHED)


def _put(code: str, media: str, content: bytes) -> str:
    name = f"微信图片-{digest(media)[:8]}.{_ending(content)}"
    with session() as db:
        ticket = _ticket(db, code)
        if all(kept.name != name for kept in files.of(db, ticket)):
            files.put(db, ticket, CITIZEN, name, content)
    return name


def _ending(content: bytes) -> str:
    return next((ending for magic, ending in _ENDINGS.items() if content.startswith(magic)), "jpg")


def _note(code: str, names: list[str]) -> None:
    """The worker reads in the conversation that something was added."""
    with session() as db:
        text = lines.IMAGE_NOTED.format(names="、".join(names))
        messages.say(db, _ticket(db, code), messages.CITIZEN, text, channel="wechat")


def _ticket(db: Session, code: str) -> Ticket:
    return db.scalars(select(Ticket).filter_by(code=code)).one()
