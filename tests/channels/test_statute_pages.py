"""The laws as pages."""

import pytest
from fastapi.testclient import TestClient

from tests.channels.gateway import gateway, say

__all__ = ["gateway"]


def test_all_laws_are_listed_with_the_everyday_ones_first(gateway: TestClient) -> None:
    text = gateway.get("/statutes").text
    assert (
        text.index("老百姓常用的法律") < text.index("/statutes/%E6%B0%91%E6%B3%95%E5%85%B8") < text.index("<details>")
    )
    assert "修正案" not in text


@pytest.mark.parametrize("law", ["民法典", "中华人民共和国民法典"])
def test_a_law_is_shown_by_book_and_chapter(gateway: TestClient, law: str) -> None:
    text = gateway.get(f"/statutes/{law}").text
    assert text.index("第一编 总则") < text.index("第五编 婚姻家庭") < text.index("第六编 继承")
    assert 'href="/statutes/%E6%B0%91%E6%B3%95%E5%85%B8/1079"' in text


def test_an_article_is_shown_with_plain_words_neighbours_and_place(gateway: TestClient) -> None:
    text = gateway.get("/statutes/民法典/1254").text
    for part in (
        "《民法典》第一千二百五十四条",
        "第七编 侵权责任",
        "用大白话说",
        "常有人这样问",
        "第一千二百五十三条",
        "第一千二百五十五条",
    ):
        assert part in text
    assert "2021-01-01 起施行" in text


def test_inserted_articles_have_pages_between_their_neighbours(gateway: TestClient) -> None:
    text = gateway.get("/statutes/刑法/133-1").text
    assert 'rel="prev" href="/statutes/%E5%88%91%E6%B3%95/133"' in text


@pytest.mark.parametrize(
    "path", ["民法典/1261", "民法典/0", "婚姻法/1", "婚姻法", "民法典/1079-9", "民法典/abc", "民法典/第1079条"]
)
def test_what_is_not_there_is_a_page_that_helps(gateway: TestClient, path: str) -> None:
    response = gateway.get(f"/statutes/{path}")
    assert response.status_code == 404
    assert "没有找到这一条" in response.text and "用自己的话" in response.text


def test_searching_tells_why(gateway: TestClient) -> None:
    text = gateway.get("/statutes", params={"q": "楼上扔烟头把我车烧了"}).text
    assert "《民法典》第一千二百五十四条" in text and 'class="why"' in text


@pytest.mark.parametrize("q", ["<script>alert(1)</script>", "？？", "x"])
def test_any_search_is_a_page_and_nothing_is_run(gateway: TestClient, q: str) -> None:
    response = gateway.get("/statutes", params={"q": q})
    assert response.status_code == 200
    assert "<script>alert" not in response.text


def test_a_named_article_is_answered_in_the_chat(gateway: TestClient) -> None:
    [reply] = say(gateway, "民法典第1079条是什么")["replies"]
    assert reply["type"] == "statutes"
    assert reply["citations"] == [{"law": "中华人民共和国民法典", "article": 1079, "sub": 0, "quote": ""}]
