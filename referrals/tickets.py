"""Making a ticket and letting its citizen look at it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referrals import audit, clocks, intake, notices
from referrals.codes import make_code, make_pin
from referrals.errors import IllegalStep, IncompleteDraft, TicketNotFound, TooManyTries
from referrals.lifecycle import CITIZEN
from referrals.models import Rating, Serial, Status, Ticket, TicketEvent
from referrals.secret_text import digest
from referrals.store import session
from referrals.worktime import PLACE_TIME

WRONG_PINS, LOCK = 5, timedelta(minutes=15)
GRADES = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"}
LOW = 2  # and below: a supervisor looks at it
RATED_AFTER = (Status.REPLIED, Status.CALLED_BACK, Status.CLOSED)


@dataclass(frozen=True)
class Origin:
    """Where a ticket comes from and what is known already, so that nobody asks twice. (conversation, turn) makes
    creation idempotent; ``summary`` is made by the machine; ``deadline`` is the last day of a right at risk."""

    conversation: str
    turn: str
    channel: str = "web"
    topic: str | None = None
    intent: str | None = None
    urgent: bool = False
    transcript: str = ""
    citations: Sequence[dict[str, Any]] = ()
    summary: str = ""
    deadline: date | None = None
    aid_check: str = ""


@dataclass(frozen=True)
class Receipt:
    """What the citizen is shown once: keep both."""

    code: str
    pin: str
    status: Status


@dataclass(frozen=True)
class PublicTicket:
    """What the citizen may see of a ticket; ``conversation`` is for the gateway, never shown."""

    code: str
    status: Status
    service: str
    district: str
    created_at: datetime
    events: tuple[tuple[datetime, Status, str], ...]
    result: str = ""
    waiting: bool = False
    rating: int | None = None
    conversation: str = field(default="", repr=False)


def create(draft: intake.Draft, origin: Origin, bind: Engine | None = None) -> Receipt:
    """Turn a confirmed draft into a ticket; a repeated call returns the first one's receipt.

    Raises:
        IncompleteDraft: the citizen has not agreed or not confirmed.
    """
    if not draft.consent or not draft.confirmed or draft.next_field is not None:
        raise IncompleteDraft("agreement and confirmation come before a ticket")
    if existing := _find(origin, bind):
        return existing
    for attempt in (1, 2, 3):
        try:
            with session(bind) as db:
                ticket = _new_ticket(db, draft, origin)
            return Receipt(ticket.code, ticket.pin, ticket.status)
        except IntegrityError:
            # The same turn came twice at once, or two tickets drew the day's first serial.
            if existing := _find(origin, bind):
                return existing
            if attempt == 3:
                raise
    raise AssertionError("unreachable")


def _find(origin: Origin, bind: Engine | None) -> Receipt | None:
    with session(bind) as db:
        ticket = db.scalar(select(Ticket).filter_by(conversation=origin.conversation, turn=origin.turn))
        return Receipt(ticket.code, ticket.pin, ticket.status) if ticket else None


def _new_ticket(db: Session, draft: intake.Draft, origin: Origin) -> Ticket:
    assert draft.service and draft.district and draft.contact_name and draft.matter
    phone = None if draft.phone == intake.NO_PHONE else draft.phone
    ticket = Ticket(
        conversation=origin.conversation,
        turn=origin.turn,
        channel=origin.channel,
        service=draft.service,
        topic=origin.topic,
        intent=origin.intent,
        district=draft.district,
        urgent=origin.urgent,
        deadline=origin.deadline,
        consent_version=intake.CONSENT_VERSION,
        contact_name=draft.contact_name,
        phone=phone,
        phone_key=digest(phone) if phone else None,
        matter=draft.matter,
        opponent=draft.opponent or "",
        language=draft.needs or "",
        transcript=origin.transcript,
        citations=list(origin.citations),
        summary=origin.summary,
        aid_check=origin.aid_check,
    )
    _register(db, ticket, datetime.now(UTC))
    return ticket


def _register(db: Session, ticket: Ticket, now: datetime) -> None:
    """Give a new ticket its code, its PIN and its clocks."""
    day = now.astimezone(PLACE_TIME).date()
    ticket.code = make_code(intake.region().code, day, ticket.service, _next_serial(db, day, ticket.service))
    ticket.pin, ticket.status, ticket.created_at = make_pin(), Status.RECEIVED, now
    ticket.events.append(
        TicketEvent(step="receive", status=Status.RECEIVED, at=now, by=str(CITIZEN), note="工单已登记，等待分派。")
    )
    clocks.start(ticket, now)
    db.add(ticket)
    db.flush()
    notices.received(db, ticket)
    audit.record(db, CITIZEN, "receive", ticket.code, service=ticket.service, channel=ticket.channel)


def split_off(db: Session, ticket: Ticket, matter: str, service: str, now: datetime) -> Ticket:
    """A ticket of its own for a second matter of ``ticket``; the citizen looks at it with the same PIN."""
    if service not in intake.SERVICES:
        raise IllegalStep("没有这种服务类别。")
    same = ("channel", "conversation", "district", "language", "consent_version", "contact_name", "phone", "phone_key",
            "transcript")  # fmt: skip
    part = Ticket(
        **{name: getattr(ticket, name) for name in same},
        turn=f"{ticket.turn[:40]}/{secrets.token_hex(6)}",
        service=service,
        matter=matter,
        parent_id=ticket.id,
    )
    _register(db, part, now)
    part.pin = ticket.pin
    return part


def _next_serial(db: Session, day: date, service: str) -> int:
    """The day's next serial of a service; the row stays locked until the transaction ends."""
    row = db.get(Serial, (f"{day:%Y%m%d}", service), with_for_update=True)
    if row is None:
        row = Serial(day=f"{day:%Y%m%d}", service=service, last=0)
        db.add(row)
    row.last += 1
    db.flush()
    return row.last


