"""What has to happen to tickets by itself: warnings, missed time limits, allocation, closing, archiving.

`run` is one round. Each ticket is a transaction of its own, looked at again once it is held, so that several rounds at
once do nothing twice, and one ticket that cannot be handled stops no other.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, load_only

from referrals import allocation, audit, clocks, notices
from referrals.lifecycle import STEPS, SYSTEM
from referrals.models import OPEN, Clock, Serial, Status, Ticket, TicketEvent
from referrals.store import session
from referrals.work import apply, held

log = logging.getLogger("fazhu")

TRY_AGAIN = timedelta(minutes=10)
_LAST_TRY = ("again", "allocate")  # the row of `Serial` that holds when those nobody fitted were tried last


@dataclass(frozen=True)
class Duty:
    """``due`` finds the tickets by id; ``do`` handles one and says whether there was anything to do."""

    name: str
    due: Callable[[Session, datetime], Iterable[int]]
    do: Callable[[Session, int, datetime], object]


def run(bind: Engine | None = None, now: datetime | None = None) -> Counter[str]:
    """One round; how many tickets each duty handled.

    Raises:
        sqlalchemy.exc.OperationalError: the database is away or too busy; the next round goes on.
    """
    now = now or datetime.now(UTC)
    done: Counter[str] = Counter()
    for duty in _DUTIES:
        with session(bind) as db:
            due = duty.due(db, now)
        for id in due:
            done[duty.name] += _handle(duty, id, bind, now)
    return done


def _handle(duty: Duty, id: int, bind: Engine | None, now: datetime) -> bool:
    try:
        with session(bind) as db:
            return bool(duty.do(db, id, now))
    except OperationalError:
        raise
    except Exception as error:  # the others must not wait for this one
        log.warning("round, %s of ticket %d: %s", duty.name, id, type(error).__name__)
        return False


def _running() -> tuple[ColumnElement[bool], ...]:
    return Clock.stopped_at.is_(None), Clock.remaining.is_(None), Clock.missed_at.is_(None)


def _late(db: Session, now: datetime) -> Sequence[int]:
    query = select(Ticket.id).join(Ticket.clocks).where(*_running(), Clock.due_at <= now, Ticket.status.in_(OPEN))
    return db.scalars(query.distinct()).all()


def _miss(db: Session, id: int, now: datetime) -> bool:
    """Record each miss, once. Supervisors look at a ticket whose resolution is late."""
    if not (ticket := held(db, id, Ticket.status.in_(OPEN))):
        return False
    late = db.scalars(select(Clock).where(Clock.ticket_id == id, *_running(), Clock.due_at <= now)).all()
    for clock in late:
        clock.missed_at = now
        ticket.supervised = ticket.supervised or clock.kind == "resolution"
        kind = clocks.KINDS[clock.kind]
        ticket.events.append(
            TicketEvent(step="missed", status=ticket.status, at=now, by=str(SYSTEM), remark=f"{kind}超时。")
        )
        db.flush()
        notices.clock_missed(db, ticket, clock, kind)
        audit.record(db, SYSTEM, "clock_missed", ticket.code, kind=clock.kind)
    return bool(late)


def _soon_late(db: Session, now: datetime) -> Iterable[int]:
    query = select(Ticket, Clock).join(Ticket.clocks).where(*_unwarned(now), Ticket.status.in_(OPEN))
    rows = db.execute(query.options(load_only(Ticket.service))).all()  # the rest would have to be decrypted
    # A generator: it reckons after the transaction, which on SQLite keeps everybody else waiting.
    return (ticket.id for ticket, clock in rows if clocks.warning_at(ticket, clock) <= now)


def _unwarned(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return *_running(), Clock.warned_at.is_(None), Clock.due_at > now


def _warn(db: Session, id: int, now: datetime) -> bool:
    if not (ticket := held(db, id, Ticket.status.in_(OPEN))):
        return False
    unwarned = db.scalars(select(Clock).where(Clock.ticket_id == id, *_unwarned(now)))
    soon = [clock for clock in unwarned if clocks.warning_at(ticket, clock) <= now]
    for clock in soon:
        clock.warned_at = now
        notices.clock_warns(db, ticket, clock, clocks.KINDS[clock.kind])
        audit.record(db, SYSTEM, "clock_warns", ticket.code, kind=clock.kind)
    return bool(soon)


def _give(db: Session, id: int, now: datetime) -> bool:
    done = allocation.place(db, id, now)
    return done is not None and done.staff_id is not None


def _stuck(db: Session, now: datetime) -> Sequence[int]:
    """Those nobody fitted before, each `TRY_AGAIN` once, however many rounds there are."""
    this_time = int(now.timestamp() / TRY_AGAIN.total_seconds())
    last = db.get(Serial, _LAST_TRY, with_for_update=True)
    if last is None:
        try:
            with db.begin_nested():
                db.add(Serial(day=_LAST_TRY[0], service=_LAST_TRY[1], last=this_time))
        except IntegrityError:  # another round was first
            return ()
    elif last.last >= this_time:
        return ()
    else:
        last.last = this_time
    return allocation.waiting(db, now, stuck=True)


def _to_close(now: datetime) -> tuple[ColumnElement[bool], ...]:
    latest = now - timedelta(days=clocks.settings().close_after)
    return Ticket.status.in_((Status.REPLIED, Status.CALLED_BACK)), Ticket.replied_at <= latest


def _to_archive(now: datetime) -> tuple[ColumnElement[bool], ...]:
    latest = now - timedelta(days=clocks.settings().archive_after)
    return Ticket.status == Status.CLOSED, Ticket.closed_at <= latest


def _by_itself(name: str, step: str, which: Callable[[datetime], tuple[ColumnElement[bool], ...]]) -> Duty:
    """A step the system takes with every ticket of which ``which`` is true."""

    def due(db: Session, now: datetime) -> Sequence[int]:
        return db.scalars(select(Ticket.id).where(*which(now))).all()

    def do(db: Session, id: int, now: datetime) -> bool:
        if ticket := held(db, id, *which(now)):
            apply(db, ticket, STEPS[step], SYSTEM)
        return ticket is not None

    return Duty(name, due, do)


_DUTIES = (
    Duty("missed", _late, _miss),
    Duty("warned", _soon_late, _warn),
    Duty("allocated", allocation.waiting, _give),
    Duty("allocated", _stuck, allocation.try_again),
    _by_itself("closed", "close", _to_close),
    _by_itself("archived", "archive", _to_archive),
)
