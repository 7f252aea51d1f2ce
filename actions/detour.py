"""What comes before the action a rule named, whatever the classifier made of the message."""

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction

from actions.turn import Turn
from knowledge_base.interviews.model import asked_for
from referrals.codes import looks_like_code


def detour(turn: Turn, tracker: Tracker) -> list[EventType]:
    """The form to go to instead, or nothing."""
    form = turn.known.get("form")
    if form and not tracker.active_loop_name:
        # Rasa lost a conversation that was in the middle of a form: take it up again.
        return [FollowupAction(f"{form['name']}_form")]
    if looks_like_code(turn.text):
        return [FollowupAction("ticket_form")]
    if asked_for(turn.text):
        return [FollowupAction("interview_form")]
    return []
