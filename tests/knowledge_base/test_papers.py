"""Every paper is rendered and read back as Word would show it."""

import io
from datetime import datetime

import pytest
from docx import Document

from knowledge_base.interviews.course import next_step
from knowledge_base.interviews.model import PASSED, Interview, interviews
from knowledge_base.papers import Asked, paper, report
from tests.knowledge_base.test_interviews import walk

MOMENT = datetime(2026, 11, 28, 9, 30)
PAPERS = sorted(one.id for one in interviews().values() if one.paper)


def text_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def passed(interview: Interview) -> dict[str, str]:
    """As little as one can answer."""
    answers: dict[str, str] = {}
    full = walk(interview, {})
    while step := next_step(interview, answers):
        answers[step.id] = PASSED if step.optional else full.get(step.id) or walk(interview, answers)[step.id]
    return answers


@pytest.mark.parametrize("id", PAPERS)
def test_what_was_told_stands_in_the_paper_and_no_tag_is_left(id: str) -> None:
    answers = walk(interviews()[id], {})
    said = text_of(paper(interviews()[id], answers, MOMENT))
    assert "张某" in said and "{{" not in said and "{%" not in said and "None" not in said


@pytest.mark.parametrize("id", PAPERS)
def test_what_was_not_told_is_marked_and_nothing_is_invented(id: str) -> None:
    interview = interviews()[id]
    answers = passed(interview)
    said = text_of(paper(interview, answers, MOMENT))
    if any(answer == PASSED for answer in answers.values()):
        assert "【待填：" in said
    assert "{{" not in said and "None" not in said


def test_signs_that_mean_something_to_word_are_only_signs() -> None:
    answers = {**walk(interviews()["iou"], {})}
    name = next(step.id for step in interviews()["iou"].steps if step.kind == "text" and step.id in answers)
    answers[name] = "甲<b>&乙{{ 7*7 }}"
    assert "甲<b>&乙{{ 7*7 }}" in text_of(paper(interviews()["iou"], answers, MOMENT))


def test_what_makes_no_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="makes no paper"):
        paper(interviews()["legal-aid"], {}, MOMENT)


def test_the_record_of_a_consultation() -> None:
    asked = [
        Asked("老板不给钱\n怎么办", ["先投诉。"], [("《劳动合同法》第三十条", "用人单位应当……\n第二款")]),
        Asked("谢谢", ["不客气。"], []),
    ]
    said = text_of(report(asked, MOMENT))
    for words in ("老板不给钱", "先投诉。", "《劳动合同法》第三十条", "第二款", "2026年11月28日"):
        assert words in said
