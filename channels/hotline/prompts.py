"""The conversation's reply as a caller hears it, with what each key does."""

from collections.abc import Sequence
from typing import Any, Literal

from actions.interview_steps import BACK, LEAVE
from channels.conversation import ReplyOut, TurnOut
from channels.hotline import lines
from channels.hotline.answer import IN_ALL, IN_ANSWER, IN_FORM, Answer, Choice, choices_of, read_out
from channels.hotline.calls import CallState
from channels.hotline.numerals import one_by_one
from channels.hotline.receipt import registered
from channels.hotline.wording import sentences
from channels.session import Session
from knowledge_base.interviews.model import interviews
from referrals.codes import read_code, read_pin
from referrals.intake import NO_PHONE, SERVICES, USE_SUGGESTED, Field, region

PASS = "跳过"  # as actions.interview_steps has it
_MATTER = 60  # characters read back


def rendered(said: TurnOut, session: Session, state: CallState) -> Answer:
    """Also notes in ``state`` what the turn tells: danger, a form's step, consent, a new ticket."""
    urgent = any(reply.type == "urgent" for reply in said.replies)
    state.urgent = state.urgent or urgent
    if session.form is None:
        state.form_step = None
    elif said.replies and said.replies[-1].type == "form":
        state.form_step = _step(said, session.form, state)
        return state.form_step
    if urgent:
        return _urgent(said, state)
    if state.form_step:
        step = state.form_step
        return step.model_copy(update={"text": "\n".join([*(reply.text for reply in said.replies), step.text])})
    if receipt := _receipt(said):
        state.receipt = receipt
        return registered(state, said.replies[-1].text.split("\n")[-1])
    if said.live:
        return Answer(text="".join(reply.text for reply in said.replies) or lines.WITH_WORKER, whole=True)
    return _ordinary(said, asked_back=session.asked_back)


def _urgent(said: TurnOut, state: CallState) -> Answer:
    """In one go, and no form is gone on with unasked."""
    text = "\n".join([*(reply.text for reply in said.replies), lines.URGENT_END])
    if state.form_step is None:
        return Answer(text=text, whole=True)
    return Answer(text=text + lines.BACK_TO_FORM, menu={"1": "do:go_on"}, whole=True)


def _step(said: TurnOut, form: dict[str, Any], state: CallState) -> Answer:
    match form["name"]:
        case "referral":
            return _referral(said, form, state)
        case "ticket":
            return Answer(text=lines.ASK_CODE, collect="code")
        case _:
            return _interview(said.replies, form)


def _ordinary(said: TurnOut, asked_back: bool) -> Answer:
    """Who is asked something back is not offered other questions besides."""
    replies = sorted(said.replies, key=lambda reply: bool(reply.buttons))  # choices follow what they belong to
    text = "\n".join(_told(reply, said) for reply in replies)
    kind = replies[-1].type if replies else "notice"
    buttons = [] if asked_back else _buttons(said.replies, said)
    choices, menu = read_out(choices_of(buttons, IN_ANSWER if kind == "answer" else IN_ALL))
    lead, end = _AROUND.get(kind, ("", lines.ANY_OPTIONS)) if menu else ("", "")
    return Answer(text=text, choices=f"{lead}{choices}{end}", menu=menu)


_AROUND = {"answer": (lines.CHOOSE, lines.ANY_OPTIONS), "clarify": ("", lines.NONE_OF_THESE)}


def _told(reply: ReplyOut, said: TurnOut) -> str:
    if reply.type == "statutes" and len(reply.citations) > 1:
        return lines.STATUTES  # an article cannot be listened to three times over
    if said.ticket and reply.text.startswith("工单 "):  # they have just keyed the code in
        return "\n".join(line for line in reply.text.split("\n")[1:] if not line.startswith("这个工单是在别处登记的"))
    return reply.text


def _buttons(replies: Sequence[ReplyOut], said: TurnOut | None = None) -> list[Choice]:
    """Of the last reply that has any."""
    if said and said.ticket:
        return []
    last = next((reply.buttons for reply in reversed(replies) if reply.buttons), [])
    return [(button.title, button.payload) for button in last]


def listed(choices: Sequence[Choice], state: CallState) -> tuple[str, dict[str, str]]:
    """Choices of a form; more than keys are in groups, the next one by key 8."""
    if len(choices) > IN_FORM:
        state.pages = list(choices[IN_FORM - 1 :])
        choices = [*choices[: IN_FORM - 1], ("下一组", "do:page")]
    return read_out(choices)


