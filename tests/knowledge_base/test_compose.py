from datetime import date

import pytest

from knowledge_base.answers import Answer, Review, load, shown
from knowledge_base.compose import DRAFTED, Said, compose, key_sentence
from knowledge_base.facts import Fact
from knowledge_base.spans import add_months
from knowledge_base.statutes import corpus
from knowledge_base.workdays import today

LAW = "中华人民共和国民法典"
CUSTODY = Answer.model_validate({
    "id": "custody", "question": "孩子归谁？", "phrasings": ["娃跟谁", "抚养权怎么争", "孩子判给谁", "想要孩子", "争孩子"],
    "answer": "不满两周岁的孩子，以由母亲直接抚养为原则；已满两周岁的，按最有利于孩子的原则判决。",
    "next_steps": ["收好照顾孩子的证据。"], "see": "谈不拢的，起诉前找律师。", "spoken": "不满两周岁的孩子，一般由妈妈带。",
    "citations": [{"law": LAW, "article": 1084}], "ask": "孩子多大了？",
    "adapt": [
        {"fact": "age", "near": ["孩子"], "under": 2, "say": "您说孩子{said}，还不满两周岁。"},
        {"fact": "age", "near": ["孩子"], "from": 2, "under": 8, "say": "您说孩子{said}，已满两周岁。"},
    ],
})  # fmt: skip


def reply(text: str, *facts: Fact, added: int = 0, again: bool = False, length: str = "full") -> str:
    return compose(CUSTODY, [], Said(text, facts, added), again, length).text  # type: ignore[arg-type]


def test_the_answer_speaks_to_the_age_that_was_named() -> None:
    assert "您说孩子一岁半，还不满两周岁。" in reply("孩子一岁半归谁", Fact("age", "一岁半", 2, 1.5))
    assert "已满两周岁" in reply("孩子五岁归谁", Fact("age", "五岁", 2, 5.0))
    assert "您说" not in reply("我妈六十岁，孩子归谁", Fact("age", "六十岁", 2, 60.0))
    assert "您说" not in reply("女方二十岁，孩子归谁", Fact("age", "二十岁", 2, 20.0))


def test_two_ages_that_lead_apart_are_not_guessed_between() -> None:
    said = reply("孩子一岁和孩子五岁", Fact("age", "一岁", 2, 1.0), Fact("age", "五岁", 7, 5.0))
    assert "您说孩子" not in said and "孩子多大了？" in said


def test_one_short_question_where_a_fact_is_missing_and_none_where_it_is_not() -> None:
    assert "孩子多大了？" in reply("孩子归谁")
    assert "孩子多大了？" not in reply("孩子一岁半归谁", Fact("age", "一岁半", 2, 1.5))


def test_the_fact_that_was_asked_for_needs_no_word_beside_it() -> None:
    text = "归谁，一岁半"
    again = reply(text, Fact("age", "一岁半", 3, 1.5), added=3, again=True)
    assert "还不满两周岁" in again and "接下来可以" not in again


def test_lengths() -> None:
    full, short, spoken = (reply("孩子归谁", length=length) for length in ("full", "short", "spoken"))
    assert "找谁帮忙" in full and "找谁帮忙" not in short and "接下来可以" in short
    assert CUSTODY.spoken and spoken.startswith(CUSTODY.spoken) and "【" not in spoken


def test_who_vouches_is_said() -> None:
    assert DRAFTED in reply("孩子归谁")
    read = CUSTODY.model_copy(update={"reviewed": Review(by="某律师", on=date(2026, 12, 1))})
    text = compose(read, [], Said("孩子归谁"), False, "full").text
    assert "由某律师于2026年12月1日审核" in text and DRAFTED not in text


def test_drafts_can_be_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_DRAFTS", "hide")
    assert shown([CUSTODY]) == []
    monkeypatch.setenv("FAZHU_DRAFTS", "perhaps")
    with pytest.raises(ValueError, match="show or hide"):
        shown([CUSTODY])


def test_the_key_sentence_is_the_articles_own() -> None:
    [citation] = CUSTODY.citations
    quote = key_sentence(citation, CUSTODY.answer)
    assert "不满两周岁" in quote and quote in corpus().find(*citation.key).text


def test_a_deadline_is_worked_out_and_its_articles_are_cited() -> None:
    wages = next(answer for answer in load() if answer.id == "unpaid-wages-what-to-do")
    assert wages.deadlines == ["labour-arbitration"]
    made = compose(wages, [], Said("离职十个月没给工资", [Fact("duration", "十个月", 2, 10.0)]), False, "full")
    assert str(add_months(add_months(today(), -10), 12).year) in made.text and "从第二天起算1年" in made.text
    assert {"law": "中华人民共和国民法典", "article": 201} in [
        {key: value for key, value in c.items() if key != "quote"} for c in made.citations
    ]
    assert not made.urgent and not made.asks


def test_an_urgent_deadline_comes_first() -> None:
    wages = next(answer for answer in load() if answer.id == "unpaid-wages-what-to-do")
    almost = Said("离职快一年了", [Fact("duration", "快一年", 2, 12.0)])
    made = compose(wages, [], almost, False, "full")
    assert made.urgent and made.text.index("【紧急】") < made.text.index(wages.answer)


def test_there_is_always_a_way_to_say_whether_it_helped_and_to_a_person() -> None:
    for answer in load():
        titles = [button.title for button in compose(answer, [], Said(answer.question), False, "full").buttons]
        assert titles[-3:] == ["有帮助", "没帮助", "转人工"]
