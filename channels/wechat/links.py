"""Short addresses of articles: ``/s/k3f2z-1079``. A law is named by a digest of its name, not by its place in the corpus:
messages stay in a phone for years, and a link in them must never come to mean another law."""

import base64
import hashlib
import re

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from channels.deps import RateLimited
from channels.pages import address, page
from knowledge_base.articles import Article
from knowledge_base.lay_index import article_key
from knowledge_base.statutes import UnknownArticle, corpus

router = APIRouter(include_in_schema=False, dependencies=[RateLimited])

_CODE = re.compile(r"([a-z2-7]{5})-(\d{1,4}(?:-\d{1,2})?)")


@router.get("/s/{code}")
def follow(request: Request, code: str) -> Response:
    try:
        return RedirectResponse(address(read(code)), 302)
    except UnknownArticle:
        return page(request, "statute_missing", status=404)


def code_of(article: Article) -> str:
    return f"{_tag(article.law)}-{article.place}"


def read(code: str) -> Article:
    """
    Raises:
        UnknownArticle: the code is none, or names nothing in force.
    """
    match = _CODE.fullmatch(code)
    law = match and next((name for name in corpus().laws if _tag(name) == match[1]), None)
    if not match or not law:
        raise UnknownArticle(code)
    return corpus().find(*article_key(match[2], law))


def _tag(law: str) -> str:
    return base64.b32encode(hashlib.sha256(law.encode()).digest())[:5].decode().lower()
