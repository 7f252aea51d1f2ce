"""``POST /api/v1/calls/{call_id}/turns``: one event of a call in, what to say and do out. docs/hotline.md"""

import json
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Header, Path, Request

from channels.deps import ConversationDep, SessionsDep, SettingsDep
from channels.errors import ApiError, NotJson
from channels.hotline import signature
from channels.hotline.contract import CallEvent, CallReply
from channels.hotline.dialects import dialects
from channels.hotline.line import Hotline
from channels.hotline.transfers import transfers
from channels.hotline.turn import House

CallId = Annotated[str, Path(min_length=1, max_length=128, description="the platform's, unique for each call")]


class HotlineOff(ApiError):
    status = 404
    code = "not_found"
    message = "热线接入没有开通：请设置 FAZHU_HOTLINE_SECRET。"


class DialectUnknown(ApiError):
    status = 404
    code = "dialect_not_found"
    message = "没有这种平台格式：channels/hotline/dialects 里没有它的文件。"


class NotSigned(ApiError):
    status = 401
    code = "not_signed"
    message = "签名缺失、不对或已过期。"


async def _signed(
    request: Request,
    settings: SettingsDep,
    header: Annotated[str, Header(alias=signature.HEADER, description="t=<unix seconds>,v1=<hex>")] = "",
) -> bytes:
    """The body, once its signature holds.

    Raises:
        HotlineOff: there is no secret.
        NotSigned: forged, expired or missing.
    """
    if not settings.hotline_secret:
        raise HotlineOff
    body = await request.body()
    signed = signature.Signed(request.method, request.scope["raw_path"].partition(b"?")[0], body)
    if not signature.holds(header, signed, settings.hotline_secret):
        raise NotSigned
    return body


def _hotline(request: Request, conversation: ConversationDep, sessions: SessionsDep, settings: SettingsDep) -> Hotline:
    return Hotline(request.app.state.redis, House(conversation, sessions, settings.hotline_turn_limit))


Body = Annotated[bytes, Depends(_signed)]
HotlineDep = Annotated[Hotline, Depends(_hotline)]

router = APIRouter(prefix="/api/v1/calls", tags=["hotline"])


def ready() -> None:
    """
    Raises:
        ContentError: the hotline's own files are broken.
    """
    transfers()
    dialects()


@router.post("/{call_id}/turns")
async def take(body: Body, call_id: CallId, event: CallEvent, hotline: HotlineDep) -> CallReply:
    """401 unsigned, 404 without a secret, 409 for a ``seq`` that comes late or with another body; else always an answer."""
    return await hotline.take(call_id, event, body)


@router.post("/{dialect}/{call_id}/turns")
async def take_in_dialect(request: Request, body: Body, dialect: str, call_id: CallId, hotline: HotlineDep) -> Any:
    """The same in another platform's words: JSON, or a form."""
    spoken = dialects().get(dialect)
    if spoken is None:
        raise DialectUnknown
    event = spoken.event(_read(request.headers.get("content-type", ""), body))
    return {} if event is None else spoken.reply(call_id, event, await hotline.take(call_id, event, body))


def _read(kind: str, body: bytes) -> Any:
    """
    Raises:
        NotJson: neither JSON nor a form.
    """
    try:
        return (
            dict(parse_qsl(body.decode())) if kind.startswith("application/x-www-form-urlencoded") else json.loads(body)
        )
    except ValueError as error:
        raise NotJson from error
