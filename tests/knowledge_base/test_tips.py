"""Every published answer gives a sound tip, and the day's tip depends on the date alone."""

from datetime import date, timedelta

import pytest

from knowledge_base.answers import Answer, Citation, Review
from knowledge_base.search import answer_search
from knowledge_base.statutes import corpus
from knowledge_base.tips import Tips, read_tips, tips

DAY = date(2026, 11, 30)
QUARTER_OF_A_MINUTE = 120  # characters, at 8 a second


def answers() -> dict[str, Answer]:
    return {answer.id: answer for answer in answer_search().entries}


def an_answer(id: str, **fields: object) -> Answer:
    known: dict[str, object] = {
        "id": id, "question": "试用期最长多久？", "phrasings": ["试用期多久"] * 5, "topic": "labour",
        "answer": "试用期的长短看合同期限，最长不超过六个月。", "next_steps": ["看合同"],
        "citations": [{"law": "中华人民共和国劳动合同法", "article": 19}],
    }  # fmt: skip
    return Answer(**(known | fields))  # type: ignore[arg-type]


def test_every_published_answer_has_one() -> None:
    assert {tip.id for tip in tips().of(None)} == answers().keys()


def test_all_it_says_is_the_answers_own_and_whole() -> None:
    known = answers()
    for tip in tips().of(None):
        answer = known[tip.id]
        assert tip.text in (answer.spoken, answer.answer) and tip.question == answer.question


def test_it_is_short_ends_as_a_sentence_and_rests_on_law_in_force() -> None:
    known = answers()
    for tip in tips().of(None):
        assert 15 <= len(tip.text) <= QUARTER_OF_A_MINUTE, tip.id
        assert tip.text.endswith(("。", "！")), tip.id
        assert list(tip.citations) == known[tip.id].citations
        for citation in tip.citations:
            corpus().find(*citation.key)


def test_an_answer_without_a_spoken_form_is_told_whole() -> None:
    (tip,) = Tips([an_answer("probation")]).of(None)
    assert tip.text == "试用期的长短看合同期限，最长不超过六个月。"


def test_what_rests_on_law_that_is_not_in_force_is_left_out() -> None:
    gone = an_answer("gone", citations=[Citation(law="中华人民共和国合同法", article=1)])
    named = an_answer("named", spoken="这件事看《中华人民共和国合同法》第五十二条的规定。")
    assert [tip.id for tip in Tips([gone, an_answer("sound"), named]).of(None)] == ["sound"]


def test_it_says_who_has_reviewed_it() -> None:
    draft = an_answer("draft")
    read = an_answer("read", reviewed=Review(by="测试律师", on=DAY))
    vouched = [tip.vouched for tip in Tips([draft, read]).of(None)]
    assert "还没有经过律师审核" in vouched[0] and "测试律师" in vouched[1]


def test_topics_are_found_by_slug_and_by_title() -> None:
    family = tips().topic("family")
    assert family and family == tips().topic("婚姻家庭")
    assert {tip.topic for tip in tips().of(family)} == {family}
    assert tips().topic("legal_aid") and tips().topic("法律援助") == tips().topic("legal_aid")
    assert tips().topic("") is None and tips().topic("航天") is None


def test_a_day_has_one_tip_and_the_next_another() -> None:
    week = [tips().for_day(DAY + timedelta(days=n))[0].id for n in range(7)]
    assert week == [tips().for_day(DAY + timedelta(days=n))[0].id for n in range(7)]
    assert len(set(week)) == 7


def test_a_days_tip_stays_when_others_are_added_or_removed() -> None:
    every = [an_answer(f"answer-{n}") for n in range(40)]
    before = [tip.id for tip in Tips(every).for_day(DAY)]
    without = Tips([answer for answer in every if answer.id != before[3]])
    assert [tip.id for tip in without.for_day(DAY)] == before[:3] + before[4:]


def test_a_topics_day_is_of_the_topic() -> None:
    labour = tips().topic("labour")
    assert {tip.topic for tip in tips().for_day(DAY, labour)} == {labour}


def test_drafts_can_be_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge_base.tips.load", lambda: [an_answer("draft")])
    assert len(read_tips().of(None)) == 1
    monkeypatch.setenv("FAZHU_DRAFTS", "hide")
    assert read_tips().of(None) == [] and read_tips().topics == []
