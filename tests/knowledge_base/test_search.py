from knowledge_base.answers import load
from knowledge_base.search import answer_search


def test_every_question_is_known_as_its_answers_own() -> None:
    search = answer_search()
    for answer in load():
        [match] = [m for m in search.search(answer.question) if m.exact]
        assert match.answer.id == answer.id
        assert match.nearest > 0.99


def test_nothing_is_found_for_nothing() -> None:
    assert answer_search().search("") == []
