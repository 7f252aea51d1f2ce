"""One turn as actions see it: what the citizen said, what the gateway knows, what goes back.

The gateway sends its knowledge of the conversation as message metadata and gets the changes back
in the one JSON message that carries the replies.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from knowledge_base.compose import Said
from knowledge_base.decision import Understanding
from knowledge_base.facts import Fact, facts_of
from knowledge_base.replies import Reply
from nlu_data.taxonomy import taxonomy

FALLBACK = "nlu_fallback"
A_GUESS = 0.35  # a dialogue intent below this probability is not acted on
# Who is wronged uses the words of who asks for help to do wrong: to refuse the wronged would be the worse mistake.
SURE = {"wrongdoing": 0.7}


@dataclass(frozen=True)
class Turn:
    text: str
    intent: str | None
    confidence: float
    understood: Understanding
    facts: tuple[Fact, ...]
    known: Mapping[str, Any]  # what the gateway sent along

    @classmethod
    def of(cls, tracker: Tracker) -> "Turn":
        message = tracker.latest_message
        ranking = [
            (entry["name"], float(entry["confidence"]))
            for entry in message.get("intent_ranking") or []
            if entry["name"] != FALLBACK
        ]
        intent, confidence = ranking[0] if ranking else (None, 0.0)
        text = message.get("text") or ""
        return cls(
            text,
            intent,
            confidence,
            understanding(ranking),
            tuple(facts_of(message.get("entities") or [], text)),
            message.get("metadata") or {},
        )

    @property
    def said(self) -> Said:
        return Said(self.text, self.facts, int(self.known.get("added", 0)))

    @property
    def is_dialogue(self) -> bool:
        """Whether the classifier holds it for conversation: likelier than any topic, and no mere guess."""
        likeliest_topic = max(self.understood.topics.values(), default=0.0)
        enough = SURE.get(self.intent or "", A_GUESS)
        return self.intent in taxonomy().dialogue and self.confidence >= max(likeliest_topic, enough)


def understanding(ranking: Sequence[tuple[str, float]]) -> Understanding:
    """Probabilities by topic (summed over its intents) and by intent."""
    topics: dict[str, float] = defaultdict(float)
    for name, confidence in ranking:
        if topic := taxonomy().topic_of(name):
            topics[topic.slug] += confidence
    return Understanding(dict(topics), dict(ranking))


def say(
    dispatcher: CollectingDispatcher,
    turn: Turn,
    replies: Sequence[Reply],
    *,
    topic: str | None = None,
    state: Mapping[str, Any] | None = None,
    ticket: Mapping[str, Any] | None = None,
) -> None:
    """Send the replies and what changed. ``topic`` is a title; ``state`` is merged by the gateway."""
    dispatcher.utter_message(
        json_message={
            "replies": [reply.as_dict() for reply in replies],
            "intent": turn.intent,
            "topic": topic,
            "confidence": round(turn.confidence, 4),
            "state": dict(state or {}),
            "ticket": dict(ticket) if ticket else None,
        }
    )
