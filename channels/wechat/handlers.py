"""Each kind of WeChat message, and what is done with it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from channels.wechat import lines
from channels.wechat.contract import Core, Inbound, Outbound
from channels.wechat.house import House
from channels.wechat.images import Images
from channels.wechat.incoming import Received
from channels.wechat.menu import menu
from channels.wechat.talk import Talk
from knowledge_base.places.directory import directory
from knowledge_base.places.institution import districts
from referrals.codes import read_code

CHANNEL = "wechat"
PLACES = 4
NOTHING = Outbound()


@dataclass(frozen=True)
class Handlers:
    house: House
    talk: Talk
    images: Images

    @classmethod
    def of(cls, house: House) -> "Handlers":
        return cls(house, Talk(house), Images(house.redis, house.wakes))

    async def answer(self, message: Received) -> Outbound:
        """What to say; `NOTHING` for what is only told to us. Raises for want of Redis or the database."""
        kinds = _EVENTS if message.is_event else _MESSAGES
        return await kinds.get(message.kind, _ignored)(self, message)

    async def text(self, message: Received) -> Outbound:
        tapped = message.choice if message.choice and not message.choice.isdecimal() else ""
        text = tapped or message.text
        if answered := await self.images.answer(message.openid, text):
            await self._heard(message)
            return answered
        return await self._say(message, text)

    async def voice(self, message: Received) -> Outbound:
        """WeChat's own recognition, while there is one."""
        if message.text:
            return await self.text(message)
        await self._heard(message)
        return Outbound(lines.PLEASE_TYPE)

    async def image(self, message: Received) -> Outbound:
        return await self.images.take(message.openid, await self._heard(message), message.media)

    async def location(self, message: Received) -> Outbound:
        await self._heard(message)
        return await asyncio.to_thread(_nearest, message.place)

    async def other(self, message: Received) -> Outbound:
        await self._heard(message)
        return Outbound(lines.ONLY_WORDS)

    async def subscribe(self, message: Received) -> Outbound:
        notices = [lines.NOTICE.format(text=text) for text in self.house.bulletin.on(CHANNEL)]
        code = read_code(message.scene)
        scanned = [lines.SCANNED.format(code=code)] if code else []
        return Outbound("\n\n".join([lines.WELCOME, *scanned, *notices]))

    async def unsubscribe(self, message: Received) -> Outbound:
        await self.talk.forget(CHANNEL, message.openid)
        await self.images.forget(message.openid)
        return NOTHING

    async def scan(self, message: Received) -> Outbound:
        code = read_code(message.scene)
        return Outbound(lines.SCANNED.format(code=code) if code else lines.SCANNED_OTHER)

    async def click(self, message: Received) -> Outbound:
        """A menu's key stands for a text, as if it had been typed."""
        says = menu().says.get(message.scene)
        return await self._say(message, says, typed=False) if says else Outbound(lines.OLD_MENU)

    async def _say(self, message: Received, text: str, typed: bool = True) -> Outbound:
        core: Core = self.talk
        return await core.answer(Inbound(CHANNEL, message.openid, message.key, text, typed))

    async def _heard(self, message: Received) -> str:
        """The conversation of a message that is no words."""
        conversation, _ = await self.talk.conversation(CHANNEL, message.openid)
        await self.talk.heard(conversation, Inbound(CHANNEL, message.openid, message.key, ""))
        return conversation


async def _ignored(_: Handlers, __: Received) -> Outbound:
    return NOTHING


def _nearest(place: tuple[float, float] | None) -> Outbound:
    try:
        found = directory().search(near=place, limit=PLACES) if place else None
    except ValueError:
        found = None
    if found is None:
        return Outbound(lines.BAD_PLACE)
    near = [one.told for one in found if one.distance_km is not None]
    if not near:
        return Outbound(lines.NO_PLACES)
    places = "\n".join(f"{n}. {told}" for n, told in enumerate(near, 1))
    return Outbound(lines.NEAREST.format(places=places, district=districts()[0]))


Handler = Callable[[Handlers, Received], Awaitable[Outbound]]
_MESSAGES: dict[str, Handler] = {
    "text": Handlers.text, "voice": Handlers.voice, "image": Handlers.image, "location": Handlers.location,
    "video": Handlers.other, "shortvideo": Handlers.other, "link": Handlers.other, "file": Handlers.other,
    "miniprogrampage": Handlers.other,
}  # fmt: skip
_EVENTS: dict[str, Handler] = {
    "subscribe": Handlers.subscribe, "subscribe_scan_product": Handlers.subscribe, "unsubscribe": Handlers.unsubscribe, "scan": Handlers.scan, "click": Handlers.click,
}  # fmt: skip
