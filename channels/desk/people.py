"""Accounts, leave and clients, kept by administrators."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select

from channels.desk.security import allowed
from channels.pages import page
from nlu_data.taxonomy import taxonomy
from referrals import staff
from referrals.errors import Refused
from referrals.intake import SERVICES, region
from referrals.models import Client, Leave, Staff
from referrals.permissions import Permission
from referrals.roles import STAFF_ROLES, Role
from referrals.staff import SignedIn
from referrals.store import session

router = APIRouter(prefix="/desk/people", include_in_schema=False)
Keeper = Annotated[SignedIn, Depends(allowed(Permission.PEOPLE))]
Short = Annotated[str, Form(max_length=120)]
Chosen = Annotated[list[str], Form()]
_TOPICS = [topic.title for topic in taxonomy().topics.values()]


@router.get("")
def everybody(request: Request, me: Keeper) -> HTMLResponse:
    return _list(request, me)


@router.post("")
def add(
    request: Request, me: Keeper, login: Short, name: Short, role: Short, service: Short = "", title: Short = ""
) -> Response:
    """The one-time password is shown on the page that follows, and nowhere else."""
    try:
        _, password = staff.create(
            login, me.actor, name=name.strip(), role=_role(role), service=service or None, title=title.strip()
        )
    except Refused as error:
        return _list(request, me, status=409, refused=str(error))
    return _list(request, me, password=password, login=login)


def _list(request: Request, me: SignedIn, status: int = 200, **said: Any) -> HTMLResponse:
    with session() as db:
        people = db.scalars(select(Staff).order_by(Staff.active.desc(), Staff.role, Staff.login)).all()
    return page(
        request, "desk/people", status=status, me=me, people=people, roles=STAFF_ROLES, services=SERVICES, **said
    )


def _role(value: str) -> Role:
    if value not in STAFF_ROLES:
        raise Refused("请选择角色。")
    return Role(value)


@router.get("/{id}")
def one(request: Request, id: int, me: Keeper) -> HTMLResponse:
    return _person(request, me, id)


@router.post("/{id}")
def change(
    request: Request,
    id: int,
    me: Keeper,
    name: Short,
    role: Short,
    service: Short = "",
    title: Short = "",
    email: Short = "",
    certificates: Short = "",
    languages: Short = "",
    capacity: Annotated[int, Form()] = 10,
    topics: Chosen = [],  # noqa: B006  FastAPI copies it
    districts: Chosen = [],  # noqa: B006
    active: Annotated[bool, Form()] = False,
) -> Response:
    return _tried(
        request,
        me,
        id,
        lambda: staff.change(
            id,
            me.actor,
            name=name.strip(),
            role=_role(role),
            service=service or None,
            title=title.strip(),
            email=email.strip(),
            certificates=_words(certificates),
            languages=_words(languages),
            capacity=capacity,
            topics=[topic for topic in topics if topic in _TOPICS],
            districts=[district for district in districts if district in region().districts],
            active=active,
        ),
    )


def _words(text: str) -> list[str]:
    return [word for word in text.replace("，", " ").replace("、", " ").replace(",", " ").split() if word]


@router.post("/{id}/password")
def reset(request: Request, id: int, me: Keeper) -> Response:
    try:
        return _person(request, me, id, password=staff.reset_password(id, me.actor))
    except Refused:
        return page(request, "desk/refused", status=404, me=me, message="没有这个账号。")


@router.post("/{id}/leave")
def leave(
    request: Request, id: int, me: Keeper, first: Annotated[date, Form()], last: Annotated[date, Form()]
) -> Response:
    return _tried(request, me, id, lambda: staff.add_leave(id, first, last, me.actor))


@router.post("/{id}/clients")
def client(request: Request, id: int, me: Keeper, name: Short) -> Response:
    return _tried(request, me, id, lambda: staff.add_client(id, name, me.actor))


@router.post("/{id}/leave/{row}/remove")
def remove_leave(request: Request, id: int, row: int, me: Keeper) -> Response:
    return _tried(request, me, id, lambda: staff.remove_leave(row, me.actor))


@router.post("/{id}/clients/{row}/remove")
def remove_client(request: Request, id: int, row: int, me: Keeper) -> Response:
    return _tried(request, me, id, lambda: staff.remove_client(row, me.actor))


def _tried(request: Request, me: SignedIn, id: int, act: Callable[[], object]) -> Response:
    """Change something of a person; what is refused is said above their page."""
    try:
        act()
    except Refused as error:
        return _person(request, me, id, status=409, refused=str(error))
    return RedirectResponse(f"/desk/people/{id}", 303)


def _person(request: Request, me: SignedIn, id: int, status: int = 200, **said: Any) -> HTMLResponse:
    with session() as db:
        person = db.get(Staff, id)
        if person is None:
            return page(request, "desk/refused", status=404, me=me, message="没有这个账号。")
        leaves = db.scalars(select(Leave).filter_by(staff_id=id).order_by(Leave.first)).all()
        clients = db.scalars(select(Client).filter_by(staff_id=id).order_by(Client.id)).all()
    return page(
        request, "desk/person", status=status, me=me, person=person, leaves=leaves, clients=clients, roles=STAFF_ROLES,
        services=SERVICES, topics=_TOPICS, districts=region().districts, **said,
    )  # fmt: skip
