"""Small talk in one line, from data."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.consultation import answer
from actions.detour import detour
from actions.turn import Turn, say
from knowledge_base.replies import Reply, plain_buttons

BARE_YES = 8  # characters
LINES = Path(__file__).parent / "content" / "smalltalk.yml"


@cache
def _lines() -> dict[str, dict[str, Any]]:
    lines: dict[str, dict[str, Any]] = yaml.safe_load(LINES.read_text(encoding="utf-8"))
    return lines


def reply_to(intent: str) -> tuple[Reply, bool]:
    """The line for a dialogue intent and whether it offers a person."""
    line = _lines()[intent]
    return Reply("smalltalk", line["text"], buttons=plain_buttons(line.get("buttons", ()))), bool(line.get("offer"))


class ActionSmalltalk(Action):
    def name(self) -> str:
        return "action_smalltalk"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = Turn.of(tracker)
        if elsewhere := detour(turn, tracker):
            return elsewhere
        if not turn.is_dialogue or turn.intent is None:
            return answer(dispatcher, turn)
        if turn.intent == "affirm" and turn.known.get("offer"):
            # A longer yes tells something of the matter; only a bare one takes up the offer of a person.
            return [FollowupAction("referral_form")] if len(turn.text) <= BARE_YES else answer(dispatcher, turn)
        reply, offers = reply_to(turn.intent)
        say(dispatcher, turn, [reply], state={"failed": False, "offer": offers})
        return []
