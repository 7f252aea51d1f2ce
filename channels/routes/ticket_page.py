"""A citizen's ticket as a page, without JavaScript. Code and PIN come in a form's body, never in the address, and every
form of the page carries them on: nothing about who looks is kept."""

import json
import unicodedata
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from channels.deps import RateLimited
from channels.errors import TicketLocked, TicketUnknown
from channels.pages import page, qr_code, site
from referrals import citizen, privacy, tickets
from referrals.codes import read_code
from referrals.errors import Refused, TicketNotFound, TooManyTries
from referrals.intake import SERVICES

router = APIRouter(prefix="/ticket", include_in_schema=False, dependencies=[RateLimited])
Words = Annotated[str, Form()]

# What the citizen reads above the step, and on its button.
ASKED = {
    "supplement": ("工作人员请您补充", "提交补充"),
    "urge": ("催一催", "催办"),
    "reopen": ("没解决，请重新办理", "申请重办"),
    "withdraw": ("不办了", "撤回工单"),
}
DONE = {
    "supplement": "已收到您补充的情况。",
    "urge": "已替您催办。",
    "reopen": "已转给工作人员重新办理。",
    "withdraw": "工单已撤回。",
    "rate": "谢谢您的评价。",
    "erase": "您的内容已删除。",
}
_GRADES = {str(grade): grade for grade in tickets.GRADES}


@router.get("")
def ask(request: Request, code: str = "") -> HTMLResponse:
    """Asks for code and PIN; the code may come from a QR code."""
    return page(request, "ticket", code=read_code(code) or "")


@router.post("")
def act(
    request: Request, code: Words = "", pin: Words = "", do: Words = "", text: Words = "", grade: Words = "",
    sure: Words = "",
) -> Response:  # fmt: skip
    """Show the ticket, after doing what the form asks for."""
    return _with_ticket(request, code, pin, lambda known, key: _do(known, key, do, text, grade, sure))


@router.post("/export")
def export(request: Request, code: Words = "", pin: Words = "") -> Response:
    """Everything that is kept, as a file."""
    return _with_ticket(request, code, pin, _download)


@router.get("/qr/{code}.svg")
def qr(request: Request, code: str) -> Response:
    """The page's address with the code, to be scanned from another screen or from paper; the PIN is not in it."""
    known = read_code(code)
    if known is None:
        raise TicketUnknown
    return Response(qr_code(f"{site(request)}/ticket?code={known}"), media_type="image/svg+xml")


def _download(code: str, pin: str) -> Response:
    content = json.dumps(privacy.export(code, pin), ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": f'attachment; filename="{code}.json"'}
    return Response(content, media_type="application/json", headers=headers)


def _do(code: str, pin: str, name: str, text: str, grade: str, sure: str) -> str:
    """What to say afterwards."""
    if name in citizen.TAKEN:
        citizen.take(code, pin, name, text)
    elif name == "rate":
        citizen.judge(code, pin, _GRADES.get(grade, 0), text)
    elif name == "erase":
        if not sure:
            raise Refused("请先勾选“我知道删除后不能恢复”。")
        privacy.erase(code, pin)
    return DONE.get(name, "")


def _with_ticket(request: Request, code: str, pin: str, act: Callable[[str, str], str | Response]) -> Response:
    """The page of a ticket after ``act``, or what ``act`` answers with itself; without the right code and PIN, the form with what is wrong."""
    known, key = read_code(code), unicodedata.normalize("NFKC", pin).strip()
    said: str | Response = ""
    refused = ""
    try:
        if known is None:
            raise TicketNotFound("no code")
        try:
            said = act(known, key)
            if isinstance(said, Response):
                return said
        except Refused as error:
            refused = str(error)
        found = tickets.look_up(known, key)
    except TicketNotFound:
        return page(request, "ticket", 404, code=code[:60], fault=TicketUnknown.message)
    except TooManyTries:
        return page(request, "ticket", 429, code=code[:60], fault=TicketLocked.message)
    return page(
        request, "ticket", 409 if refused else 200, ticket=found, code=known, pin=key, said=said, refused=refused,
        service=SERVICES[found.service], steps=[step.name for step in citizen.steps_of(found)], asked=ASKED,
        may_judge=citizen.may_judge(found), grades=tickets.GRADES, limit=citizen.TEXT_LIMIT,
    )  # fmt: skip
