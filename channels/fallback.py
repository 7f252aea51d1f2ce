"""Answering without Rasa: straight from the knowledge base, and referrals all the same."""

import re
from dataclasses import dataclass, field
from typing import Any

from actions import interview_steps
from actions import referral_steps as steps
from actions.consultation import service_for, state_after
from actions.smalltalk import reply_to
from channels.session import Session
from knowledge_base.compose import Said
from knowledge_base.consult import Before, consult
from knowledge_base.interviews.model import asked_for
from knowledge_base.replies import Reply
from referrals.codes import looks_like_code
from referrals.intake import Suggestion
from referrals.tickets import Origin

# Without a classifier, the few things a citizen must always be able to say.
_SAYS = {
    "ask_human": re.compile(r"转人工|人工服务|^人工$|真人|找(?:个)?(?:律师|人|调解员)(?:帮|谈|问|$)|联系律师"),
    "ticket_status": re.compile(r"查.{0,4}(?:工单|进度|单子)|工单.{0,4}(?:进度|状态|到哪|怎么样)"),
    "greet": re.compile(r"^(?:您|你)?好[啊呀吗]?[!！。]?$|^(?:hi|hello|在吗|有人吗)[?？!！]?$", re.I),
    "thanks": re.compile(r"^(?:谢谢|多谢|感谢|谢了)"),
    "goodbye": re.compile(r"^(?:再见|拜拜|不聊了)"),
    "start_over": re.compile(r"^重新开始"),
    "capabilities": re.compile(r"你(?:们)?(?:能|会|可以)(?:干|做)(?:什么|啥)"),
    "cancel": re.compile(r"^(?:取消|算了)[吧了]?$"),
}


@dataclass
class Outcome:
    """The same things Rasa's reply carries."""

    replies: list[Reply]
    intent: str | None = None
    topic: str | None = None
    confidence: float = 0.0
    state: dict[str, Any] = field(default_factory=dict)
    ticket: dict[str, str] | None = None


def respond(text: str, session: Session, origin: Origin) -> Outcome:
    """One turn from ``text`` (normalised) and what the session knows."""
    if session.form:
        return _continue(text, session, origin)
    if asked := asked_for(text):
        return _interview(interview_steps.begin(asked, session.kept))
    intent = next((name for name, says in _SAYS.items() if says.search(text)), None)
    if intent == "ask_human":
        return _form(steps.begin_referral(_suggestion(session)), session, intent)
    if intent == "ticket_status" or looks_like_code(text):
        return _ticket(steps.begin_ticket(text), "ticket_status", session)
    if intent:
        reply, offer = reply_to(intent)
        return Outcome([reply], intent, confidence=1.0, state={"failed": False, "offer": offer})
    return _consult(text, session, origin.channel)


def _suggestion(session: Session) -> Suggestion:
    return Suggestion(session.question, session.service or service_for(session.topic, session.intent))


def _consult(text: str, session: Session, channel: str) -> Outcome:
    before = Before(session.failed_turns, session.given, session.other_than)
    found = consult(Said(text, added=session.added), before=before, channel=channel)
    confidence = max(0.0, min(1.0, found.confidence))
    return Outcome([found.reply], topic=found.topic, confidence=confidence, state=state_after(text, found))


def _continue(text: str, session: Session, origin: Origin) -> Outcome:
    assert session.form
    if session.form["name"] == "interview":
        return _interview(interview_steps.go_on(session.form, text))
    if session.form["name"] == "ticket":
        return _ticket(steps.continue_ticket(session.form, text), "ticket_status", session)
    turn = steps.continue_referral(session.form, text, _suggestion(session))
    outcome = _form(turn, session, "ask_human")
    if turn.complete:
        reply, outcome.ticket = steps.submit(turn.draft, origin)
        outcome.replies.append(reply)
        outcome.state["urgent"] = False
    return outcome


def _interview(turn: interview_steps.InterviewTurn) -> Outcome:
    return Outcome(turn.replies, confidence=1.0, state=turn.state)


def _form(turn: steps.FormTurn, session: Session, intent: str) -> Outcome:
    return Outcome(turn.replies, intent, session.topic, confidence=1.0, state={"form": turn.form, "failed": False})


def _ticket(turn: steps.FormTurn, intent: str, session: Session) -> Outcome:
    outcome = Outcome(turn.replies, intent, confidence=1.0, state={"form": turn.form, "failed": False})
    if turn.complete:
        reply, outcome.ticket = steps.ticket_status(turn.draft, session.id)
        outcome.replies.append(reply)
    return outcome
