"""``POST /api/v1/calls/{call_id}/turns``: one event of a call in, what to say and do out. docs/hotline.md"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request

from channels.deps import ConversationDep, SessionsDep, SettingsDep
from channels.errors import ApiError
from channels.hotline import signature
from channels.hotline.contract import CallEvent, CallReply
from channels.hotline.line import Hotline
from channels.hotline.turn import House

CallId = Annotated[str, Path(min_length=1, max_length=128, description="the platform's, unique for each call")]


class HotlineOff(ApiError):
    status = 404
    code = "not_found"
    message = "热线接入没有开通：请设置 FAZHU_HOTLINE_SECRET。"


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


@router.post("/{call_id}/turns")
async def take(body: Body, call_id: CallId, event: CallEvent, hotline: HotlineDep) -> CallReply:
    """401 unsigned, 404 without a secret, 409 for a ``seq`` that comes late or with another body; else always an answer."""
    return await hotline.take(call_id, event, body)
