"""Pages made on the server: Jinja templates in ``templates/``, escaped throughout."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from knowledge_base.articles import Article, short_name

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
_templates.env.filters["short"] = short_name


def page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    return _templates.TemplateResponse(request, f"{name}.html", values, status_code=status)


def address(article: Article) -> str:
    """The page of an article: /statutes/民法典/1079."""
    return f"/statutes/{quote(short_name(article.law), safe='')}/{article.place}"


def word(content: bytes, title: str) -> Response:
    """A Word file to download under its title."""
    name = f"attachment; filename*=UTF-8''{quote(title)}.docx"
    return Response(content, media_type=WORD, headers={"Content-Disposition": name})