def _interview(replies: Sequence[ReplyOut], form: dict[str, Any]) -> Answer:
    """Ways back and out have a key of their own. Where something is to be told, keys are its digits."""
    text = "\n".join(reply.text for reply in replies)
    buttons = [button for button in _buttons(replies) if button[0] not in (BACK, LEAVE)]
    if [title for title, _ in buttons] not in ([], [PASS]):
        choices, menu = read_out([(title, f"say:{payload}") for title, payload in buttons[:IN_FORM]])
        return Answer(text=text, choices=choices + lines.LEAVE_FORM, menu=menu)
    kind = interviews()[form["draft"]["interview"]].step(form["requested"]).kind
    how = {"date": lines.TELL_DATE, "money": lines.TELL_NUMBER, "number": lines.TELL_NUMBER}.get(kind, lines.TELL)
    skip = lines.SKIP if buttons else ""
    collect: Literal["date", "number"] = "date" if kind == "date" else "number"
    return Answer(text=text, choices=how + skip + lines.LEAVE_FORM, collect=collect)


def _referral(said: TurnOut, form: dict[str, Any], state: CallState) -> Answer:
    draft = form["draft"]
    state.agreed = bool(draft["consent"])
    state.phone = draft["phone"] if draft["phone"] and draft["phone"] != NO_PHONE else ""
    aside = "".join(_aside(reply) for reply in said.replies[:-1])
    asked = _asked(Field(form["requested"]), draft, said.replies[-1], state)
    return asked.model_copy(update={"text": f"{aside}\n{asked.text}", "whole": True})


def _aside(reply: ReplyOut) -> str:
    """What was wrong in one sentence; the choices are read out anyway."""
    return sentences(reply.text)[0] if reply.type == "form" else reply.text


def _asked(field: Field, draft: dict[str, Any], reply: ReplyOut, state: CallState) -> Answer:
    """The step's question in words for a voice. Texts of consent are the form's own."""
    buttons = [(button.title, f"say:{button.payload}") for button in reply.buttons]
    match field:
        case Field.CONSENT:
            return Answer(text=f"{reply.text}{lines.AGREE}", menu={"1": buttons[0][1], "2": buttons[1][1]}, yes_no=True)
        case Field.MATTER:
            if buttons[0][0] != USE_SUGGESTED:
                return Answer(text=lines.ASK_MATTER)
            matter = _between(reply.text)
            return Answer(text=lines.THIS_MATTER.format(matter=matter), menu={"1": buttons[0][1]})
        case Field.DISTRICT:
            text, menu = listed(buttons, state)
            return Answer(text=lines.ASK_DISTRICT.format(city=region().city) + text, menu=menu)
        case Field.CONTACT_NAME:
            return Answer(text=lines.ASK_NAME, menu={"1": buttons[0][1]})
        case Field.PHONE:
            return _phone(state)
        case Field.SERVICE:
            text, menu = read_out(buttons)
            return Answer(text=lines.ASK_SERVICE + text, menu=menu)
        case _:
            menu = {str(at): does for at, (_, does) in enumerate(buttons, 1)}
            return Answer(text=_summary(draft) + lines.CONFIRM_KEYS, menu=menu)


def _phone(state: CallState) -> Answer:
    if state.caller:
        text = lines.THIS_PHONE.format(tail=one_by_one(state.caller[-4:]))
        return Answer(
            text=text, menu={"1": f"say:{state.caller}", "2": f"say:{NO_PHONE}"}, yes_no=True, collect="phone"
        )
    return Answer(text=lines.ASK_PHONE, menu={"1": f"say:{NO_PHONE}"}, collect="phone")


def _between(text: str) -> str:
    return shortened(text.partition("“")[2].partition("”")[0])


def shortened(matter: str) -> str:
    return matter if len(matter) <= _MATTER else f"{matter[:_MATTER]}，等等"


def _summary(draft: dict[str, Any]) -> str:
    return lines.CONFIRM.format(
        matter=shortened(draft["matter"]),
        district=draft["district"], name=draft["contact_name"], phone=draft["phone"], service=SERVICES[draft["service"]],
    )  # fmt: skip


def _receipt(said: TurnOut) -> dict[str, str] | None:
    text = said.replies[-1].text if said.replies else ""
    code = read_code(text)
    return {"code": code, "pin": read_pin(text) or ""} if said.ticket and code and "查询码：" in text else None
