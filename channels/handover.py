"""What goes along with a ticket, so that nobody asks twice: a summary made by the machine, the legal-aid check, a
deadline at risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from channels.session import Session
from knowledge_base.interviews.findings import summary
from knowledge_base.interviews.model import interviews
from nlu_data.taxonomy import taxonomy
from referrals.codes import without_pin

AID_CHECK = "legal-aid"
QUESTIONS_SHOWN = 5
_SHORT = 120  # characters of a question


@dataclass(frozen=True)
class Handover:
    summary: str
    aid_check: str
    deadline: date | None

    def as_metadata(self) -> dict[str, Any]:
        return {
            "summary": self.summary,
            "aid_check": self.aid_check,
            "deadline": self.deadline and self.deadline.isoformat(),
        }


def handover(session: Session) -> Handover:
    """Of the whole conversation. Interviews but the legal-aid check go into the summary."""
    done = {id: answers for id, answers in session.kept.items() if id in interviews()}
    told = {id: summary(interviews()[id], answers) for id, answers in done.items()}
    aid_check = told.pop(AID_CHECK, "")
    lines = [*_matter(session), *_questions(session.transcript), *told.values()]
    if session.deadline:
        lines.append(f"时限：权利可能在 {session.deadline} 到期，请核对起算日。")
    return Handover("\n".join(lines), aid_check, session.deadline)


def _matter(session: Session) -> list[str]:
    titles = {intent: title for topic in taxonomy().topics.values() for intent, title in topic.intents.items()}
    named = [session.topic, titles.get(session.intent or "")]
    found = " · ".join(name for name in named if name)
    return [f"事项：{found}"] if found else []


def _questions(transcript: Sequence[dict[str, Any]]) -> list[str]:
    """What was asked and what the machine had to say to it, the last few."""
    lines = []
    asked = ""
    for entry in transcript:
        if entry["who"] == "citizen":
            asked = entry["text"]
        elif asked and entry.get("type") in ("answer", "clarify", "statutes", "urgent"):
            lines.append(f"问：{without_pin(asked)[:_SHORT]}\n　法助：{_gist(entry)}")
            asked = ""
    return lines[-QUESTIONS_SHOWN:]


def _gist(entry: dict[str, Any]) -> str:
    """The question a written answer answers stands in brackets at its head."""
    if entry["type"] != "answer":
        return {"clarify": "追问，没有答定", "statutes": "只给了法条", "urgent": "给了紧急求助电话"}[entry["type"]]
    return f"按“{entry['text'].split('】')[0].lstrip('【')}”解答" if entry["text"].startswith("【") else "已解答"
