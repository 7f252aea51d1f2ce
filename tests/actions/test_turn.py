from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.turn import FALLBACK, Turn, understanding
from nlu_data.taxonomy import taxonomy


def tracker(text: str, ranking: list[tuple[str, float]], **metadata: Any) -> Tracker:
    message = {
        "text": text,
        "intent": {"name": ranking[0][0], "confidence": ranking[0][1]} if ranking else {},
        "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking],
        "metadata": metadata,
    }
    return Tracker("s", {}, message, [], False, None, {}, "action_listen")


def test_a_topics_probability_is_the_sum_over_its_intents() -> None:
    seen = understanding([("divorce", 0.4), ("child_custody", 0.3), ("unpaid_wages", 0.2), ("greet", 0.1)])
    assert seen.topics["family"] == pytest.approx(0.7)
    assert seen.topics["labour"] == pytest.approx(0.2)
    assert "dialogue" not in seen.topics


def test_the_fallback_is_no_intent_of_its_own() -> None:
    turn = Turn.of(tracker("嗯", [(FALLBACK, 0.9), ("divorce", 0.2)]))
    assert turn.intent == "divorce"


def test_small_talk_and_matters_of_law_are_told_apart_by_weight() -> None:
    assert Turn.of(tracker("你好", [("greet", 0.8), ("divorce", 0.1)])).is_dialogue
    # many unsure consultation intents together outweigh one unsure greeting
    assert not Turn.of(tracker("那个", [("greet", 0.3), ("divorce", 0.28), ("fraud", 0.25)])).is_dialogue


def test_what_the_gateway_knows_comes_along() -> None:
    assert Turn.of(tracker("好", [], failed_turns=1)).known["failed_turns"] == 1


def test_every_intent_of_the_taxonomy_has_a_topic_or_is_dialogue() -> None:
    for topic in taxonomy().topics.values():
        for intent in topic.intents:
            assert understanding([(intent, 1.0)]).topics == {topic.slug: 1.0}
