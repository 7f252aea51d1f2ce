"""The platforms: how each stands, the kiosks, notices to everybody, and what is set."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import NaiveDatetime
from sqlalchemy.orm import Session

from channels.deps import BulletinDep
from channels.desk.security import allowed
from channels.pages import page, site
from channels.standing import Standing, settings_shown, standing
from referrals import broadcasts, devices
from referrals.errors import Refused
from referrals.intake import CHANNELS
from referrals.permissions import Permission
from referrals.staff import SignedIn
from referrals.store import session
from referrals.worktime import PLACE_TIME

router = APIRouter(prefix="/desk/platforms", include_in_schema=False)
Operator = Annotated[SignedIn, Depends(allowed(Permission.PLATFORMS))]
HERE = "/desk/platforms"
Found = TypeVar("Found")
_USUAL = timedelta(hours=8)  # from now: what a notice is likely to run


@router.get("")
async def show(request: Request, me: Operator) -> HTMLResponse:
    """The whole page; for htmx only what changes by itself."""
    if "HX-Request" in request.headers:
        return page(request, "desk/_platforms", me=me, now=await _standing(request))
    return await _whole(request, me)


@router.post("/kiosks")
async def add_kiosk(request: Request, me: Operator, place: Annotated[str, Form()]) -> Response:
    """The token is shown on the page that follows, and nowhere else."""
    try:
        token = await _in_database(lambda db: devices.add(db, me.actor, place))
    except Refused as error:
        return await _whole(request, me, status=409, refused=str(error))
    return await _whole(request, me, added=f"{site(request)}/kiosk#token={token}", place=place)


@router.post("/kiosks/{id}/off")
async def switch_off(id: int, me: Operator) -> Response:
    await _in_database(lambda db: devices.switch_off(db, me.actor, id))
    return RedirectResponse(HERE, 303)


@router.post("/notices")
async def publish(
    request: Request,
    me: Operator,
    bulletin: BulletinDep,
    text: Annotated[str, Form()],
    starts: Annotated[NaiveDatetime, Form()],
    ends: Annotated[NaiveDatetime, Form()],
    channels: Annotated[list[str], Form()] = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """``starts`` and ``ends`` are local times of the place; no channel means all."""
    first, last = (at.replace(tzinfo=PLACE_TIME) for at in (starts, ends))
    try:
        await _in_database(lambda db: broadcasts.publish(db, me.actor, text, first, last, channels))
    except Refused as error:
        typed = {"text": text, "starts": starts, "ends": ends, "channels": channels}
        return await _whole(request, me, status=409, refused=str(error), typed=typed)
    await bulletin.look()
    return RedirectResponse(HERE, 303)


@router.post("/notices/{id}/withdraw")
async def withdraw(id: int, me: Operator, bulletin: BulletinDep) -> Response:
    await _in_database(lambda db: broadcasts.withdraw(db, me.actor, id))
    await bulletin.look()
    return RedirectResponse(HERE, 303)


async def _in_database(work: Callable[[Session], Found]) -> Found:
    def do() -> Found:
        with session() as db:
            return work(db)

    return await asyncio.to_thread(do)


async def _standing(request: Request) -> Standing:
    return await standing(request.app.state, request.app.state.settings)


async def _whole(request: Request, me: SignedIn, status: int = 200, **said: Any) -> HTMLResponse:
    moment = datetime.now(PLACE_TIME)
    said.setdefault("typed", {"text": "", "starts": moment, "ends": moment + _USUAL, "channels": []})
    return page(
        request, "desk/platforms", status=status, me=me, now=await _standing(request), moment=moment,
        notices=await _in_database(broadcasts.recent), settings=settings_shown(request.app.state.settings),
        channels=CHANNELS, longest=broadcasts.LENGTH, **said,
    )  # fmt: skip
