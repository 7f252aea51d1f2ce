import pytest

from knowledge_base.answers import answers
from knowledge_base.search import answer_search, statute_search


@pytest.mark.parametrize(
    ("question", "law", "articles"),
    [
        ("诉讼时效是几年", "中华人民共和国民法典", {188}),
        ("离婚冷静期三十天", "中华人民共和国民法典", {1077}),
        ("没签劳动合同要赔双倍工资吗", "中华人民共和国劳动合同法", {82}),
        ("高空抛物砸伤人谁赔", "中华人民共和国民法典", {1254}),
        ("家暴申请人身安全保护令", "中华人民共和国反家庭暴力法", {23, 25, 26, 27, 28, 30}),
        ("网上买东西七天无理由退货", "中华人民共和国消费者权益保护法", {25}),
    ],
)
def test_a_lay_question_finds_its_article_among_the_first_five(question: str, law: str, articles: set[int]) -> None:
    hits = statute_search().search(question, 5)
    assert any(hit.article.law == law and hit.article.number in articles for hit in hits), [
        hit.article.title for hit in hits
    ]


def test_scores_fall_and_articles_stand_once() -> None:
    hits = statute_search().search("老板拖欠工资", 20)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert len({h.article.key for h in hits}) == 20


def test_amendments_are_not_offered_beside_the_law_they_change() -> None:
    assert not any(hit.article.amends for hit in statute_search().search("醉酒驾驶机动车危险驾驶罪", 50))


def test_every_question_is_known_as_its_answers_own() -> None:
    search = answer_search()
    for answer in answers():
        [match] = [m for m in search.search(answer.question) if m.exact]
        assert match.answer.id == answer.id
        assert match.nearest > 0.99


def test_nothing_is_found_for_nothing() -> None:
    assert answer_search().search("") == []
