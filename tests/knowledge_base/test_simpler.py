"""Who does not follow gets it said more simply."""

import pytest

from knowledge_base.answers import load
from knowledge_base.simpler import asks_simpler, simpler


@pytest.mark.parametrize(
    "text",
    ["看不懂", "我看不懂", "没听懂", "听不明白", "啥意思", "这是什么意思？", "说简单点", "简单点说", "讲通俗一点",
     "能说简单点吗", "慢点说", "再说一遍", "请再讲一遍", "太长了", "太复杂了", "说人话", "不懂", "还是不明白啊"],
)  # fmt: skip
def test_it_is_asked_for(text: str) -> None:
    assert asks_simpler(text)


@pytest.mark.parametrize(
    "text",
    ["合同看不懂就签了怎么办", "什么意思表示真实", "简单的离婚协议怎么写", "老板说再说一遍就开除我", "不懂法被骗了",
     "慢性病能办社保吗", "恶意是什么意思", "太长时间不还钱", "简易程序", "没说"],
)  # fmt: skip
def test_a_question_of_law_is_not_taken_for_it(text: str) -> None:
    assert not asks_simpler(text)


def test_the_answer_comes_in_spoken_words_with_its_citations() -> None:
    answer = next(answer for answer in load() if answer.spoken and answer.citations)
    reply = simpler(answer.id)
    assert reply.text == f"简单说：{answer.spoken}"
    assert len(reply.citations) == len(answer.citations)


def test_without_an_answer_before_a_person_is_offered() -> None:
    for before in (None, "gone"):
        reply = simpler(before)
        assert [button.title for button in reply.buttons] == ["转人工"]
