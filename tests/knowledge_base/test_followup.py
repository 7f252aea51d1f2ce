"""Second messages are read together with the question before them when, and only when, they need it."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.followup import FOLLOWS, LONGEST, STANDS, asks, follows, together
from knowledge_base.text import normalise
from nlu_data.similarity import near_duplicates

WRITTEN = yaml.safe_load((Path(__file__).parent / "followups.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text", ["那要多久", "如果没有借条呢", "孩子才一岁", "对的，就我跟我哥两个", "他死活不签字", "那公司要是不给呢"]
)
def test_what_says_nothing_by_itself_follows(text: str) -> None:
    assert follows(normalise(text))


@pytest.mark.parametrize(
    "text",
    [
        "换个问题 交通事故主责赔多少", "还有个事，我押金房东不退", "醉驾判几年", "老板拖欠我三个月工资不给怎么办",
        "谢谢", "转人工", "好的", "怎么申请法律援助",
    ],
)  # fmt: skip
def test_a_new_question_and_small_talk_stand_alone(text: str) -> None:
    assert not follows(normalise(text))


def test_most_messages_never_trained_on_are_told_apart() -> None:
    right = {
        label: sum(follows(normalise(entry["says"])) is (label == FOLLOWS) for entry in WRITTEN[label])
        / len(WRITTEN[label])
        for label in (FOLLOWS, STANDS)
    }
    assert min(right.values()) >= 0.75, right


def test_the_test_set_is_not_what_was_learned() -> None:
    from knowledge_base.followup import EXAMPLES

    learned = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    texts = [e["says"] for label in (FOLLOWS, STANDS) for e in WRITTEN[label] if len(e["says"]) > 7]
    others = [e["says"] for label in (FOLLOWS, STANDS) for e in learned[label]]
    assert [texts[i] for i, _, _ in near_duplicates(texts, others, 0.7)] == []


def test_a_fact_is_told_from_a_question() -> None:
    assert not asks("孩子才一岁")
    assert not asks("对的，就我跟我哥两个")
    assert asks("那要多久")
    assert asks("没有借条呢")


@given(st.text(max_size=400), st.text(max_size=100))
def test_together_keeps_the_new_message_whole_and_the_old_one_short(before: str, text: str) -> None:
    joined = together(before, text)
    assert joined.endswith(text)
    assert len(joined) <= LONGEST + 1 + len(text)
