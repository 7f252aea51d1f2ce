"""What a citizen without a keyboard needs to answer what is asked next."""

from typing import Any, Literal

from knowledge_base.interviews.model import interviews
from referrals.intake import Field

Pad = Literal["matter", "name", "phone", "code", "pin", "number", "date", "words"]

_FIELDS: dict[str, Pad] = {
    Field.MATTER: "matter",
    Field.CONTACT_NAME: "name",
    Field.PHONE: "phone",
    "ticket_code": "code",
    "ticket_pin": "pin",
}
_KINDS: dict[str, Pad] = {"money": "number", "number": "number", "date": "date", "text": "words", "long_text": "words"}


def pad_for(form: dict[str, Any] | None) -> Pad | None:
    """The pad for a form in progress as `channels.session.Session` keeps it; None where buttons do."""
    if form is None:
        return None
    if form["name"] != "interview":
        return _FIELDS.get(form["requested"])
    interview = interviews().get(form["draft"]["interview"])
    steps = {step.id: step.kind for step in interview.steps} if interview else {}
    return _KINDS.get(steps.get(form["requested"], ""))
