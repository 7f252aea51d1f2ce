"""Questions of law: everything is decided in the knowledge base."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.detour import detour
from actions.turn import Turn, say
from knowledge_base.consult import Before, Consultation, consult
from knowledge_base.decision import Kind
from nlu_data.taxonomy import taxonomy


def state_after(text: str, outcome: Consultation) -> dict[str, Any]:
    """What the gateway remembers of a consultation."""
    offered = outcome.kind is not Kind.ANSWER
    return {
        "question": text,
        "service": None,
        "topic": outcome.topic,
        "answered": outcome.answered,
        "failed": outcome.failed,
        "offer": offered,
        "asked_back": outcome.asked_back,
    }


def service_for(topic: str | None, intent: str | None) -> str:
    """The service a matter goes to by default; ``topic`` is a title."""
    if intent == "legal_aid":
        return "legal_aid"
    return next((t.service for t in taxonomy().topics.values() if t.title == topic), "lawyer")


def _new_subject(turn: Turn) -> bool:
    """Whether the message is clearly of another topic than the one before: then nothing has failed yet."""
    topic, chance = max(turn.understood.topics.items(), key=lambda item: item[1], default=("", 0.0))
    return chance > 0.5 and turn.known.get("topic") not in (None, taxonomy().topics[topic].title)


def answer(dispatcher: CollectingDispatcher, turn: Turn) -> list[EventType]:
    """Say what the knowledge base decides. A handoff is an offer: 好的 or 转人工 takes it up."""
    known = turn.known
    failed = 0 if _new_subject(turn) else int(known.get("failed_turns", 0))
    before = Before(failed, known.get("given"), known.get("other_than"))
    outcome = consult(turn.said, turn.understood, before, known.get("channel") or "web")
    say(dispatcher, turn, [outcome.reply], topic=outcome.topic, state=state_after(turn.text, outcome))
    return []


class ActionConsult(Action):
    def name(self) -> str:
        return "action_consult"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = Turn.of(tracker)
        return detour(turn, tracker) or answer(dispatcher, turn)
