from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.answers import Answer, Citation
from knowledge_base.decision import Confidence, Kind, Limits, Trust, Understanding, decide, limits
from knowledge_base.search import Match
from knowledge_base.statute_search import Hit
from knowledge_base.statutes import corpus

SURE = Confidence(-6.0, {"nearest": 10.0, "lead": 5.0})
AT = Limits(weights={"nearest": 1.0, "similarity": 0.0, "overlap": 0.0, "body": 0.0, "wording": 0.0, "period": 0.0, "intent": 0.1, "law": 0.3},
            trust=Trust(SURE, Confidence(-4.0, {"nearest": 10.0})), trust_alone=Trust(SURE, Confidence(-4.0, {"nearest": 10.0})),
            answer=0.8, article=0.6, clarify=0.5, candidates=3, patience=2)  # fmt: skip
CITED = Citation(law="中华人民共和国劳动合同法", article=30)
ASKED = "老板不发工资怎么办"
HITS = [Hit(corpus().find("民法典", n), 0.2, "大白话") for n in (1079, 1080)]


def match(name: str, nearness: float, topic: str = "labour", intent: str = "unpaid_wages") -> Match:
    answer = Answer(
        id=name, question=f"{name}？", phrasings=["一二"] * 5, answer="这是一个足够长的回答，说清楚怎么办。",
        next_steps=["第一步"], citations=[Citation(law="中华人民共和国民法典", article=188)], topic=topic, intent=intent,
    )  # fmt: skip
    return Match(answer, nearest=nearness)


def test_a_near_and_clear_match_is_answered() -> None:
    decision = decide(ASKED, [match("a", 0.8), match("b", 0.5)], HITS, Understanding(), at=AT)
    assert decision.kind is Kind.ANSWER
    assert decision.answer and decision.answer.id == "a"


def test_two_equally_near_matches_are_asked_about() -> None:
    decision = decide(ASKED, [match("a", 0.7), match("b", 0.69)], HITS, Understanding(), at=AT)
    assert decision.kind is Kind.CLARIFY
    assert [answer.id for answer in decision.candidates] == ["a", "b"]


def test_the_classifier_breaks_a_tie() -> None:
    matches = [match("a", 0.7), match("b", 0.7, "family", "divorce")]
    decision = decide(ASKED, matches, HITS, Understanding({"family": 0.9}, {"divorce": 0.9}), at=AT)
    assert decision.answer and decision.answer.id == "b"


def test_the_articles_found_break_a_tie() -> None:
    other = replace(match("b", 0.7), answer=match("b", 0.7).answer.model_copy(update={"citations": [CITED]}))
    hits = [Hit(corpus().find(*CITED.key), 0.5, "大白话")]
    decision = decide(ASKED, [match("a", 0.7), other], hits, Understanding(), at=AT)
    assert (decision.answer or decision.candidates[0]).id == "b"


def test_a_sure_article_answers_where_no_written_answer_is_sure() -> None:
    sure = [Hit(HITS[0].article, 0.7, "大白话"), HITS[1]]
    decision = decide(ASKED, [match("a", 0.5), match("b", 0.5)], sure, Understanding(), at=AT)
    assert decision.kind is Kind.ARTICLE
    assert decision.hits == (sure[0],) and decision.confidence == 0.7
    assert [answer.id for answer in decision.candidates] == ["a", "b"]
    assert decide(ASKED, [match("a", 0.9)], sure, Understanding(), at=AT).kind is Kind.ANSWER


def test_an_article_nobody_has_put_into_plain_words_answers_nothing() -> None:
    bare = [Hit(HITS[0].article, 0.9)]
    assert decide(ASKED, [match("a", 0.1)], bare, Understanding(), at=AT).kind is Kind.STATUTES


def test_a_question_as_written_is_answered_at_once() -> None:
    chosen = replace(match("b", 0.1), exact=True)
    decision = decide(ASKED, [match("a", 0.9), chosen], HITS, Understanding(), at=AT)
    assert decision.answer and decision.answer.id == "b"


def test_at_most_three_candidates_are_offered() -> None:
    decision = decide(ASKED, [match(c, 0.5) for c in "abcde"], HITS, Understanding(), at=AT)
    assert len(decision.candidates) == 3


def test_without_a_near_answer_the_nearest_articles_are_shown() -> None:
    decision = decide(ASKED, [match("a", 0.1)], HITS, Understanding(), at=AT)
    assert decision.kind is Kind.STATUTES
    assert decision.hits == tuple(HITS)


def test_without_anything_a_person_is_offered() -> None:
    assert decide(ASKED, [], [], Understanding(), at=AT).kind is Kind.HANDOFF


@pytest.mark.parametrize("nearness", [0.1, 0.5])
def test_a_second_failed_turn_goes_to_a_person(nearness: float) -> None:
    assert decide(ASKED, [match("a", nearness)], HITS, Understanding(), failed_turns=1, at=AT).kind is Kind.HANDOFF


def test_a_clear_answer_comes_even_after_failed_turns() -> None:
    assert decide(ASKED, [match("a", 0.9)], HITS, Understanding(), failed_turns=5, at=AT).kind is Kind.ANSWER


@given(
    st.lists(st.floats(-1, 1), max_size=8),
    st.integers(0, 4),
    st.dictionaries(st.sampled_from(["labour", "family"]), st.floats(0, 1)),
)
def test_every_decision_carries_what_its_reply_needs(near: list[float], failed: int, topics: dict[str, float]) -> None:
    matches = [match(f"a{i}", value) for i, value in enumerate(near)]
    decision = decide(ASKED, matches, HITS, Understanding(topics), failed)
    assert (decision.answer is not None) == (decision.kind is Kind.ANSWER)
    assert bool(decision.candidates) or decision.kind is not Kind.CLARIFY
    assert bool(decision.hits) == (decision.kind in (Kind.STATUTES, Kind.CLARIFY, Kind.ARTICLE))


def test_the_shipped_limits_are_sane() -> None:
    assert 0 < limits().clarify < limits().answer < 1 and 0 < limits().article < 1
    assert limits().candidates == 3
    assert limits().patience == 2
