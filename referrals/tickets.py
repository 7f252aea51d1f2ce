"""Making a ticket and letting its citizen look at it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referrals import intake
from referrals.codes import make_code, make_pin
from referrals.errors import IncompleteDraft, TicketNotFound, TooManyTries
from referrals.models import Serial, Status, Ticket, TicketEvent
from referrals.store import session

WRONG_PINS, LOCK = 5, timedelta(minutes=15)
PLACE_TIME = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Origin:
    """Where a ticket comes from. (conversation, turn) makes creation idempotent."""

    conversation: str
    turn: str
    channel: str = "web"
    topic: str | None = None
    urgent: bool = False
    transcript: str = ""
    citations: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class Receipt:
    """What the citizen is shown once: keep both."""

    code: str
    pin: str
    status: Status


@dataclass(frozen=True)
class PublicTicket:
    """What the citizen may see of a ticket."""

    code: str
    status: Status
    service: str
    district: str
    created_at: datetime
    events: tuple[tuple[datetime, Status, str], ...]


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
    now = datetime.now(UTC)
    day = now.astimezone(PLACE_TIME).date()
    ticket = Ticket(
        code=make_code(intake.region().code, day, draft.service, _next_serial(db, day, draft.service)),
        pin=make_pin(),
        conversation=origin.conversation,
        turn=origin.turn,
        channel=origin.channel,
        status=Status.RECEIVED,
        service=draft.service,
        topic=origin.topic,
        district=draft.district,
        urgent=origin.urgent,
        consent_version=intake.CONSENT_VERSION,
        contact_name=draft.contact_name,
        phone=None if draft.phone == intake.NO_PHONE else draft.phone,
        matter=draft.matter,
        transcript=origin.transcript,
        citations=list(origin.citations),
        created_at=now,
    )
    ticket.events.append(TicketEvent(status=Status.RECEIVED, at=now, note="工单已登记，等待分派。"))
    db.add(ticket)
    db.flush()
    return ticket


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
    now = datetime.now(UTC)
    with session(bind) as db:
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
        view = PublicTicket(
            ticket.code,
            Status(ticket.status),
            ticket.service,
            ticket.district,
            ticket.created_at,
            tuple((event.at, Status(event.status), event.note) for event in ticket.events),
        )
    if not right:
        raise TicketNotFound("no ticket has this code and PIN")
    return view
