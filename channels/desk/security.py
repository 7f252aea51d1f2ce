"""Who is at the desk: the cookie, the permission, and the token that every form carries."""

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response

from channels.pages import page
from referrals import staff
from referrals.permissions import GRANTED, Permission
from referrals.staff import SignedIn

COOKIE = "fazhu_desk"
LOGIN, PASSWORD = "/desk/login", "/desk/password"
_WITH_ONE_TIME_PASSWORD = (PASSWORD, "/desk/logout")
_SAFE = ("GET", "HEAD")


class Turned(Exception):
    """A request that goes no further; ``response`` is what it gets."""

    def __init__(self, response: Response) -> None:
        self.response = response


def install(app: FastAPI) -> None:
    @app.exception_handler(Turned)
    async def turned(_: Request, found: Turned) -> Response:
        return found.response


def allowed(permission: Permission | None) -> Callable[[Request], Awaitable[SignedIn]]:
    """A dependency: the person at the desk, if they may. ``None`` asks only that somebody signed in.

    Raises:
        Turned: to the sign-in, to the change of a one-time password, or away.
    """

    async def check(request: Request) -> SignedIn:
        me = await run_in_threadpool(current, request)  # the loop serves citizens meanwhile
        if me is None:
            raise Turned(_to(request, f"{LOGIN}?next={quote(_here(request))}"))
        if request.method not in _SAFE and not await _form_is_ours(request, me):
            raise Turned(_away(request, me, "页面放得太久了，请返回刷新后再试。"))
        if me.must_change and request.url.path not in _WITH_ONE_TIME_PASSWORD:
            raise Turned(_to(request, PASSWORD))
        if permission is not None and permission not in GRANTED[me.actor.role]:
            raise away(request, me)
        return me

    return check


def away(request: Request, me: SignedIn) -> Turned:
    """What somebody gets whose role has no use of a page."""
    return Turned(_away(request, me, f"{me.actor.role.label}不能使用这一页。"))


def current(request: Request) -> SignedIn | None:
    token = request.cookies.get(COOKIE, "")
    return staff.signed_in(token, active=not _by_itself(request)) if token else None


def _by_itself(request: Request) -> bool:
    """A table that refreshes or a stream that connects again: nobody's doing."""
    streams = request.headers.get("Accept") == "text/event-stream"
    return request.method in _SAFE and (streams or "HX-Request" in request.headers)


async def _form_is_ours(request: Request, me: SignedIn) -> bool:
    """A page elsewhere can send our cookie, but does not know the token."""
    sent = request.headers.get("X-CSRF-Token") or str((await request.form()).get("csrf", ""))
    return hmac.compare_digest(sent.encode(), me.csrf.encode())


def keep(response: Response, token: str, request: Request) -> None:
    response.set_cookie(COOKIE, token, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https")


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/")


def inside(address: str) -> str:
    """``address`` if it is a page of the desk, else the desk: nobody is led elsewhere."""
    parts = urlsplit(address)
    ours = not parts.scheme and not parts.netloc and (parts.path == "/desk" or parts.path.startswith("/desk/"))
    return address if ours and "\\" not in address else "/desk"


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query if request.method in _SAFE else "/desk"


def _wants_data(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _to(request: Request, address: str) -> Response:
    if _wants_data(request):
        return JSONResponse({"error": {"code": "sign_in", "message": "请先登录工作台。"}}, 401)
    if request.headers.get("HX-Request"):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _away(request: Request, me: SignedIn, message: str) -> Response:
    if _wants_data(request):
        return JSONResponse({"error": {"code": "forbidden", "message": message}}, 403)
    return page(request, "desk/refused", status=403, message=message, me=me)
