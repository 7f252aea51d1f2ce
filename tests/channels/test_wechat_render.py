"""Answers as WeChat shows them: complete, in parts it takes, with choices and links that work."""

import re
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from channels.conversation import ButtonOut, CitationOut, LinkOut, ReplyOut
from channels.session import Session
from channels.wechat import links
from channels.wechat.contract import Outbound
from channels.wechat.render import LIMIT, choices, choosable, passive, render, split, whole
from knowledge_base.statutes import UnknownArticle, corpus
from tests.channels.gateway import gateway

__all__ = ["gateway"]
BASE = "https://law.example/"


def buttons(*titles: str) -> tuple[ButtonOut, ...]:
    return tuple(ButtonOut(title=title, payload=title) for title in titles)


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


TEXTS = st.text(st.sampled_from("法律，。；！？\n 的a.👨‍👩‍👧é\u0301\u200d\ufe0f🏽"), max_size=400) | st.text(
    max_size=200
)


@given(TEXTS, st.integers(8, 64))
def test_every_part_fits_and_nothing_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < len(part.encode()) <= limit for part in parts)
    control = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
    assert without_spaces("".join(parts)) == without_spaces(control.sub("", text))


@given(st.lists(st.sampled_from(["法", "é", "e\u0301", "👨‍👩‍👧", "👍🏽", "❤️", "a"]), max_size=60), st.integers(40, 80))
def test_no_character_is_broken(characters: list[str], limit: int) -> None:
    for one, other in pairwise(split("".join(characters), limit)):
        assert not one.endswith("\u200d") and other[0] not in "\u0301\u200d\ufe0f🏽"


def test_it_is_cut_at_sentence_ends_where_there_are_some() -> None:
    sentence = "劳动者可以依法向当地人民法院申请支付令，人民法院应当依法发出支付令。"
    parts = split(sentence * 60)
    assert "".join(parts) == sentence * 60 and all(part.endswith("。") for part in parts)
    assert all(LIMIT / 3 < len(part.encode()) <= LIMIT for part in parts)
    assert split("“好。”" * 10, 30) == ["“好。”" * 2] * 5
    assert split("") == split(" \n") == split("\x00") == []


def test_an_answer_names_its_articles_once_with_links_that_open_them(gateway: TestClient) -> None:
    cited = [
        CitationOut(law="中华人民共和国民法典", article=1079),
        CitationOut(law="中华人民共和国刑法", article=133, sub=1),
    ]
    said = render([ReplyOut(type="answer", text="可以起诉。", citations=[*cited, cited[0]])], BASE).text
    assert said.startswith("可以起诉。\n\n依据：\n《民法典》第一千零七十九条 https://law.example/s/")
    urls = re.findall(r"https://law\.example(/s/\S+)", said)
    assert len(urls) == 2 and max(map(len, urls)) <= 16
    pages = [gateway.get(url, follow_redirects=True) for url in urls]
    assert [page.status_code for page in pages] == [200, 200]
    assert "第一千零七十九条" in pages[0].text and "第一百三十三条之一" in pages[1].text


def test_without_an_address_of_our_own_articles_are_only_named() -> None:
    reply = ReplyOut(
        type="answer", text="好。", citations=[CitationOut(law="中华人民共和国民法典", article=1079)],
        links=[LinkOut(title="起诉状", url="/api/v1/chat/sessions/s/papers/x.docx")],
    )  # fmt: skip
    assert render([reply], None).text == "好。\n\n依据：\n《民法典》第一千零七十九条"
    assert "起诉状：https://law.example/api/v1/chat/sessions/s/papers/x.docx" in render([reply], BASE).text


def test_short_links_never_come_to_mean_another_article(gateway: TestClient) -> None:
    tags = {links._tag(law) for law in corpus().laws}
    assert len(tags) == len(corpus().laws)
    assert links.code_of(corpus().find("民法典", 1079)) == "jep4b-1079"  # stands in messages on people's phones
    for code in ("", "zzzzz-1", "zzzzz", "a-1", "../../etc", "jep4b-99999999", "' or 1"):
        with pytest.raises(UnknownArticle):
            links.read(code)
    assert gateway.get("/s/zzzzz-1").status_code == 404
    assert gateway.get("/s/jep4b-9999").status_code == 404


def test_choices_are_those_of_the_last_reply_that_has_some() -> None:
    first = ReplyOut(type="urgent", text="请拨打 110。", buttons=list(buttons("转人工")))
    last = ReplyOut(type="clarify", text="您是问哪一件？", buttons=list(buttons("怎么离婚", "抚养费怎么算")))
    said = render([first, last, ReplyOut(type="notice", text="另外……")], None)
    assert whole(said) == ("请拨打 110。\n\n您是问哪一件？\n\n另外……\n\n回复数字选择：\n1 怎么离婚\n2 抚养费怎么算")
    assert not render([], None) and whole(Outbound()) == ""


def test_what_no_digit_chooses_is_offered_in_words() -> None:
    assert choices(Outbound("", buttons("是", "不是"), 0)) == "也可以回复：是、不是"
    assert choices(Outbound("", buttons("甲", "乙", "丙"), 2)) == "回复数字选择：\n1 甲\n2 乙\n也可以回复：丙"


def test_in_an_interview_a_digit_is_an_answer() -> None:
    def asked(interview: str, step: str) -> int:
        draft = {"interview": interview, "answers": {}}
        return choosable(Session(id="s", form={"name": "interview", "requested": step, "draft": draft}))

    assert choosable(None) == choosable(Session(id="s")) == 9
    assert asked("time-limit", "area") == 6 and asked("complaint-lease", "problem") == 10
    assert asked("time-limit", "check") == 0


def test_what_answers_at_once_is_one_text_and_the_rest_comes_after() -> None:
    assert passive(Outbound("好。")) == ("好。", Outbound())
    assert passive(Outbound()) == ("", Outbound())
    long = Outbound("劳动者可以申请支付令。" * 100, buttons("转人工"))
    now, rest = passive(long)
    assert len(now.encode()) <= LIMIT and now.endswith("。")
    assert without_spaces(now + rest.text) == long.text and rest.buttons == long.buttons


def test_choices_that_do_not_fit_come_after_the_text() -> None:
    text = "好。" * 340  # 2,040 bytes
    assert passive(Outbound(text, buttons("转人工"))) == (text, Outbound("", buttons("转人工")))
