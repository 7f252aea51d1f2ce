"""The Rasa side of the interviews; the steps are in `interview_steps`."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import interview_steps as steps
from actions.turn import Turn, say
from knowledge_base.interviews.model import asked_for

REQUESTED, STEP = "requested_slot", "interview_step"


class ValidateInterviewForm(Action):
    """Takes the citizen's answer and asks the next thing itself, so a step is one remote call."""

    def name(self) -> str:
        return "validate_interview_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = Turn.of(tracker)
        form, asked = turn.known.get("form"), asked_for(turn.text)
        if form and form["name"] == "interview":
            result = steps.go_on(form, turn.text, turn.facts, turn.understood)
        elif asked:
            result = steps.begin(asked, turn.known.get("kept") or {})
        else:  # the gateway has forgotten it
            return [SlotSet(REQUESTED, None)]
        say(dispatcher, turn, result.replies, topic=turn.known.get("topic"), state=result.state)
        # Rasa takes a form that sets no slot of its own for one that has not understood.
        return [SlotSet(STEP, None), SlotSet(REQUESTED, STEP if result.form else None)]
