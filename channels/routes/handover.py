"""One conversation on another device: the kiosk shows a QR code, the phone that scans it goes on."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from channels.deps import RateLimited, SessionsDep
from channels.errors import ApiError, SessionUnknown
from channels.pages import qr_code, site
from channels.relay import Relay
from channels.routes.chat import Token

router = APIRouter(prefix="/api/v1/chat", tags=["chat"], dependencies=[RateLimited])


def _relay(request: Request) -> Relay:
    return Relay(request.app.state.redis)


RelayDep = Annotated[Relay, Depends(_relay)]


class OfferOver(ApiError):
    status = 404
    code = "handover_over"
    message = "这个二维码已经用过或过期了，请在原来的设备上重新生成。"


class OfferOut(BaseModel):
    """``svg`` is a QR code of ``url``, which hands the conversation over once."""

    url: str
    svg: str
    expires_at: datetime


class TakenOut(BaseModel):
    taken: bool


class TokenIn(BaseModel):
    token: Token


class SessionOut(BaseModel):
    session_id: str


@router.post("/sessions/{session_id}/handover")
async def offer(request: Request, session_id: Token, sessions: SessionsDep, relay: RelayDep) -> OfferOut:
    if not await sessions.exists(session_id):
        raise SessionUnknown
    token, until = await relay.offer(session_id)
    # In the fragment, which no server and no log sees.
    url = f"{site(request)}/#continue={token}"
    return OfferOut(url=url, svg=qr_code(url), expires_at=until)


@router.get("/sessions/{session_id}/handover")
async def taken(session_id: Token, relay: RelayDep) -> TakenOut:
    """Whether another device has gone on with the conversation: the one that offered it forgets it then."""
    return TakenOut(taken=await relay.taken(session_id))


@router.post("/handovers")
async def take(given: TokenIn, relay: RelayDep) -> SessionOut:
    """Go on with a conversation here; the token is good once."""
    session_id = await relay.take(given.token)
    if session_id is None:
        raise OfferOver
    return SessionOut(session_id=session_id)
