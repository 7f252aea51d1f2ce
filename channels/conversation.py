"""One message's way through the house. The only place that decides who answers.

Normalise, red lines, then Rasa; when Rasa cannot, the knowledge base directly.
"""

import asyncio
import logging
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from actions.referral_steps import carries_on, carry_on
from channels import fallback, metrics
from channels.handover import handover
from channels.journal import Journal
from channels.live import JOINED, Live, Takeover
from channels.rasa import RasaClient, RasaUnavailable
from channels.session import CITATIONS_LIMIT, Session, Sessions
from knowledge_base.citations import unsound
from knowledge_base.followup import asks
from knowledge_base.lookup import look_up
from knowledge_base.red_lines import Danger, Sighting, Situation, red_lines
from knowledge_base.replies import ASK_HUMAN, HELPFUL, UNHELPFUL, Reply
from knowledge_base.simpler import asks_simpler, simpler
from knowledge_base.statutes import UnknownArticle, corpus
from knowledge_base.text import has_words, normalise
from referrals.tickets import Origin

log = logging.getLogger("fazhu")

EXPIRED = Reply("notice", "上一次的对话已经过期，我们重新开始。")
NO_WORDS = Reply(
    "notice", "我只看得懂文字。请用一两句话说说您遇到的事，比如“老板三个月没发工资”。", buttons=(ASK_HUMAN,)
)
WITHHELD = Reply(
    "handoff",
    "这条回答引用的法律需要重新核对，先不发给您，免得误事。要不要转给工作人员？也可以换个说法再问。",
    buttons=(ASK_HUMAN,),
)
THANKS = Reply("smalltalk", "谢谢您告诉我。还有别的事，接着说就行。")
SORRY = Reply(
    "handoff",
    "对不起，没帮上忙。您可以说说差在哪里，比如“我问的是……”，我再找；也可以转人工，由律师、调解员或法律援助人员来看。",
    buttons=(ASK_HUMAN,),
)
BACK = Reply("notice", "现在由法助（机器）继续为您解答。需要人工，随时说“转人工”或“查工单”。")
PAPER = "paper:"
# Replies that state law; others may repeat what a citizen cited.
VOUCHED_FOR = ("answer", "urgent", "statutes", "clarify")
QUOTING = ("statutes", "clarify")  # an article in force may itself name laws that are not


class CitationOut(BaseModel):
    law: str
    article: int
    sub: int = 0
    quote: str = ""  # the sentence of the article that matters here


class ButtonOut(BaseModel):
    title: str
    payload: str


class LinkOut(BaseModel):
    title: str
    url: str


class ReplyOut(BaseModel):
    type: Literal["answer", "clarify", "statutes", "form", "handoff", "notice", "urgent", "smalltalk"]
    text: str
    citations: list[CitationOut] = []
    buttons: list[ButtonOut] = []
    links: list[LinkOut] = []
    urgent: bool = False
    deadline: date | None = None  # the last day of a right that ends within weeks


class TicketOut(BaseModel):
    code: str
    status: str


class LiveOut(BaseModel):
    """The worker who answers in the bot's place."""

    name: str
    title: str


class TurnOut(BaseModel):
    """The reply to one message, as the HTTP contract has it."""

    session_id: str
    replies: list[ReplyOut]
    intent: str | None = None
    topic: str | None = None
    confidence: float = 0.0
    ticket: TicketOut | None = None
    degraded: bool = False
    live: LiveOut | None = None


@dataclass(frozen=True)
class Incoming:
    text: str
    session_id: str | None = None
    message_id: str | None = None
    channel: str = "web"


