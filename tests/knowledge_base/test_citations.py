"""Citations in running text are found as people write them, and judged by the corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.citations import Verdict, check_text, find, main
from knowledge_base.statutes import corpus, short_name

CIVIL = "中华人民共和国民法典"


def found(text: str) -> list[tuple[str, int, int, int, int]]:
    return [(short_name(c.law), c.number, c.sub, c.paragraph, c.item) for c in find(text)]


@pytest.mark.parametrize(
    ("text", "citations"),
    [
        ("《中华人民共和国民法典》第一千零七十九条第三款第（二）项", [("民法典", 1079, 0, 3, 2)]),
        ("民法典1079条", [("民法典", 1079, 0, 0, 0)]),
        ("民法典第 1079 条怎么说", [("民法典", 1079, 0, 0, 0)]),
        ("刑法第一百三十三条之一第1款", [("刑法", 133, 1, 1, 0)]),
        ("劳动合同法第八十二条第一款、第八十七条", [("劳动合同法", 82, 0, 1, 0), ("劳动合同法", 87, 0, 0, 0)]),
        ("民法典第十条至第十二条", [("民法典", n, 0, 0, 0) for n in (10, 11, 12)]),
        ("《民法典》的第10条和消法55条", [("民法典", 10, 0, 0, 0), ("消费者权益保护法", 55, 0, 0, 0)]),
        ("《刑法》第二条。该法第三条也说了", [("刑法", 2, 0, 0, 0), ("刑法", 3, 0, 0, 0)]),
        ("《仲裁法》（2025年修订）第二条", [("仲裁法", 2, 0, 0, 0)]),
        ("合同法第九十四条", [("合同法", 94, 0, 0, 0)]),
        # Another instrument, a contract's clause, a list, a year: no citations.
        ("商标法实施条例第三条", []),
        ("最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）第二十九条", []),
        ("合同第八条写了违约金", []),
        ("第三条路", []),
        ("刑法2020年改过", []),
        ("民事诉讼法学第三条", []),
    ],
)
def test_citations_are_found_as_people_write_them(text: str, citations: list[tuple[str, int, int, int, int]]) -> None:
    assert found(text) == citations


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("民法典第1260条", Verdict.IN_FORCE),
        ("民法典第1261条", Verdict.NO_ARTICLE),
        ("民法典第1079条第五款", Verdict.IN_FORCE),
        ("民法典第1079条第六款", Verdict.NO_PARAGRAPH),
        ("民法典第1079条第三款第六项", Verdict.NO_PARAGRAPH),
        ("刑法第二百六十四条之九", Verdict.NO_ARTICLE),
        ("婚姻法第三十二条", Verdict.REPEALED),
        ("《乡镇企业法》第二条", Verdict.REPEALED),
        ("《工伤保险条例》第十四条", Verdict.NOT_HELD),
    ],
)
def test_each_is_judged(text: str, verdict: Verdict) -> None:
    [checked] = check_text(text)
    assert checked.verdict is verdict
    assert (checked.article is not None) is (verdict in (Verdict.IN_FORCE, Verdict.NO_PARAGRAPH))


def test_a_repealed_law_names_its_successor() -> None:
    [checked] = check_text("继承法第十条")
    assert checked.successor == CIVIL


@given(st.sampled_from([a for a in corpus() if a.number and not a.amends]), st.booleans(), st.booleans())
def test_every_article_is_found_by_its_title_and_by_its_number(article, full: bool, digits: bool) -> None:  # type: ignore[no-untyped-def]
    name = article.law if full else short_name(article.law)
    label = f"第{article.number}条" + article.label.partition("条")[2] if digits else article.label
    [checked] = check_text(f"依据《{name}》{label}，应当赔偿。")
    assert (checked.article, checked.verdict) == (article, Verdict.IN_FORCE)


@given(st.text(alphabet="《》民法典刑法第一二百千条之款项、至和该1290（） \n条", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for checked in check_text(text):
        at = checked.citation
        assert 0 <= at.start < len(text) and at.number >= 0


def test_the_command_names_file_and_line(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "letter.txt"
    file.write_text("您好：\n依民法典第1261条", encoding="utf-8")
    assert main([str(file)]) == 1
    assert f"{file}:2: {CIVIL} 1261: the law has no such article" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "刑法14岁要负刑事责任吗", "交通法12分扣完了怎么办", "劳动法15天年假", "民法典1.5倍", "劳动合同法的2倍工资",
        "移民法第五条", "德国民法第823条",
    ],
)  # fmt: skip
def test_quantities_and_the_ends_of_longer_names_are_no_citations(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [("民法典1079", 1079), ("民法典1079是啥", 1079), ("违反治安法42条", 42), ("根据民法第1079条", 1079)],
)
def test_who_names_an_article_briefly_is_understood(text: str, number: int) -> None:
    assert [citation.number for citation in find(text)] == [number]
