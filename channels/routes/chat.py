"""Web chat: messages, and the transcript a page shows again after a reload."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from channels.conversation import Incoming, TurnOut
from channels.deps import ConversationDep, LiveDep, RateLimited, SessionsDep, SettingsDep
from channels.errors import SessionUnknown, TextTooLong
from channels.pages import word
from channels.session import Session
from knowledge_base.interviews.model import interviews
from knowledge_base.papers import Asked, paper, report
from knowledge_base.statutes import corpus
from knowledge_base.workdays import PLACE_TIME

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


@router.get("/sessions/{session_id}/papers/{interview}.docx", dependencies=[RateLimited])
async def download(
    session_id: Token, interview: Annotated[str, Path(max_length=60)], sessions: SessionsDep
) -> Response:
    """A paper that was filled in in this conversation."""
    session = await sessions.load(session_id)
    found = interviews().get(interview)
    if session is None or found is None or not found.paper or found.id not in session.kept:
        raise SessionUnknown
    return word(paper(found, session.kept[found.id], datetime.now(PLACE_TIME)), found.title)


@router.get("/sessions/{session_id}/report.docx", dependencies=[RateLimited])
async def report_of(session_id: Token, sessions: SessionsDep) -> Response:
    """The conversation for the citizen to keep: questions, answers, the articles they rest on."""
    session = await sessions.load(session_id)
    if session is None:
        raise SessionUnknown
    return word(report(_asked(session), datetime.now(PLACE_TIME)), "法律咨询记录")


def _asked(session: Session) -> list[Asked]:
    turns: list[tuple[str, list[str], dict[str, str]]] = []
    for entry in session.transcript:
        if entry["who"] == "citizen":
            turns.append((entry["text"], [], {}))
        elif turns:
            turns[-1][1].append(entry["text"])
            for cited in entry.get("citations", ()):  # a worker's words have none
                article = corpus().find(cited["law"], cited["article"], cited["sub"])
                turns[-1][2][article.title] = article.text
    return [Asked(question, replies, list(articles.items())) for question, replies, articles in turns]


@router.delete("/sessions/{session_id}", status_code=204)
async def erase(session_id: Token, sessions: SessionsDep, live: LiveDep) -> None:
    """The citizen ends the conversation: what was said is forgotten at once."""
    await sessions.forget(session_id)
    await live.end(session_id)
