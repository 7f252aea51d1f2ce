"""The laws as pages: all of them, one law with its books, one article with plain words and its neighbours."""

from collections import defaultdict
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from channels.deps import RateLimited
from channels.pages import address, page
from knowledge_base.articles import Law
from knowledge_base.citations import law_names
from knowledge_base.lay_index import article_key, lay_index
from knowledge_base.statute_search import statute_search
from knowledge_base.statutes import UnknownArticle, corpus

router = APIRouter(prefix="/statutes", include_in_schema=False, dependencies=[RateLimited])

FOUND_ON_A_PAGE = 20
LONGEST = 2000  # characters of a question that are searched


@router.get("")
def browse(request: Request, q: str = "") -> HTMLResponse:
    """Search results for ``q``, or every law by field."""
    if q.strip():
        hits = statute_search().search(q[:LONGEST], FOUND_ON_A_PAGE)
        return page(request, "statute_search", q=q, hits=hits, address=address)
    fields: dict[str, list[Law]] = defaultdict(list)
    for law in corpus().laws.values():
        if not law.amends:
            fields[law.field].append(law)
    return page(request, "statutes", fields=fields, everyday=law_names().everyday)


@router.get("/{law}")
def contents(request: Request, law: str) -> HTMLResponse:
    """One law: its books and chapters, each article with its first words."""
    try:
        articles = corpus().of_law(law)
    except UnknownArticle:
        return _not_found(request)
    books = [
        (book, [(place, list(found)) for place, found in groupby(of_book, key=lambda a: (a.chapter, a.section))])
        for book, of_book in groupby(articles, key=lambda article: article.book)
    ]
    about = corpus().laws[articles[0].law]
    return page(request, "law", about=about, books=books, plain=lay_index(), address=address)


@router.get("/{law}/{place}")
def article(request: Request, law: str, place: str) -> HTMLResponse:
    """One article; ``place`` is its number, 133-1 for 第一百三十三条之一."""
    try:
        shown = corpus().find(*article_key(place, law))
    except (UnknownArticle, ValueError):
        return _not_found(request)
    articles = corpus().of_law(law)
    at = articles.index(shown)
    entry = lay_index().get(shown.key)
    sisters = entry.sisters(corpus()) if entry else []
    return page(
        request,
        "article",
        article=shown,
        about=corpus().laws[shown.law],
        said=entry.said if entry else None,
        sisters=sisters,
        before=articles[at - 1] if at else None,
        after=articles[at + 1] if at + 1 < len(articles) else None,
        address=address,
    )


def _not_found(request: Request) -> HTMLResponse:
    return page(request, "statute_missing", status=404)
