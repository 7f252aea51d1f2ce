"""Signing in and out of the desk, and changing one's password."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from channels.deps import RateLimited
from channels.desk import security
from channels.desk.security import allowed, forget, inside, keep
from channels.pages import page
from referrals import staff
from referrals.errors import Refused
from referrals.permissions import GRANTED, Permission
from referrals.staff import LOCK, WRONG_TRIES, SignedIn, WrongLogin

router = APIRouter(prefix="/desk", include_in_schema=False)
Anybody = Annotated[SignedIn, Depends(allowed(None))]
# The same for an unknown login, a wrong password and a locked account: it must not tell which accounts there are.
_WRONG = f"账号或密码不对。同一账号连续错 {WRONG_TRIES} 次会锁定 {LOCK // timedelta(minutes=1)} 分钟。"
# Where somebody begins: the first of these pages that is theirs.
_BEGINNINGS = {
    Permission.QUEUE: "/desk", Permission.PEOPLE: "/desk/people", Permission.AUDIT: "/desk/audit",
}  # fmt: skip


def beginning(me: SignedIn) -> str:
    return next(
        (at for permission, at in _BEGINNINGS.items() if permission in GRANTED[me.actor.role]), security.PASSWORD
    )


@router.get("/login")
def login_page(request: Request, next: Annotated[str, Query(max_length=300)] = "") -> Response:
    me = security.current(request)
    if me:
        return RedirectResponse(beginning(me), 303)
    return page(request, "desk/login", me=None, next=inside(next))


@router.post("/login", dependencies=[RateLimited])
def login(
    request: Request,
    login: Annotated[str, Form(max_length=60)],
    password: Annotated[str, Form(max_length=300)],
    next: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    try:
        token = staff.sign_in(login, password)
    except WrongLogin:
        return page(request, "desk/login", status=401, me=None, login=login, next=inside(next), refused=_WRONG)
    me = staff.signed_in(token)
    to = inside(next)
    response = RedirectResponse(beginning(me) if me and to == "/desk" else to, 303)
    keep(response, token, request)
    return response


@router.post("/logout")
def logout(request: Request, me: Anybody) -> Response:
    staff.sign_out(request.cookies.get(security.COOKIE, ""))
    response = RedirectResponse(security.LOGIN, 303)
    forget(response)
    return response


@router.get("/password")
def password_page(request: Request, me: Anybody) -> HTMLResponse:
    return page(request, "desk/password", me=me)


@router.post("/password")
def change_password(
    request: Request,
    me: Anybody,
    old: Annotated[str, Form(max_length=300)],
    new: Annotated[str, Form(max_length=300)],
    again: Annotated[str, Form(max_length=300)],
) -> Response:
    """Everybody who was signed in with this account signs in anew."""
    try:
        if new != again:
            raise Refused("两次输入的新密码不一样。")
        staff.change_password(me.actor, old, new)
    except WrongLogin:
        return page(request, "desk/password", status=409, me=me, refused="原来的密码不对。")
    except Refused as error:
        return page(request, "desk/password", status=409, me=me, refused=str(error))
    response = RedirectResponse(security.LOGIN, 303)
    forget(response)
    return response
