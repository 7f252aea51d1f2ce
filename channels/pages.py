"""Pages made on the server: Jinja templates in ``templates/``, escaped throughout."""

import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import segno
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from knowledge_base.articles import Article, short_name
from referrals.intake import CHANNELS
from referrals.models import Status
from referrals.permissions import GRANTED, Permission
from referrals.roles import Role
from referrals.worktime import PLACE_TIME

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# The desk's navigation: each page for those who may use it.
_MENU = (
    (Permission.QUEUE, "/desk", "工单"),
    (Permission.RATINGS, "/desk/ratings", "评价"),
    (Permission.NUMBERS, "/desk/numbers", "统计"),
    (Permission.PEOPLE, "/desk/people", "人员"),
    (Permission.OUTBOX, "/desk/outbox", "通知"),
    (Permission.PLATFORMS, "/desk/platforms", "平台"),
    (Permission.AUDIT, "/desk/audit", "审计"),
)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
_templates.env.filters["short"] = short_name
_templates.env.filters["status"] = lambda status: Status(status).label
_templates.env.filters["channel"] = lambda channel: CHANNELS.get(channel, "工单页")
_templates.env.filters["role"] = lambda role: Role(role).label
_templates.env.filters["menu"] = lambda me: [
    (url, title) for need, url, title in _MENU if need in GRANTED[me.actor.role]
]
_templates.env.filters["moment"] = lambda at: f"{at.astimezone(PLACE_TIME):%m-%d %H:%M}"


def site(request: Request) -> str:
    """Where citizens reach these pages, without a slash at the end: as configured, else as this request came."""
    known: str | None = request.app.state.settings.public_url
    return (known or str(request.base_url)).rstrip("/")


def qr_code(address: str) -> str:
    """An SVG that grows with its place."""
    drawn = io.BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=6, xmldecl=False, omitsize=True)
    return drawn.getvalue().decode()


def page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    return _templates.TemplateResponse(request, f"{name}.html", values, status_code=status)


def fragment(name: str, **values: Any) -> str:
    """A piece of a page, to be put into one that is open."""
    return _templates.get_template(f"{name}.html").render(values)


def address(article: Article) -> str:
    """The page of an article: /statutes/民法典/1079."""
    return f"/statutes/{quote(short_name(article.law), safe='')}/{article.place}"


def word(content: bytes, title: str) -> Response:
    """A Word file to download under its title."""
    name = f"attachment; filename*=UTF-8''{quote(title)}.docx"
    return Response(content, media_type=WORD, headers={"Content-Disposition": name})
