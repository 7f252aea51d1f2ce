"""The Rasa side of the referral and ticket forms; the steps are in `referral_steps`."""

from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import referral_steps as steps
from actions.consultation import service_for
from actions.turn import Turn, say
from referrals.intake import Field, Suggestion
from referrals.tickets import Origin

REQUESTED = "requested_slot"
TICKET_SLOTS = ("ticket_code", "ticket_pin")


def suggestion(turn: Turn) -> Suggestion:
    known = turn.known
    service = known.get("service") or service_for(known.get("topic"), known.get("intent"))
    return Suggestion(known.get("question") or "", service)


def origin(turn: Turn, conversation: str) -> Origin:
    known = turn.known
    return Origin(
        conversation=known.get("conversation") or conversation,
        turn=known.get("turn") or conversation,
        channel=known.get("channel") or "rasa",
        topic=known.get("topic"),
        intent=known.get("intent"),
        urgent=bool(known.get("urgent")),
        transcript=known.get("transcript") or "",
        citations=known.get("citations") or (),
        summary=known.get("summary") or "",
        aid_check=known.get("aid_check") or "",
        deadline=date.fromisoformat(known["deadline"]) if known.get("deadline") else None,
    )


def _current_form(name: str, fields: tuple[str, ...], tracker: Tracker, turn: Turn) -> steps.Form | None:
    """The form in progress by Rasa's slots, else by the gateway's memory, else None: it begins."""
    if requested := tracker.get_slot(REQUESTED):
        return {"name": name, "requested": requested, "draft": {f: tracker.get_slot(f) for f in fields}}
    form: steps.Form | None = turn.known.get("form")
    return form if form and form["name"] == name else None


def _events(result: steps.FormTurn, fields: tuple[str, ...]) -> list[EventType]:
    requested = result.form["requested"] if result.form else None
    events: list[EventType] = [SlotSet(field, result.draft.get(field)) for field in fields]
    return [*events, SlotSet(REQUESTED, requested)]


class ValidateReferralForm(Action):
    """Takes the citizen's answer and asks the next thing itself, so a step is one remote call."""

    fields = tuple(field.value for field in Field)

    def name(self) -> str:
        return "validate_referral_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = Turn.of(tracker)
        form = _current_form("referral", self.fields, tracker, turn)
        if form is None:
            result = steps.begin_referral(suggestion(turn))
        else:
            result = steps.continue_referral(form, turn.text, suggestion(turn), turn.understood)
        say(
            dispatcher,
            turn,
            result.replies,
            topic=turn.known.get("topic"),
            state={"form": result.form, "failed": False},
        )
        return _events(result, self.fields)


class ActionSubmitReferral(Action):
    """After the form: a ticket if the citizen confirmed, nothing if they gave up."""

    def name(self) -> str:
        return "action_submit_referral"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = Turn.of(tracker)
        fields = ValidateReferralForm.fields
        if tracker.get_slot(Field.CONFIRMED.value):
            draft = {field: tracker.get_slot(field) for field in fields}
            reply, ticket = steps.submit(draft, origin(turn, tracker.sender_id))
            say(
                dispatcher,
                turn,
                [reply],
                topic=turn.known.get("topic"),
                state={"form": None, "urgent": False},
                ticket=ticket,
            )
        return [SlotSet(field, None) for field in fields]


class ValidateTicketForm(Action):
    def name(self) -> str:
        return "validate_ticket_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = Turn.of(tracker)
        form = _current_form("ticket", TICKET_SLOTS, tracker, turn)
        result = steps.continue_ticket(form, turn.text) if form else steps.begin_ticket(turn.text)
        say(dispatcher, turn, result.replies, state={"form": result.form, "failed": False})
        return _events(result, TICKET_SLOTS)


class ActionTicketStatus(Action):
    def name(self) -> str:
        return "action_ticket_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        draft: dict[str, Any] = {slot: tracker.get_slot(slot) for slot in TICKET_SLOTS}
        if all(draft.values()):
            turn = Turn.of(tracker)
            reply, ticket = steps.ticket_status(draft, turn.known.get("conversation") or tracker.sender_id)
            say(dispatcher, turn, [reply], ticket=ticket)
        return [SlotSet(slot, None) for slot in TICKET_SLOTS]
