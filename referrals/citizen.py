"""What a citizen does with their ticket, for its code and PIN."""

from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from referrals import audit, messages, work
from referrals.errors import IllegalStep
from referrals.intake import CHANNELS
from referrals.lifecycle import CITIZEN, STEPS, Step, open_to
from referrals.models import Ticket, TicketEvent
from referrals.store import session
from referrals.tickets import RATED_AFTER, PublicTicket, look_up, rate
from referrals.work import Told
from referrals.worktime import PLACE_TIME

TEXT_LIMIT = 2000  # characters
TAKEN = ("urge", "supplement", "withdraw", "reopen")


def take(code: str, pin: str, name: str, text: str = "", bind: Engine | None = None) -> None:
    """One of the steps in `TAKEN`; ``text`` is what the citizen adds, for staff.

    Raises:
        TicketNotFound: no ticket has this code and PIN.
        TooManyTries: the ticket is locked.
        IllegalStep: not from where the ticket stands, urged today already, or words are missing or too many.
    """
    if name not in TAKEN:
        raise IllegalStep("没有这种办理。")
    said = _short(text)
    look_up(code, pin, bind)
    with session(bind) as db:
        ticket = work.locked(db, code)
        if name == "urge":
            _not_urged_today(db, ticket)
        work.apply(db, ticket, STEPS[name], CITIZEN, Told(reason="" if name == "supplement" else said))
        if name == "supplement":
            if not said:
                raise IllegalStep("请写下要补充的情况。")
            messages.say(db, ticket, messages.CITIZEN, said, channel="page")


def judge(code: str, pin: str, grade: int, comment: str = "", bind: Engine | None = None) -> None:
    """As `referrals.tickets.rate`, for whoever has code and PIN. Raises as `take` does."""
    said = _short(comment)
    look_up(code, pin, bind)
    rate(code, grade, said, bind)


def carry_on(code: str, pin: str, conversation: str, channel: str, bind: Engine | None = None) -> PublicTicket:
    """From now on what workers write goes to ``conversation``, and there they join; the ticket as it was before.

    Raises:
        TicketNotFound: no ticket has this code and PIN.
        TooManyTries: the ticket is locked.
        IllegalStep: the ticket's contents are deleted.
    """
    before = look_up(code, pin, bind)
    if before.conversation == conversation:
        return before
    with session(bind) as db:
        ticket = work.locked(db, code)
        if ticket.purged_at:
            raise IllegalStep("这个工单的内容已经删除。")
        ticket.conversation = conversation
        moved = f"群众转到{CHANNELS.get(channel, channel)}接着办。"
        db.add(TicketEvent(ticket_id=ticket.id, step="carry_on", status=ticket.status, at=datetime.now(UTC),
                           by=str(CITIZEN), remark=moved))  # fmt: skip
        audit.record(db, CITIZEN, "carry_on", code, channel=channel)
    return before


def steps_of(found: PublicTicket) -> list[Step]:
    """What the citizen may do with the ticket as it stands."""
    return open_to(Ticket(status=found.status, waiting=found.waiting), CITIZEN)


def may_judge(found: PublicTicket) -> bool:
    return found.rating is None and bool(found.result) and found.status in RATED_AFTER


def _short(text: str) -> str:
    said = text.strip()
    if len(said) > TEXT_LIMIT:
        raise IllegalStep(f"请写在 {TEXT_LIMIT} 字以内。")
    return said


def _not_urged_today(db: Session, ticket: Ticket) -> None:
    midnight = datetime.now(PLACE_TIME).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    urged = select(TicketEvent.id).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.step == "urge", TicketEvent.at >= midnight
    )
    if db.scalar(urged.limit(1)):
        raise IllegalStep("今天已经催办过了，工作人员会尽快联系您；急事请拨打 12348。")
