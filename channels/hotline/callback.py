"""A callback in three keys: consent, number, service. For who cannot or will not tell the matter on the phone too."""

import asyncio
from datetime import UTC, datetime

from actions.referral_steps import when_answered
from channels.handover import handover
from channels.hotline import lines
from channels.hotline.answer import Answer, read_out
from channels.hotline.numerals import heard_digits, one_by_one
from channels.hotline.prompts import shortened
from channels.hotline.receipt import registered
from channels.hotline.turn import CHANNEL, Turn
from channels.session import Session
from referrals import tickets
from referrals.intake import ANONYMOUS, CONSENT_TEXT, MATTER_LIMIT, NO_PHONE, SERVICES, Draft, Field, Suggestion, parse

DEFAULT_SERVICE = "lawyer"


async def begin(turn: Turn) -> Answer:
    if turn.state.receipt:
        return registered(turn.state, "")  # one a call is enough
    if turn.state.agreed:
        return _ask_number(turn)
    menu = {"1": "do:agree", "2": "do:refuse"}
    return Answer(text=CONSENT_TEXT + lines.AGREE, menu=menu, yes_no=True, whole=True)


async def agree(turn: Turn) -> Answer:
    turn.state.agreed = True
    return _ask_number(turn)


async def refuse(turn: Turn) -> Answer:
    return Answer(text=lines.REFUSED)


def _ask_number(turn: Turn) -> Answer:
    if not turn.state.caller:
        return Answer(text=lines.WHICH_NUMBER, collect="callback")
    text = lines.THIS_NUMBER.format(tail=one_by_one(turn.state.caller[-4:]))
    return Answer(text=text, menu={"1": "do:this_number", "2": "do:other_number"}, yes_no=True, collect="callback")


async def this_number(turn: Turn) -> Answer:
    turn.state.phone = turn.state.caller
    return await _ask_service(turn)


async def other_number(turn: Turn) -> Answer:
    return Answer(text=lines.WHICH_NUMBER, collect="callback")


async def number(turn: Turn, said: str) -> Answer:
    """``said``: keys, or words that hold a number."""
    phone, _ = parse(Field.PHONE, heard_digits(said), Suggestion())
    if phone is None or phone == NO_PHONE:
        return Answer(text=lines.NUMBER_WRONG, collect="callback")
    turn.state.phone = phone
    return await _ask_service(turn)


async def _ask_service(turn: Turn) -> Answer:
    """Number and matter once more: the next key registers."""
    matter = shortened((await turn.session()).question)
    about = lines.ABOUT_MATTER.format(matter=matter) if matter else ""
    text, menu = read_out([(title, f"do:register:{service}") for service, title in SERVICES.items()])
    last = lines.LAST_STEP.format(phone=one_by_one(turn.state.phone), about=about)
    return Answer(text=last + text, menu=menu, whole=True)


async def register(turn: Turn, service: str) -> Answer:
    turn.state.receipt = await asyncio.to_thread(
        _create, await turn.session(), turn.state.phone, turn.message_id, service
    )
    return registered(turn.state, when_answered(service, datetime.now(UTC)))


def _create(session: Session, phone: str, message_id: str, service: str) -> dict[str, str]:
    """The same turn again gets the same ticket."""
    draft = Draft(
        consent=True, matter=(session.question or lines.MATTER_UNSAID)[:MATTER_LIMIT], district=lines.DISTRICT_UNSAID,
        contact_name=ANONYMOUS, phone=phone, service=service, confirmed=True,
    )  # fmt: skip
    origin = tickets.Origin(
        session.id, message_id, CHANNEL, session.topic, session.intent, session.urgent, session.transcript_text(),
        session.citations, **vars(handover(session)),
    )  # fmt: skip
    receipt = tickets.create(draft, origin)
    return {"code": receipt.code, "pin": receipt.pin}
