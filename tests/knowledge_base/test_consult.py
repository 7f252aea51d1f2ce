from knowledge_base.answers import load
from knowledge_base.compose import Said
from knowledge_base.consult import Before, consult, render
from knowledge_base.decision import Decision, Kind, Understanding
from knowledge_base.statute_search import statute_search
from knowledge_base.statutes import corpus
from knowledge_base.text import normalise


def test_a_known_question_gets_its_answer_with_citations_that_exist() -> None:
    for answer in load():
        reply = render(Decision(Kind.ANSWER, answer), Said(answer.question))
        assert reply.type == "answer"
        assert answer.answer in reply.text
        for citation in reply.citations:
            article = corpus().find(citation["law"], citation["article"], citation.get("sub", 0))
            for part in citation["quote"].split("……"):
                assert part in article.text


def test_every_answers_question_is_answered_without_a_classifier_or_offered() -> None:
    """The degraded mode knows what the product knows."""
    missed = []
    for answer in load():
        found = consult(Said(normalise(answer.question)))
        offered = [button.payload for button in found.reply.buttons]
        if found.kind is not Kind.ANSWER and answer.question not in offered:
            missed.append(answer.id)
    assert missed == []


def test_the_topic_is_the_classifiers() -> None:
    found = consult(Said("孩子归谁"), Understanding({"family": 0.9, "labour": 0.1}))
    assert found.topic == "婚姻家庭"


def test_what_no_answer_covers_shows_articles_and_a_way_to_a_person() -> None:
    found = consult(Said("核电厂应急计划区怎么划定"))
    assert found.kind is not Kind.ANSWER
    assert found.reply.citations
    assert found.reply.buttons[-1].payload == "转人工"


def test_the_article_is_the_answer_where_none_is_written_and_the_search_is_sure() -> None:
    [hit] = statute_search().search("保管人能不能把东西转给别人替他保管", 1)
    reply = render(Decision(Kind.ARTICLE, hits=(hit,)), Said("保管人能不能把东西转给别人替他保管"))
    assert reply.type == "answer"
    assert [(c["law"], c["article"]) for c in reply.citations] == [("中华人民共和国民法典", 894)]
    assert "《民法典》第八百九十四条" in reply.text and "没有经过律师审核" in reply.text


def test_the_same_answer_is_not_told_twice_in_full() -> None:
    first = consult(Said("老板拖欠工资不给怎么办"))
    assert first.kind is Kind.ANSWER and first.answered
    again = consult(Said("老板拖欠工资不给怎么办"), before=Before(given=first.answered))
    assert again.answered == first.answered
    assert "还是这一条" in again.reply.text and "接下来可以" not in again.reply.text


def test_who_asks_on_gets_another_answer() -> None:
    first = consult(Said("老板拖欠工资不给怎么办"))
    on = consult(Said("老板拖欠工资不给怎么办"), before=Before(other_than=first.answered))
    assert on.answered != first.answered
    assert "老板拖欠工资不给怎么办" not in [normalise(button.payload).rstrip("?") for button in on.reply.buttons]


def test_the_phone_hears_the_spoken_version_and_nothing_to_click() -> None:
    answer = next(answer for answer in load() if answer.id == "unpaid-wages-what-to-do")
    spoken = consult(Said(answer.question), channel="hotline").reply.text
    assert answer.spoken and answer.spoken in spoken
    assert not set("【】《》·\n") & set(spoken)
