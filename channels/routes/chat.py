"""Web chat: messages, and the transcript a page shows again after a reload."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from channels.conversation import Incoming, TurnOut
from channels.deps import ConversationDep, RateLimited, SessionsDep, SettingsDep
from channels.errors import SessionUnknown, TextTooLong

router = APIRouter(prefix="/api/v1/chat", tags=["chat"])

Token = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]


class MessageIn(BaseModel):
    session_id: Token | None = None
    text: str
    message_id: Token | None = None  # the same id twice gets the same reply and does nothing twice


class TranscriptOut(BaseModel):
    session_id: str
    entries: list[dict[str, Any]]


@router.post("/messages", dependencies=[RateLimited])
async def say(message: MessageIn, conversation: ConversationDep, settings: SettingsDep) -> TurnOut:
    if len(message.text) > settings.text_limit:
        raise TextTooLong(settings.text_limit)
    return await conversation.handle(Incoming(message.text, message.session_id or None, message.message_id or None))


@router.get("/sessions/{session_id}", dependencies=[RateLimited])
async def transcript(session_id: Token, sessions: SessionsDep) -> TranscriptOut:
    session = await sessions.load(session_id)
    if session is None:
        raise SessionUnknown
    return TranscriptOut(session_id=session.id, entries=session.transcript)


@router.delete("/sessions/{session_id}", status_code=204)
async def erase(session_id: Token, sessions: SessionsDep) -> None:
    """The citizen ends the conversation: what was said is forgotten at once."""
    await sessions.forget(session_id)
