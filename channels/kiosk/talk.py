"""What a registered kiosk asks of the gateway: answers for its citizens, notices for its screen."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from redis.asyncio import Redis

from channels.conversation import Incoming, TurnOut
from channels.deps import BulletinDep, ConversationDep, LiveDep, RateLimited, SessionsDep, SettingsDep
from channels.errors import ApiError, TextTooLong
from channels.kiosk import left
from channels.kiosk.device import DeviceDep
from channels.kiosk.pads import Pad, pad_for
from channels.routes.chat import MessageIn
from channels.tally import IN, OUT, tally
from referrals import devices

router = APIRouter(prefix="/api/v1/kiosk", tags=["kiosk"], dependencies=[RateLimited])

CHANNEL = "kiosk"
IDLE = "idle"


class KioskTurn(TurnOut):
    """``pad``: what the screen offers for the answer beside the buttons."""

    pad: Pad | None = None


class BeatIn(BaseModel):
    state: Annotated[str, Field(pattern=r"^(idle|busy|offline for [0-9]{1,9} s)$")]


class BeatOut(BaseModel):
    """``place`` is where the kiosk stands; ``notices`` are to be shown now."""

    place: str
    notices: list[str]


@router.post("/messages")
async def say(
    message: MessageIn,
    request: Request,
    device: DeviceDep,
    conversation: ConversationDep,
    sessions: SessionsDep,
    settings: SettingsDep,
) -> KioskTurn:
    redis: Redis = request.app.state.redis
    await tally(redis, CHANNEL, IN)
    try:
        if len(message.text) > settings.text_limit:
            raise TextTooLong(settings.text_limit)
        turn = await conversation.handle(
            Incoming(message.text, message.session_id or None, message.message_id or None, CHANNEL)
        )
    except ApiError as error:
        await tally(redis, CHANNEL, error.code)
        raise
    await tally(redis, CHANNEL, OUT)
    await left.begun(redis, device.id, turn.session_id)
    session = await sessions.load(turn.session_id)
    return KioskTurn(**turn.model_dump(), pad=pad_for(session.form if session else None))


@router.post("/heartbeat")
async def beat(
    given: BeatIn, request: Request, device: DeviceDep, sessions: SessionsDep, live: LiveDep, bulletin: BulletinDep
) -> BeatOut:
    await asyncio.to_thread(devices.beat, device.id, given.state)
    if given.state == IDLE:
        await left.end_all(request.app.state.redis, device.id, sessions, live)
    return BeatOut(place=device.place, notices=bulletin.on(CHANNEL))
