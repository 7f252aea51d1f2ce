"""Articles found for a citizen's own words, with the reason."""

from pathlib import Path

import pytest

from benchmarks.asked_statutes import own, placed
from knowledge_base import encoder
from knowledge_base.lay_index import lay_index
from knowledge_base.statute_search import StatuteSearch, ranking, statute_search
from knowledge_base.statutes import Corpus, corpus

CIVIL = "中华人民共和国民法典"
LABOUR_CONTRACT = "中华人民共和国劳动合同法"


@pytest.mark.parametrize(
    ("question", "law", "articles"),
    [
        ("诉讼时效是几年", CIVIL, {188}),
        ("离婚冷静期三十天", CIVIL, {1077}),
        ("没签劳动合同要赔双倍工资吗", LABOUR_CONTRACT, {82}),
        ("楼上扔烟头把我车顶烧了", CIVIL, {1254}),
        ("家暴申请人身安全保护令", "中华人民共和国反家庭暴力法", {23, 25, 26, 27, 28, 30}),
        ("网上买东西七天无理由退货", "中华人民共和国消费者权益保护法", {25}),
        ("请不起律师 有没有不要钱的", "中华人民共和国法律援助法", {31, 24, 41, 42}),
        ("狗咬人了主人不认", CIVIL, {1245, 1246}),
    ],
)
def test_a_lay_question_finds_its_article_among_the_first_five(question: str, law: str, articles: set[int]) -> None:
    hits = statute_search().search(question, 5)
    assert any(hit.article.law == law and hit.article.number in articles for hit in hits), [
        hit.article.title for hit in hits
    ]


def test_the_test_set_is_found_as_well_as_measured() -> None:
    asked = own()[::10]
    rankings = [[hit.article.key for hit in statute_search().search(question.text)] for question in asked]
    assert placed(asked, rankings)["recall_at_10"] >= 0.85  # 0.94 measured over all


@pytest.mark.parametrize("named", ["民法典1079条", "《民法典》第一千零七十九条是怎么说离婚的", "民法典第1079条第三款"])
def test_an_article_that_is_named_comes_first(named: str) -> None:
    first, second, *_ = statute_search().search(named)
    assert first.article.key == (CIVIL, 1079, 0)
    assert (first.score, first.why) == (1.0, "您点名的条文")
    assert second.score < 1


def test_several_articles_named_come_in_their_order() -> None:
    hits = statute_search().search("劳动合同法第82条和第47条有什么关系", 5)
    assert [hit.article.number for hit in hits[:2]] == [82, 47]


@pytest.mark.parametrize(
    ("question", "law"), [("劳动法里加班费怎么算", "中华人民共和国劳动法"), ("婚姻法规定离婚要等多久", CIVIL)]
)
def test_the_law_that_is_named_is_preferred_or_what_took_its_place(question: str, law: str) -> None:
    assert statute_search().search(question)[0].article.law == law


def test_scores_are_chances_that_fall_and_articles_stand_once() -> None:
    hits = statute_search().search("老板拖欠工资", 20)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert 0 < sum(h.score for h in hits) <= 1
    assert len({h.article.key for h in hits}) == 20


def test_amendments_are_not_offered_beside_the_law_they_change() -> None:
    assert not any(hit.article.amends for hit in statute_search().search("醉酒驾驶机动车危险驾驶罪", 50))


def test_it_is_told_why_an_article_fits() -> None:
    [hit] = statute_search().search("楼上扔烟头把我车顶烧了个洞", 1)
    question = hit.why.removeprefix("有人这样问过：")
    assert question in lay_index()[hit.article.key].said.questions
    assert hit.plain == lay_index()[hit.article.key].said.plain


def test_common_words_are_told_where_nobody_has_written_a_question(unexplained: StatuteSearch) -> None:
    hits = unexplained.search("欠的租金", 3)
    assert hits[0].why == "条文里说到：租金"
    assert hits[0].plain == ""


@pytest.mark.parametrize("nothing", ["", "   ", "？！"])
def test_nothing_is_found_for_no_words(nothing: str) -> None:
    assert statute_search().search(nothing) == []


def test_odd_input_is_searched_like_any_other() -> None:
    for text in ("A" * 2000, "㍻㍻", "𠮷野家𠮷", "民法典第一万条", "\x00\x00离婚"):
        statute_search().search(text, 3)


def test_the_model_weighs_every_signal_and_no_other() -> None:
    assert set(ranking().weights) == set(StatuteSearch.SIGNALS)
    assert min(ranking().weights.values()) >= 0


@pytest.fixture
def unexplained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StatuteSearch:
    """A search over a few articles, most of them unexplained."""
    monkeypatch.setenv("FAZHU_CACHE", str(tmp_path))
    laws = corpus()
    few = [laws.find(CIVIL, number) for number in (188, 703, 722, 1079, 1254)]
    entries = {key: lay_index()[key] for key in (few[0].key, few[3].key)}
    return StatuteSearch(Corpus([laws.laws[CIVIL]], few), entries)


def test_an_index_is_built_once_and_again_when_content_changes(
    unexplained: StatuteSearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(*_: object) -> None:
        raise AssertionError("encodes again")

    laws = Corpus([corpus().laws[CIVIL]], unexplained.articles)
    entries = {key: lay_index()[key] for key in ((CIVIL, 188, 0), (CIVIL, 1079, 0))}
    [place] = tmp_path.glob("statutes-*")
    with monkeypatch.context() as patch:
        patch.setattr(encoder, "encode_all", no_more)
        again = StatuteSearch(laws, entries)
    assert [h.score for h in again.search("想离婚", 3)] == [h.score for h in unexplained.search("想离婚", 3)]
    StatuteSearch(laws, entries | {(CIVIL, 1254, 0): lay_index()[CIVIL, 1254, 0]})
    [other] = tmp_path.glob("statutes-*")
    assert other != place
