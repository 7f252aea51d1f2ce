"""Texts an operator adds: read as promulgated, refused with file, line and fix where they are broken."""

from datetime import date
from pathlib import Path

import pytest

from knowledge_base.errors import ContentError
from knowledge_base.local_laws import read
from knowledge_base.statutes import Corpus, UnknownArticle

HEAD = """名称：甲市电梯安全条例
种类：地方性法规
制定机关：甲市人民代表大会常务委员会
施行日期：2024-05-01
来源：https://example.test/1
"""
TEXT = (
    HEAD
    + """
第一章　总则
第一条　为了电梯安全，制定本条例。
第二章　使用
第一节　日常
第二条　电梯困人的，使用单位应当：
（一）立即回应；
（二）通知维修。
使用单位不得离人。
第二条之一　电梯应当张贴救援电话。
附　则
第三条　本条例自2024年5月1日起施行。
"""
)
TODAY = date(2026, 11, 24)


def put(folder: Path, text: str, name: str = "elevator.txt") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_text_is_read_with_its_articles_and_their_place(tmp_path: Path) -> None:
    [law], articles, _ = read(put(tmp_path, TEXT), TODAY)
    assert (law.name, law.kind, law.effective, law.is_local) == ("甲市电梯安全条例", "地方性法规", "2024-05-01", True)
    assert law.source == "https://example.test/1"
    assert [(a.number, a.sub, a.chapter, a.section) for a in articles] == [
        (1, 0, "第一章　总则", ""), (2, 0, "第二章　使用", "第一节　日常"), (2, 1, "第二章　使用", "第一节　日常"), (3, 0, "附　则", ""),
    ]  # fmt: skip
    assert len(articles[1].paragraphs) == 2 and articles[1].has(1, 2) and not articles[1].has(2, 1)


def test_points_are_articles_where_there_are_none(tmp_path: Path) -> None:
    _, articles, _ = read(put(tmp_path, HEAD + "\n一、可以。\n二、不可以。\n"), TODAY)
    assert [(a.number, a.label, a.text) for a in articles] == [(1, "一", "可以。"), (2, "二", "不可以。")]


def test_it_is_found_and_cited_like_the_rest(tmp_path: Path) -> None:
    laws = Corpus.load(TODAY, put(tmp_path, TEXT))
    assert laws.find("甲市电梯安全条例", 2, 1).title == "《甲市电梯安全条例》第二条之一"
    assert laws.find("民法典", 1079)


@pytest.mark.parametrize("line", ["施行日期：2027-01-01", "失效日期：2025-01-01\n施行日期：2024-01-01"])
def test_not_yet_or_no_longer_in_force(tmp_path: Path, line: str) -> None:
    laws = Corpus.load(TODAY, put(tmp_path, TEXT.replace("施行日期：2024-05-01", line)))
    with pytest.raises(UnknownArticle, match="no longer in force"):
        laws.find("甲市电梯安全条例", 1)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (TEXT.replace("种类：地方性法规", "种类：土规定"), "elevator.txt:1: 土规定 is no kind of law"),
        (TEXT.replace("来源：https://example.test/1\n", ""), "来源 is missing"),
        (TEXT.replace("2024-05-01", "2024年5月", 1), "is no date"),
        (TEXT.replace("制定机关", "机关"), "elevator.txt:3: unknown line"),
        (TEXT.replace("第三条", "第一条"), "elevator.txt:17: 第一条 is there twice"),
        (HEAD + "\n没有条。", "no article found"),
        (HEAD, "no article found"),
        (TEXT.replace("甲市电梯安全条例", "中华人民共和国民法典"), "is in the national corpus"),
    ],
)
def test_a_broken_text_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ContentError, match=fault):
        Corpus.load(TODAY, put(tmp_path, text))


def test_a_text_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("gb18030"))
    with pytest.raises(ContentError, match="UTF-8"):
        read(tmp_path)


def test_a_paragraph_that_begins_with_an_articles_or_chapters_number_stays_where_it_stands(tmp_path: Path) -> None:
    text = "第一条 有下列情形的，不予受理。\n第三章规定的行为，处五百元罚款。\n第二条 应当备案。\n第九条规定的情形除外。\n第三条施行日期另定。"
    put(tmp_path, HEAD + "\n" + text)
    _, articles, _ = read(tmp_path, TODAY)
    assert [article.number for article in articles] == [1, 2, 3]
    assert articles[0].text.endswith("处五百元罚款。")
    assert articles[1].text.endswith("第九条规定的情形除外。")


def test_points_of_a_reply_may_name_articles(tmp_path: Path) -> None:
    put(tmp_path, HEAD + "\n一、可以起诉。\n第三条所说的情形也一样。\n二、本批复自公布之日起施行。")
    _, articles, _ = read(tmp_path, TODAY)
    assert [article.number for article in articles] == [1, 2]


def test_a_text_in_force_twice_is_named(tmp_path: Path) -> None:
    put(tmp_path, HEAD + "\n第一条 甲。")
    put(tmp_path, HEAD + "\n第一条 乙。", "other.txt")
    with pytest.raises(ContentError, match="in force in another file too"):
        read(tmp_path, TODAY)


def test_a_short_name_may_not_take_the_place_of_a_national_law(tmp_path: Path) -> None:
    put(tmp_path, HEAD.replace("甲市电梯安全条例", "民法典") + "\n第一条 甲。")
    with pytest.raises(ContentError, match="民法典 is in the national corpus"):
        Corpus.load(TODAY, tmp_path)