def look_up(code: str, pin: str, bind: Engine | None = None) -> PublicTicket:
    """The citizen's view of a ticket. Five wrong PINs in a row lock it for a quarter of an hour.

    Raises:
        TicketNotFound: no ticket has this code and PIN.
        TooManyTries: the ticket is locked.
    """
    with session(bind) as db:
        ticket, right = _opened(db, code, pin)
        rating = db.get(Rating, ticket.id)
        view = PublicTicket(
            ticket.code,
            Status(ticket.status),
            ticket.service,
            ticket.district,
            ticket.created_at,
            tuple((event.at, Status(event.status), event.note) for event in ticket.events if event.note),
            ticket.result,
            ticket.waiting,
            rating.grade if rating else None,
            ticket.conversation,
        )
    if not right:
        raise TicketNotFound("no ticket has this code and PIN")
    return view


def _opened(db: Session, code: str, pin: str) -> tuple[Ticket, bool]:
    """The ticket, and whether the PIN is its; a wrong one is counted."""
    now = datetime.now(UTC)
    ticket = db.scalar(select(Ticket).filter_by(code=code).with_for_update())
    if ticket is None:
        raise TicketNotFound("no ticket has this code and PIN")
    if ticket.locked_until and ticket.locked_until > now:
        raise TooManyTries("too many wrong PINs; wait a quarter of an hour")
    right = secrets.compare_digest(ticket.pin.encode(), pin.encode())
    ticket.wrong_pins = 0 if right else ticket.wrong_pins + 1
    ticket.locked_until = now + LOCK if ticket.wrong_pins >= WRONG_PINS else None
    if ticket.locked_until:
        ticket.wrong_pins = 0
    return ticket, right


def rate(code: str, grade: int, comment: str = "", bind: Engine | None = None) -> None:
    """The citizen's judgement, once a ticket, after it was answered. The caller has checked code and PIN.

    Raises:
        IllegalStep: it is not answered yet, was judged before, or the grade is none of `GRADES`.
    """
    if grade not in GRADES:
        raise IllegalStep("评价分五档，请从中选一档。")
    with session(bind) as db:
        ticket = db.scalar(select(Ticket).filter_by(code=code).with_for_update())
        if ticket is None or ticket.status not in RATED_AFTER:
            raise IllegalStep("答复以后才能评价。")
        if db.get(Rating, ticket.id):
            raise IllegalStep("这个工单已经评价过了，谢谢您。")
        db.add(Rating(ticket_id=ticket.id, grade=grade, comment=comment, at=datetime.now(UTC)))
        if grade <= LOW:
            notices.low_rating(db, ticket)
        audit.record(db, CITIZEN, "rate", ticket.code)
