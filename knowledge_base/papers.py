"""Papers a citizen takes along, as .docx: applications and complaints from an interview, and a record of a consultation.

The templates in ``content/papers`` are Word files with docxtpl's tags, so that a lawyer edits them in Word. What the
citizen has not told is marked in its place, never invented.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate, Listing

from knowledge_base.answers import CONTENT
from knowledge_base.interviews.course import given
from knowledge_base.interviews.model import PASSED, Answers, Interview

PAPERS = CONTENT / "papers"
REPORT = "consultation-report"


@dataclass(frozen=True)
class Asked:
    """One question of a consultation and what was replied to it."""

    question: str
    replies: Sequence[str]
    articles: Sequence[tuple[str, str]]  # title and text


def paper(interview: Interview, answers: Answers, moment: datetime) -> bytes:
    """The filled-in template of an interview; ``moment`` dates it.

    Raises:
        ValueError: the interview has no paper.
    """
    if not interview.paper:
        raise ValueError(f"{interview.id} makes no paper")
    return _render(PAPERS / f"{interview.paper}.docx", {**context(interview, answers), "today": _day(moment)})


def context(interview: Interview, answers: Answers) -> dict[str, Any]:
    """What a template's tags stand for: each step by its id, in words, and ``chosen`` with the answers as kept.

    A step that was passed is marked with its label; one that was not asked is empty.
    """
    counted = given(interview, answers)
    words: dict[str, Any] = {step.id: "" for step in interview.steps}
    for step in interview.steps:
        if step.id in counted:
            said = f"【待填：{step.label}】" if counted[step.id] == PASSED else step.said(counted[step.id])
            words[step.id] = Listing(said) if step.kind == "long_text" else said
    return {**words, "chosen": counted}


def report(asked: Sequence[Asked], moment: datetime) -> bytes:
    """The record of a consultation for the citizen to keep."""
    entries = [
        {
            "question": Listing(one.question),
            "replies": [Listing(reply) for reply in one.replies],
            "articles": [{"title": title, "text": Listing(text)} for title, text in one.articles],
        }
        for one in asked
    ]
    return _render(PAPERS / f"{REPORT}.docx", {"asked": entries, "today": _day(moment), "time": f"{moment:%H:%M}"})


def _render(template: Path, values: Mapping[str, Any]) -> bytes:
    document = DocxTemplate(template)
    document.render(dict(values), autoescape=True)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _day(moment: datetime) -> str:
    return f"{moment.year}年{moment.month}月{moment.day}日"