class Conversation:
    def __init__(self, sessions: Sessions, rasa: RasaClient, live: Live, journal: Journal) -> None:
        self._sessions = sessions
        self._rasa = rasa
        self._live = live
        self._journal = journal

    async def handle(self, message: Incoming) -> TurnOut:
        """Answer one message. A repeated ``message_id`` gets the first one's reply again.

        Raises:
            Busy: the conversation's last message is still being handled.
        """
        expired = bool(message.session_id) and not await self._sessions.exists(message.session_id or "")
        session_id = Session.new().id if expired or not message.session_id else message.session_id
        async with self._sessions.one_at_a_time(session_id):
            if message.message_id and (
                earlier := await self._sessions.remembered_reply(session_id, message.message_id)
            ):
                return TurnOut.model_validate_json(earlier)
            session = await self._sessions.load(session_id) or Session(id=session_id)
            turn = await self._with_worker(session, message) or await self._with_bot(session, message)
            turn.replies = [_linked(vouched(reply), session_id) for reply in turn.replies]
            if expired:
                turn.replies.insert(0, ReplyOut(**EXPIRED.as_dict()))
            self._remember(session, message, turn)
            await self._sessions.save(session)
            if message.message_id:
                await self._sessions.remember_reply(session_id, message.message_id, turn.model_dump_json())
        metrics.count(turn)
        if not turn.live:
            self._journal.note(turn, message.channel, clean(message.text), session.answered)
        return turn

    async def _with_worker(self, session: Session, message: Incoming) -> TurnOut | None:
        """The turn while a worker is there: no word of the bot's, except that danger is still answered at once."""
        there, text = await self._live.current(session.id), clean(message.text).strip()
        if there is None or not text or not await self._live.hear(session.id, there, text, message.channel):
            return None
        turn = TurnOut(session_id=session.id, replies=[], live=LiveOut(name=there.name, title=there.title))
        first = session.worker != there.key
        if first:
            self._step_aside(session, there)
        if first and not await self._live.is_present(there.ticket, "citizen"):  # else the stream has told it
            turn.replies.append(ReplyOut(type="notice", text=JOINED.format(who=there.who)))
        sighting = red_lines().look(normalise(text))
        if sighting and sighting.danger >= Danger.LIKELY:
            self._warn(session, turn, sighting)
        return turn

    @staticmethod
    def _step_aside(session: Session, there: Takeover) -> None:
        """Whatever was being asked is over: an answer to it hours later would be mistaken for something else."""
        session.worker, session.form = there.key, None
        session.renew_sender()

    async def _with_bot(self, session: Session, message: Incoming) -> TurnOut:
        turn = await self._turn(session, message)
        if session.worker:
            session.worker = ""
            turn.replies.insert(0, ReplyOut(**BACK.as_dict()))
        return turn

    async def _turn(self, session: Session, message: Incoming) -> TurnOut:
        text = normalise(message.text).lstrip("/ ")  # a leading slash would be a command to Rasa
        if not has_words(text):
            return _turn_out(session, [NO_WORDS])
        if not _in_interview(session):  # a number answers its question
            text = _chosen(text, session.options)
        session.begin_turn()
        if not session.form and carries_on(text):
            return await self._carry_on(session, text, message.channel)
        if not session.form and text in (HELPFUL.payload, UNHELPFUL.payload):
            return _judged(session, text)
        if not session.form and asks_simpler(text):
            return _turn_out(session, [simpler(session.answered)], topic=session.topic, confidence=1.0)
        sighting = red_lines().look(text, in_form=session.form is not None)
        if sighting and sighting.danger is Danger.NOW and not (sighting.situation.answered and asks(text)):
            return self._urgent(session, text, sighting.situation)
        if not session.form and not sighting and (reply := look_up(text)):
            return _turn_out(session, [reply], confidence=1.0)
        turn = await self._by_bot(session, text, message)
        if sighting and not session.form:
            self._warn(session, turn, sighting)
        return turn

    async def _carry_on(self, session: Session, text: str, channel: str) -> TurnOut:
        """Go on here with a ticket of another conversation; a worker who is in that one comes along."""
        done = await asyncio.to_thread(carry_on, text, session.id, channel)
        if done.former and done.former != session.id:
            await self._live.move(done.former, session.id)
        ticket = TicketOut(**done.ticket) if done.ticket else None
        return _turn_out(session, [done.reply], intent="ticket_status", confidence=1.0, ticket=ticket)

    @staticmethod
    def _urgent(session: Session, text: str, situation: Situation) -> TurnOut:
        session.urgent, session.offer, session.question, session.topic = True, True, text, situation.topic
        session.failed_turns = 0
        return _turn_out(session, [situation.reply], intent=situation.id, topic=situation.topic, confidence=1.0)

    @staticmethod
    def _warn(session: Session, turn: TurnOut, sighting: Sighting) -> None:
        """Whom to call comes first where danger is likely, last where it is merely possible."""
        if sighting.danger >= Danger.LIKELY:
            session.urgent = session.offer = True
            turn.replies.insert(0, ReplyOut(**sighting.situation.reply.as_dict()))
        elif caution := sighting.situation.caution:
            turn.replies.append(ReplyOut(**caution.as_dict()))

    async def _by_bot(self, session: Session, text: str, message: Incoming) -> TurnOut:
        turn_id = message.message_id or f"{session.turns}-{secrets.token_hex(4)}"
        text = session.understand(text)
        try:
            return await self._by_rasa(session, text, turn_id, message.channel)
        except RasaUnavailable:
            # Rasa may have moved on without us: it is not asked about this conversation's past again.
            session.renew_sender()
            return await self._by_fallback(session, text, turn_id, message.channel)

    async def _by_rasa(self, session: Session, text: str, turn_id: str, channel: str) -> TurnOut:
        metadata: dict[str, Any] = {
            "conversation": session.id,
            "turn": turn_id,
            "channel": channel,
            "question": session.question,
            "topic": session.topic,
            "intent": session.intent,
            "service": session.service,
            "kept": session.kept,
            "failed_turns": session.failed_turns,
            "given": session.given,
            "other_than": session.other_than,
            "added": session.added,
            "offer": session.offer,
            "urgent": session.urgent,
            "form": session.form,
        }
        if _at_last_step(session):
            metadata |= {"transcript": session.transcript_text(), "citations": session.citations}
            metadata |= handover(session).as_metadata()
        payloads = await self._rasa.send(session.sender, text, metadata)
        out = TurnOut(session_id=session.id, replies=[])
        for payload in payloads:
            out.replies += [ReplyOut(**reply) for reply in payload["replies"]]
            out.intent, out.confidence = payload["intent"], payload["confidence"]
            out.topic = out.topic or payload["topic"]
            out.ticket = (payload["ticket"] and TicketOut(**payload["ticket"])) or out.ticket
            _merge(session, payload["state"], out.intent)
        return out

    async def _by_fallback(self, session: Session, text: str, turn_id: str, channel: str) -> TurnOut:
        origin = Origin(
            session.id,
            turn_id,
            channel=channel,
            topic=session.topic,
            intent=session.intent,
            urgent=session.urgent,
            transcript=session.transcript_text() if _at_last_step(session) else "",
            citations=session.citations,
            **(vars(handover(session)) if _at_last_step(session) else {}),
        )
        outcome = await asyncio.to_thread(fallback.respond, text, session, origin)
        _merge(session, outcome.state, outcome.intent)
        return _turn_out(
            session,
            outcome.replies,
            intent=outcome.intent,
            topic=outcome.topic,
            confidence=outcome.confidence,
            ticket=TicketOut(**outcome.ticket) if outcome.ticket else None,
            degraded=True,
        )

    @staticmethod
    def _remember(session: Session, message: Incoming, turn: TurnOut) -> None:
        session.note("citizen", {"text": clean(message.text), "channel": message.channel})
        session.options = []
        for reply in turn.replies:
            session.note("bot", reply.model_dump(mode="json"))
            session.deadline = reply.deadline or session.deadline
            session.options = [button.payload for button in reply.buttons] or session.options
            cited = [citation.model_dump() for citation in reply.citations]
            session.citations = [*session.citations, *cited][-CITATIONS_LIMIT:]


