"""What supervisors, administrators and auditors look after: low ratings, notifications not delivered, the audit trail."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select

from channels.desk.security import allowed
from channels.pages import page
from referrals import audit, outbox
from referrals.models import AuditEntry, Rating, Ticket
from referrals.permissions import Permission
from referrals.staff import SignedIn
from referrals.store import session
from referrals.tickets import GRADES, LOW

router = APIRouter(prefix="/desk", include_in_schema=False)
Judge = Annotated[SignedIn, Depends(allowed(Permission.RATINGS))]
Postmaster = Annotated[SignedIn, Depends(allowed(Permission.OUTBOX))]
Auditor = Annotated[SignedIn, Depends(allowed(Permission.AUDIT))]
SHOWN = 100


@router.get("/ratings")
def ratings(request: Request, me: Judge) -> HTMLResponse:
    """Low grades nobody has looked at, then those somebody has."""
    with session() as db:
        found = db.execute(
            select(Rating, Ticket)
            .join(Ticket, Ticket.id == Rating.ticket_id)
            .where(Rating.grade <= LOW)
            .order_by(Rating.reviewed_by.is_not(None), Rating.at.desc())
            .limit(SHOWN)
        ).all()
    return page(request, "desk/ratings", me=me, found=found, grades=GRADES)


@router.post("/ratings/{code}")
def review(code: str, me: Judge, review: Annotated[str, Form(min_length=2, max_length=1000)]) -> Response:
    with session() as db:
        rating = db.scalar(select(Rating).join(Ticket, Ticket.id == Rating.ticket_id).where(Ticket.code == code))
        if rating and rating.reviewed_by is None:
            rating.reviewed_by, rating.review = me.actor.staff_id, review.strip()
            audit.record(db, me.actor, "review_rating", code)
    return RedirectResponse("/desk/ratings", 303)


@router.get("/outbox")
def undelivered(request: Request, me: Postmaster) -> HTMLResponse:
    """Notifications that could not be delivered; their contents stay closed."""
    with session() as db:
        found = outbox.dead(db)[:SHOWN]
        waiting = outbox.waiting(db)
    return page(request, "desk/outbox", me=me, found=found, waiting=waiting)


@router.post("/outbox/{id}")
def send_again(id: int, me: Postmaster) -> Response:
    with session() as db:
        outbox.send_again(db, id)
        audit.record(db, me.actor, "send_again", str(id))
    return RedirectResponse("/desk/outbox", 303)


@router.get("/audit")
def trail(
    request: Request,
    me: Auditor,
    subject: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The newest entries, or those of one ticket or login."""
    query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(SHOWN)
    if subject:
        query = query.where(AuditEntry.subject == subject.strip())
    if before:
        query = query.where(AuditEntry.seq < before)
    with session() as db:
        found = db.scalars(query).all()
    return page(request, "desk/audit", me=me, found=found, subject=subject, shown=SHOWN)


@router.post("/audit/verify")
def verify(request: Request, me: Auditor) -> HTMLResponse:
    """Walk the whole chain now."""
    return page(request, "desk/audit", me=me, found=[], subject="", shown=SHOWN, verdict=audit.verify())
