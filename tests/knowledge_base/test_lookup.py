"""Who names an article gets that article; who asks about a matter does not."""

import pytest

from knowledge_base.lookup import look_up
from knowledge_base.text import normalise


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("民法典1079条", [1079]),
        ("《劳动合同法》第八十二条第一款是什么意思？", [82]),
        ("帮我查一下民法典第1079条和第1088条的内容", [1079, 1088]),
        ("刑法第一百三十三条之一 原文", [133]),
        ("民法典1079条解释一下", [1079]),
        ("民法典第十条至第十二条", [10, 11, 12]),
        ("民法典1079条第一款、第1079条第二款、第1079条第三款、1088条", [1079, 1088]),
    ],
)
def test_the_article_asked_for_is_shown(text: str, cited: list[int]) -> None:
    reply = look_up(normalise(text))
    assert reply and reply.type == "statutes"
    assert [citation["article"] for citation in reply.citations] == cited


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("请问婚姻法第32条怎么规定的", "《婚姻法》已经失效，现在适用《民法典》"),
        ("婚姻法第三十二条还管用不", "《婚姻法》已经失效，现在适用《民法典》"),
        ("民法典第1300条", "没有您说的这一条"),
        ("民法典第一万条", "没有您说的这一条"),
        ("民法典" + "2000条-2030条、" * 300, "没有您说的这一条"),
        ("《工伤保险条例》第十四条", "我手里没有《工伤保险条例》"),
        ("农村土地承包法第3条", "没有现行有效的文本"),
    ],
)
def test_what_cannot_be_shown_is_said(text: str, told: str) -> None:
    reply = look_up(normalise(text))
    assert reply and reply.type == "notice" and told in reply.text and not reply.citations
    assert len(reply.text) < 300


@pytest.mark.parametrize(
    "text",
    [
        "我老公出轨了，民法典1079条能帮我离婚吗",
        "合同第八条写了违约金",
        "民法典第10条-第12条打老婆",
        "民法典是什么时候开始的",
        "",
    ],
)
def test_a_question_of_its_own_is_left_to_the_search(text: str) -> None:
    assert look_up(normalise(text)) is None


def test_plain_words_stand_beside_the_article() -> None:
    reply = look_up("民法典1254条")
    assert reply and "用大白话说：" in reply.text


def test_a_paragraph_that_is_not_there_is_told_beside_the_article() -> None:
    reply = look_up("民法典第1079条第九款")
    assert reply and "没有您说的那一款" in reply.text and reply.citations
