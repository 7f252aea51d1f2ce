"""A new ticket's code and PIN: said twice, and sent by SMS to whoever wants it."""

import asyncio
import re

from sqlalchemy import select

from channels.hotline import lines
from channels.hotline.answer import Answer
from channels.hotline.calls import CallState
from channels.hotline.numerals import one_by_one
from channels.hotline.wording import code_aloud
from referrals import notices, outbox
from referrals.models import Ticket
from referrals.store import session

_MOBILE = re.compile(r"1[3-9]\d{9}")


def registered(state: CallState, when: str) -> Answer:
    """``when`` tells whether somebody is on duty."""
    code, pin = code_aloud(state.receipt["code"]), one_by_one(state.receipt["pin"])
    text = lines.REGISTERED.format(code=code, pin=pin, when=when)
    if "sms" in notices.sent_by() and _MOBILE.fullmatch(state.caller):
        return Answer(text=text + lines.BY_SMS, menu={"1": "do:sms"}, yes_no=True, whole=True)
    return Answer(text=text + lines.HEAR_AGAIN, whole=True)


async def send(state: CallState) -> Answer:
    """To the number the call comes from, once."""
    if state.receipt and not state.sms_sent:
        await asyncio.to_thread(_post, state.receipt, state.caller)
        state.sms_sent = True
    return Answer(text=lines.SMS_SENT)


def _post(receipt: dict[str, str], phone: str) -> None:
    with session() as db:
        ticket = db.scalar(select(Ticket).filter_by(code=receipt["code"]))
        outbox.post(db, "sms", ticket, phone=phone, text=lines.SMS_TEXT.format(**receipt))
