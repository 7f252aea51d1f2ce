"""The lay index covers what it must, and its linter sees what would break it."""

from pathlib import Path

import pytest
import yaml

from knowledge_base.lay_index import lay_index, load
from knowledge_base.lay_lint import coverage, held_out, lint
from knowledge_base.statutes import corpus

CIVIL = "中华人民共和国民法典"
GOOD = {
    "plain": "不许从楼上扔东西；查不出是谁扔的，可能扔的住户要一起补偿。",
    "questions": [
        "楼上扔烟头把我车顶烧了个洞，找谁赔",
        "走在小区里被花盆砸了头，都说不是自己家的",
        "我家住一楼也要跟着赔吗",
    ],
    "see": [1253, "刑法 291-2"],
}


def put(folder: Path, articles: object, law: str = CIVIL) -> Path:
    path = folder / "civil_code" / "torts.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (
        articles
        if isinstance(articles, str)
        else yaml.safe_dump({"law": law, "articles": articles}, allow_unicode=True)
    )
    path.write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_index_has_no_problems() -> None:
    assert lint() == []


def test_every_article_of_the_civil_code_is_explained() -> None:
    missing = [article.number for article in corpus().of_law(CIVIL) if article.key not in lay_index()]
    assert missing == []


def test_a_good_entry_passes_and_knows_its_sisters(tmp_path: Path) -> None:
    assert lint(put(tmp_path, {1254: GOOD})) == []
    [entry] = load(tmp_path)
    assert entry.see == [(CIVIL, 1253, 0), ("刑法", 291, 2)]
    assert "| **民法典** | 1 | 1260 | 3 | 0 |" in coverage([entry], corpus())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"plain": "从楼上扔东西砸了人，要在三十日内赔偿。"}, "三十日 does not stand in the article"),
        ({"questions": GOOD["questions"][:2]}, "2 questions and rarely_asked: false"),
        ({"rarely_asked": True}, "3 questions and rarely_asked: true"),
        ({"questions": [*GOOD["questions"], "走在小区里被花盆砸了头，都说不是自己家"]}, "asks twice"),
        ({"questions": [*GOOD["questions"], "禁止从建筑物中抛掷物品吗"]}, "repeats the article's words"),
        ({"see": [1254]}, "names itself"),
        ({"see": [9999]}, "no article 9999"),
        ({"see": ["婚姻法 3"]}, "see:"),
        ({"see": ["高空抛物"]}, "names no article"),
        ({"questions": []}, "questions"),
        ({"plain": "短"}, "plain"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_broken_entry_is_named_with_file_line_and_fix(tmp_path: Path, change: dict[str, object], fault: str) -> None:
    problems = lint(put(tmp_path, {1254: GOOD | change}))
    assert fault in "\n".join(map(str, problems))
    assert all(p.path.name == "torts.yml" and p.line == 2 and p.fix for p in problems)


@pytest.mark.parametrize(
    ("law", "number", "fault"),
    [
        (CIVIL, 1261, "no article 1261"),
        ("民法典", 1254, "short name"),
        ("中华人民共和国婚姻法", 3, "not in the corpus"),
    ],
)
def test_only_articles_in_force_are_explained(tmp_path: Path, law: str, number: int, fault: str) -> None:
    assert fault in str(lint(put(tmp_path, {number: GOOD}, law)))


def test_a_question_stands_at_one_article_and_an_article_once(tmp_path: Path) -> None:
    assert "also stands at 民法典 1253" in str(lint(put(tmp_path, {1253: GOOD | {"see": []}, 1254: GOOD})))
    text = yaml.safe_dump({"law": CIVIL, "articles": {1254: GOOD}}, allow_unicode=True, sort_keys=False)
    twice = text + text.partition("articles:\n")[2]
    assert "there twice" in str(lint(put(tmp_path, twice)))


@pytest.mark.parametrize("text", ["law: [", "- a", "law: 民法典", f"law: {CIVIL}\narticles:\n  abc: {{}}"])
def test_a_file_that_is_no_lay_index(tmp_path: Path, text: str) -> None:
    [problem] = lint(put(tmp_path, text))
    assert problem.fix


def test_the_shipped_test_questions_are_none_of_the_index() -> None:
    assert held_out(list(lay_index().values()), corpus()) == []


def test_a_test_question_the_index_knows_or_an_article_out_of_force_is_named(tmp_path: Path) -> None:
    entries = load(put(tmp_path, {1254: GOOD}))
    questions = tmp_path / "questions.yml"
    questions.write_text(
        "- asked: 楼上扔烟头把我的车顶烧了个洞，找谁赔\n  articles: [民法典 1254]\n"
        "- asked: 阳台掉下来的瓷砖砸到人\n  articles: [婚姻法 32]\n",
        encoding="utf-8",
    )
    first, second = sorted(held_out(entries, corpus(), tmp_path), key=lambda problem: problem.line)
    assert (first.line, second.line) == (1, 3)
    assert "stands in the lay index" in str(first)
    assert "婚姻法 is not in the corpus" in str(second)