def _judged(session: Session, text: str) -> TurnOut:
    """What the citizen thinks of the answer, counted for those who write it."""
    helped = text == HELPFUL.payload
    metrics.judged(session.answered or "article", helped)
    if helped:
        return _turn_out(session, [THANKS], topic=session.topic, confidence=1.0)
    session.failed_turns += 1
    session.offer = True
    return _turn_out(session, [SORRY], topic=session.topic, confidence=1.0)


def vouched(reply: ReplyOut) -> ReplyOut:
    """The reply, unless it cites what does not exist or is no longer in force: that is never sent."""
    if reply.type not in VOUCHED_FOR:
        return reply
    said = [] if reply.type in QUOTING else unsound(reply.text)
    wrong = [f"{found.citation.law} {found.citation.number}" for found in said]
    for cited in reply.citations:
        try:
            corpus().find(cited.law, cited.article, cited.sub)
        except UnknownArticle as error:
            wrong.append(str(error))
    if not wrong:
        return reply
    log.error("reply withheld, it cites %s", ", ".join(wrong))
    metrics.WITHHELD.inc()
    return ReplyOut(**WITHHELD.as_dict())


def _linked(reply: ReplyOut, session_id: str) -> ReplyOut:
    """Papers are downloaded from the conversation that made them."""
    for link in reply.links:
        if link.url.startswith(PAPER):
            link.url = f"/api/v1/chat/sessions/{session_id}/papers/{link.url.removeprefix(PAPER)}.docx"
    return reply


def clean(text: str) -> str:
    """What a citizen wrote, without control characters that no store or page should carry."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def _chosen(text: str, options: list[str]) -> str:
    """'2' after a list of buttons is the second of them."""
    if text.isdecimal() and len(text) == 1 and 1 <= int(text) <= len(options):
        return options[int(text) - 1]
    return text


def _in_interview(session: Session) -> bool:
    return bool(session.form) and session.form["name"] == "interview"  # type: ignore[index]


def _at_last_step(session: Session) -> bool:
    return bool(session.form) and session.form["requested"] == "confirmed"  # type: ignore[index]


def _merge(session: Session, state: dict[str, Any], intent: str | None) -> None:
    """Take over what a turn changed."""
    if "failed" in state:
        session.failed_turns = session.failed_turns + 1 if state["failed"] else 0
    if "question" in state:
        session.intent = intent
    session.kept |= state.get("kept", {})
    for name in ("question", "topic", "answered", "offer", "urgent", "form", "asked_back", "service"):
        if name in state:
            setattr(session, name, state[name])


def _turn_out(session: Session, replies: list[Reply], **fields: Any) -> TurnOut:
    return TurnOut(session_id=session.id, replies=[ReplyOut(**r.as_dict()) for r in replies], **fields)
