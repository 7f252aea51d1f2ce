"""``/wechat``: the address WeChat calls. docs/wechat.md"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from redis.asyncio import Redis
from redis.exceptions import RedisError

from channels.deps import SettingsDep
from channels.errors import ApiError
from channels.tally import tally
from channels.wechat import lines
from channels.wechat.handlers import CHANNEL, Handlers
from channels.wechat.house import House
from channels.wechat.inbox import Inbox
from channels.wechat.incoming import BadMessage, Received, read
from channels.wechat.menu import menu
from channels.wechat.seal import Forged, Seal, Stamp

log = logging.getLogger("fazhu")
ECHO = 256  # characters of a verification's echo
SUCCESS = "success"  # what WeChat takes for "nothing to say"; wechatpy would encrypt an empty reply instead


class WechatOff(ApiError):
    status = 404
    code = "not_found"
    message = "微信接入没有开通：请设置 FAZHU_WECHAT_APP_ID 和 FAZHU_WECHAT_TOKEN。"


class NotWechat(ApiError):
    status = 403
    code = "not_signed"
    message = "签名缺失、不对、已过期或已经用过。"


class NotReadable(ApiError):
    code = "bad_message"
    message = "不是能读懂的微信消息。"


def _needed(settings: SettingsDep) -> None:
    if not settings.wechat_app_id or not settings.wechat_token:
        raise WechatOff


router = APIRouter(prefix="/wechat", include_in_schema=False, dependencies=[Depends(_needed)])


@asynccontextmanager
async def serving(app: FastAPI, house: House) -> AsyncIterator[None]:
    """What `take` needs, for as long as the gateway runs."""
    menu()
    app.state.wechat_seal = Seal(house.config)
    app.state.wechat = Inbox(house.redis, Handlers.of(house).answer)
    looking = asyncio.create_task(app.state.wechat.keep_looking())
    yield
    looking.cancel()
    await app.state.wechat.stop()


@router.get("")
async def verify(request: Request, settings: SettingsDep) -> PlainTextResponse:
    """Says that the address is ours; WeChat asks once, when an operator enters it."""
    try:
        Stamp.read(request.query_params).check(settings.wechat_token or "")
    except Forged as error:
        raise await _refused(request, error) from None
    return PlainTextResponse(request.query_params.get("echostr", "")[:ECHO])


async def _opened(request: Request) -> tuple[Stamp, Received]:
    """
    Raises:
        NotWechat: the signature does not hold.
        NotReadable: it holds, but what it signs is no message.
    """
    seal: Seal = request.app.state.wechat_seal
    try:
        stamp, xml = seal.open(request.query_params, await request.body())
        return stamp, read(xml)
    except Forged as error:
        raise await _refused(request, error) from None
    except BadMessage as error:
        log.warning("wechat, not readable: %s", error)
        raise NotReadable from None


async def _refused(request: Request, error: Forged) -> NotWechat:
    redis: Redis = request.app.state.redis
    await tally(redis, CHANNEL, str(error))
    return NotWechat()


@router.post("")
async def take(request: Request, opened: Annotated[tuple[Stamp, Received], Depends(_opened)]) -> Response:
    """403 where the signature does not hold, 400 for what is no message; else always an answer."""
    stamp, message = opened
    inbox: Inbox = request.app.state.wechat
    try:
        await stamp.use_up(request.app.state.redis, message.key)
        text = await inbox.take(message)
    except Forged as error:
        raise await _refused(request, error) from None
    except RedisError as error:
        log.error("wechat: %s", type(error).__name__)
        text = lines.AWAY
    if not text:
        return PlainTextResponse(SUCCESS)
    seal: Seal = request.app.state.wechat_seal
    return Response(seal.close(text, message), media_type="text/xml")
