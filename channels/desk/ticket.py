"""One ticket at the desk: what the citizen said, the law beside it, what may be done now, what was done."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.desk.security import allowed, inside
from channels.pages import address, page
from knowledge_base.statutes import UnknownArticle, corpus
from referrals import allocation, files, masking, privacy, queue, replying, work
from referrals.clocks import KINDS
from referrals.errors import Refused, TicketNotFound
from referrals.intake import CHANNELS, SERVICES
from referrals.lifecycle import STEPS, Step, open_to
from referrals.models import Note, Staff, Ticket
from referrals.permissions import GRANTED, Permission
from referrals.staff import SignedIn
from referrals.store import session
from referrals.work import Told

router = APIRouter(prefix="/desk/tickets", include_in_schema=False)
Reader = Annotated[SignedIn, Depends(allowed(Permission.TICKET))]
Worker = Annotated[SignedIn, Depends(allowed(Permission.WORK))]
Filer = Annotated[SignedIn, Depends(allowed(Permission.FILES))]
Words = Annotated[str, Form(max_length=4000)]


@router.get("/{code}")
def show(request: Request, code: str, me: Reader) -> HTMLResponse:
    return _page(request, code, me)


@router.post("/{code}/steps/{name}")
def step(
    request: Request,
    code: str,
    name: str,
    me: Worker,
    note: Words = "",
    reason: Words = "",
    assignee: Annotated[int | None, Form()] = None,
    service: Annotated[str, Form(max_length=20)] = "",
    days: Annotated[int, Form(ge=0, le=400)] = 0,
    other: Annotated[str, Form(max_length=40)] = "",
    back: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Take a step; what is refused is said above the ticket, with what was typed kept. ``back``: the page to go on to."""
    if name not in STEPS:
        return _missing(request)
    told = Told(note.strip(), reason.strip(), assignee, service, days, other.strip().upper())

    def take(db: Session, ticket: Ticket) -> None:
        work.apply(db, ticket, STEPS[name], me.actor, told)

    return _done(request, code, me, take, inside(back) if back else "", tried=name, told=told)


@router.post("/{code}/notes")
def note(request: Request, code: str, me: Worker, text: Words = "") -> Response:
    return _done(request, code, me, lambda db, ticket: work.note(db, ticket, me.actor, text), f"{_at(code)}#notes")


@router.post("/{code}/files")
def put_file(request: Request, code: str, me: Filer, file: Annotated[UploadFile, File()]) -> Response:
    name, content = file.filename or "", file.file.read(files.LIMIT + 1)
    return _done(
        request, code, me, lambda db, ticket: files.put(db, ticket, me.actor, name, content), f"{_at(code)}#files"
    )


def _done(
    request: Request, code: str, me: SignedIn, act: Callable[[Session, Ticket], object], then: str = "", **tried: Any
) -> Response:
    """Do something to a ticket, its row held, and go on to ``then``, else to where it stands now. What is refused is
    said above the ticket."""
    try:
        with session() as db:
            ticket = _seen(db, me, work.locked(db, code))
            act(db, ticket)
            still_seen = queue.visible(db, me.actor, ticket)
    except TicketNotFound:
        return _missing(request)
    except Refused as error:
        return _page(request, code, me, refused=str(error), status=409, **tried)
    return RedirectResponse(then or (_at(code) if still_seen else "/desk"), 303)


def _at(code: str) -> str:
    return f"/desk/tickets/{quote(code)}"


@router.get("/{code}/files/{id}")
def get_file(request: Request, code: str, id: int, me: Filer) -> Response:
    try:
        with session() as db:
            ticket = _open(db, me, code)
            found = files.get(db, ticket, me.actor, id)
            name, media_type, content = found.name, found.media_type, found.content
    except (TicketNotFound, Refused):
        return _missing(request)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)


def _open(db: Session, me: SignedIn, code: str) -> Ticket:
    """
    Raises:
        TicketNotFound: there is none, or it is not this person's to see.
    """
    return _seen(db, me, db.scalar(select(Ticket).filter_by(code=code)))


def _seen(db: Session, me: SignedIn, ticket: Ticket | None) -> Ticket:
    if ticket is None or not queue.visible(db, me.actor, ticket):
        raise TicketNotFound("no such ticket for this person")
    return ticket


def _missing(request: Request) -> HTMLResponse:
    return page(request, "desk/missing", status=404)


def _page(request: Request, code: str, me: SignedIn, status: int = 200, **tried: Any) -> HTMLResponse:
    granted = GRANTED[me.actor.role]
    try:
        with session() as db:
            ticket = _open(db, me, code)
            view = masking.seen_by(ticket, me.actor)
            privacy.looked(db, me.actor, ticket, "ticket")
            steps = _steps(ticket, me) if Permission.WORK in granted else []
            needed = {need for step in steps for need in step.needs}
            return page(
                request,
                "desk/ticket",
                status=status,
                me=me,
                ticket=ticket,
                view=view,
                steps=steps,
                files=files.of(db, ticket) if Permission.FILES in granted else [],
                notes=db.scalars(select(Note).filter_by(ticket_id=ticket.id).order_by(Note.id)).all()
                if view.whole
                else [],
                names={id: name for id, name in db.execute(select(Staff.id, Staff.name))},
                articles=_articles(ticket),
                alike=queue.alike(db, ticket) if "other" in needed else [],
                weighed=allocation.suggest(db, ticket) if "assignee" in needed else [],
                templates=replying.templates(view.name, ticket.service) if "note" in needed else [],
                services=SERVICES,
                channels=CHANNELS,
                kinds=KINDS,
                **tried,
            )
    except TicketNotFound:
        return _missing(request)


def _steps(ticket: Ticket, me: SignedIn) -> list[Step]:
    """What may be done now, without what would change nothing."""
    idle = {"raise_urgency"} if ticket.urgent else set()
    if not ticket.extension_asked:
        idle |= {"grant_extension", "refuse_extension"}
    return [step for step in open_to(ticket, me.actor) if step.name not in idle]


def _articles(ticket: Ticket) -> list[tuple[Any, str]]:
    """The articles cited to the citizen, each once, with their pages."""
    found = {}
    for cited in ticket.citations:
        try:
            article = corpus().find(cited["law"], cited["article"], cited.get("sub", 0))
        except UnknownArticle:
            continue  # the law was replaced since
        found[article.key] = (article, address(article))
    return list(found.values())
