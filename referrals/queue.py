"""The desk's queue: which tickets a person sees, filtered and in the order they are due to be worked on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from referrals import clocks
from referrals.codes import read_code
from referrals.lifecycle import Actor
from referrals.models import OPEN, Clock, Staff, Status, Ticket
from referrals.roles import Role
from referrals.secret_text import digests
from referrals.worktime import PLACE_TIME

PAGE = 50
VIEWS = {
    "mine": "我的待办",
    "free": "待认领",
    "dispatch": "待人工分派",
    "late": "已超时",
    "waiting": "等群众补充",
    "open": "在办",
    "replied": "待回访",
    "all": "全部",
}
GIVEN_OUT = ("dispatch", "free", "open")  # views from which tickets are given out


@dataclass(frozen=True)
class Filter:
    """``find`` is a code or a phone number, looked for exactly: what is encrypted cannot be searched in part.
    ``after`` is the id of the last ticket of the page before, with its urgency: ``1-204``."""

    view: str = "open"
    service: str = ""
    topic: str = ""
    district: str = ""
    channel: str = ""
    urgent: bool = False
    find: str = ""
    after: str = ""


@dataclass(frozen=True)
class Row:
    """``due``: of the clock that ends first. ``call_back_by``: while the citizen is to be called back."""

    ticket: Ticket
    due: datetime | None
    call_back_by: date | None
    late: bool


@dataclass(frozen=True)
class Page:
    rows: Sequence[Row]
    after: str  # of the next page; empty on the last


def views_of(role: Role) -> list[str]:
    """The views somebody has use for, the one they begin with first."""
    if role is Role.WORKER:
        return ["mine", "free", "waiting", "late", "all"]
    if role is Role.RECEPTION:
        return ["replied", "open", "late", "all"]
    return ["dispatch", "free", "open", "late", "replied", "all"]


def page(db: Session, person: Actor, wanted: Filter, now: datetime | None = None) -> Page:
    """One page of the queue: urgent tickets first, the oldest of them first; call-backs by the day they are due; all
    tickets from the newest on."""
    now = now or datetime.now(UTC)
    query = _scope(select(Ticket), db, person)
    query = _ordered(_narrowed(_viewed(query, person, wanted.view, now), wanted), wanted)
    query = query.options(selectinload(Ticket.clocks), selectinload(Ticket.assignee)).limit(PAGE + 1)
    found = list(db.scalars(query))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page([_row(ticket, now) for ticket in found[:PAGE]], f"{int(last.urgent)}-{last.id}" if last else "")


def _ordered(query: Select[Any], wanted: Filter) -> Select[Any]:
    """In the view's order, from the ticket after the one that ended the page before."""
    was_urgent, _, id = wanted.after.partition("-")
    last = int(id or 0)
    order: tuple[Any, ...]
    if wanted.view == "all":
        follows, order = Ticket.id < last, (Ticket.id.desc(),)
    elif wanted.view == "replied":
        replied = select(Ticket.replied_at).filter_by(id=last).scalar_subquery()
        follows = or_(Ticket.replied_at > replied, and_(Ticket.replied_at == replied, Ticket.id > last))
        order = Ticket.replied_at, Ticket.id
    else:
        ordinary = Ticket.urgent.is_(False)
        follows = or_(ordinary, Ticket.id > last) if was_urgent == "1" else and_(ordinary, Ticket.id > last)
        order = Ticket.urgent.desc(), Ticket.id
    return query.where(follows if wanted.after else true()).order_by(*order)


def counts(db: Session, person: Actor, views: Sequence[str], now: datetime | None = None) -> dict[str, int]:
    """How many tickets each view holds; `all` is not counted."""
    now = now or datetime.now(UTC)
    return {
        view: db.scalar(_viewed(_scope(select(func.count()).select_from(Ticket), db, person), person, view, now)) or 0
        for view in views
        if view != "all"
    }


def visible(db: Session, person: Actor, ticket: Ticket) -> bool:
    """Whether somebody may open a ticket: workers their own, those of their service nobody has, and what they had."""
    return bool(db.scalar(_scope(select(Ticket.id), db, person).where(Ticket.id == ticket.id)))


def _scope(query: Select[Any], db: Session, person: Actor) -> Select[Any]:
    if person.role is not Role.WORKER:
        return query
    service = db.scalar(select(Staff.service).filter_by(id=person.staff_id))
    free = and_(Ticket.status == Status.RECEIVED, Ticket.service == service)
    return query.where(or_(Ticket.assignee_id == person.staff_id, free))


def _viewed(query: Select[Any], person: Actor, view: str, now: datetime) -> Select[Any]:
    still_open = Ticket.status.in_(OPEN)
    match view:
        case "mine":
            return query.where(still_open, Ticket.assignee_id == person.staff_id)
        case "free":
            return query.where(Ticket.status == Status.RECEIVED)
        case "dispatch":
            return query.where(Ticket.status == Status.RECEIVED, Ticket.needs_dispatcher)
        case "late":
            ended = select(Clock.ticket_id).where(
                Clock.stopped_at.is_(None), Clock.remaining.is_(None), Clock.due_at < now
            )
            return query.where(still_open, Ticket.id.in_(ended))
        case "waiting":
            return query.where(still_open, Ticket.waiting)
        case "replied":
            return query.where(Ticket.status == Status.REPLIED)
        case "open":
            return query.where(still_open)
    return query


def _narrowed(query: Select[Any], wanted: Filter) -> Select[Any]:
    for column in ("service", "topic", "district", "channel"):
        if value := getattr(wanted, column):
            query = query.where(getattr(Ticket, column) == value)
    if wanted.urgent:
        query = query.where(Ticket.urgent)
    if find := wanted.find.strip():
        phone = "".join(character for character in find if character.isdigit())
        query = query.where(or_(Ticket.code == (read_code(find) or find.upper()), Ticket.phone_key.in_(digests(phone))))
    return query


def _row(ticket: Ticket, now: datetime) -> Row:
    if ticket.status == Status.REPLIED and ticket.replied_at:
        day = clocks.call_back_by(ticket.replied_at)
        return Row(ticket, None, day, day < now.astimezone(PLACE_TIME).date())
    running = [c.due_at for c in ticket.clocks if not c.stopped_at and c.remaining is None]
    due = min(running, default=None)
    return Row(ticket, due, None, due is not None and due < now)


def everything(wanted: Filter) -> Filter:
    """The same filter over all views, as a search by code or phone needs it."""
    return replace(wanted, view="all") if wanted.find else wanted


def alike(db: Session, ticket: Ticket) -> list[Ticket]:
    """Other open tickets that may be the same matter: same phone or same conversation. Proposed, never merged alone."""
    same = [Ticket.conversation == ticket.conversation]
    if ticket.phone_key:
        same.append(Ticket.phone_key == ticket.phone_key)
    return list(
        db.scalars(
            select(Ticket)
            .where(Ticket.id != ticket.id, Ticket.status.in_(OPEN), or_(*same))
            .order_by(Ticket.id)
            .limit(5)
        )
    )
