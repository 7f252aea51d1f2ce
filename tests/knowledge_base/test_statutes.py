from datetime import date

import pytest

from knowledge_base.national import split_leaked
from knowledge_base.statutes import Corpus, UnknownArticle, corpus


def test_the_whole_civil_code_is_there() -> None:
    numbers = [a.number for a in corpus() if a.law == "中华人民共和国民法典"]
    assert numbers == list(range(1, 1261))


def test_an_article_is_found_by_full_and_by_short_name() -> None:
    full = corpus().find("中华人民共和国民法典", 1079)
    assert corpus().find("民法典", 1079) is full
    assert corpus().find("《民法典》", 1079) is full
    assert full.title == "《民法典》第一千零七十九条"
    assert "调解无效" in full.text


def test_inserted_articles_have_a_number_of_their_own() -> None:
    assert "危险驾驶" in corpus().find("刑法", 133, 1).text or "追逐竞驶" in corpus().find("刑法", 133, 1).text
    assert corpus().find("刑法", 133).text != corpus().find("刑法", 133, 1).text


@pytest.mark.parametrize(
    ("law", "number", "why"),
    [
        ("中华人民共和国婚姻法", 1, "no longer in force|not in the corpus"),
        ("中华人民共和国合同法", 1, "no longer in force|not in the corpus"),
        ("不存在的法", 1, "not in the corpus"),
        ("民法典", 1261, "no article 1261"),
        ("刑法", 133, ""),
    ],
)
def test_what_is_not_in_force_is_refused_with_the_reason(law: str, number: int, why: str) -> None:
    if not why:
        corpus().find(law, number)
        return
    with pytest.raises(UnknownArticle, match=why):
        corpus().find(law, number)


def test_no_article_ends_in_the_heading_of_the_next_part() -> None:
    for article in corpus():
        last = article.text.rsplit("\n", 1)[-1]
        assert not (last.startswith("第") and "编" in last[:6] and "。" not in last), article.title


def test_a_leaked_heading_is_cut_and_nothing_else() -> None:
    assert split_leaked("附则一条。\n第二编 物 权\n第一分编 通 则") == ("附则一条。", ["第二编 物权", "第一分编 通则"])
    assert split_leaked("第一款。\n第二款。") == ("第一款。\n第二款。", [])


@pytest.mark.parametrize(
    ("law", "number", "book"),
    [
        ("民法典", 1, "第一编 总则"), ("民法典", 204, "第一编 总则"), ("民法典", 205, "第二编 物权 · 第一分编 通则"),
        ("民法典", 1042, "第五编 婚姻家庭"), ("民法典", 1260, "附则"), ("刑法", 264, "第二编 分则"), ("劳动法", 3, ""),
    ],
)  # fmt: skip
def test_an_article_knows_its_book(law: str, number: int, book: str) -> None:
    assert corpus().find(law, number).book == book


def test_a_law_applies_from_its_day_and_its_predecessor_until_then() -> None:
    before, after = Corpus.load(today=date(2026, 12, 31)), Corpus.load(today=date(2027, 1, 1))
    law = "中华人民共和国商标法"
    assert law in before.laws and law in after.laws
    assert [a.text for a in before if a.law == law] != [a.text for a in after if a.law == law]
    assert "中华人民共和国医疗保障法" not in before.laws
    assert "中华人民共和国医疗保障法" in after.laws


def test_only_one_version_of_a_law_is_kept() -> None:
    keys = [a.key for a in corpus() if a.number]
    assert len(keys) == len(set(keys))
