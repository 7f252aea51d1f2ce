"""Statutes in force: search and single articles."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from channels.deps import RateLimited
from channels.errors import ArticleNotFound
from channels.pages import address
from knowledge_base.lay_index import lay_index
from knowledge_base.statute_search import statute_search
from knowledge_base.statutes import Article, UnknownArticle, corpus

router = APIRouter(prefix="/api/v1/statutes", tags=["statutes"], dependencies=[RateLimited])


class ArticleOut(BaseModel):
    law: str
    article: int
    sub: int
    title: str
    text: str
    source: str  # what kind of law, by whom, from when; for added texts also where they were taken from
    plain: str  # what it means in everyday words; empty where nobody has written it yet
    page: str

    @classmethod
    def of(cls, article: Article) -> "ArticleOut":
        entry = lay_index().get(article.key)
        return cls(
            law=article.law,
            article=article.number,
            sub=article.sub,
            title=article.title,
            text=article.text,
            source=corpus().laws[article.law].told,
            plain=entry.said.plain if entry else "",
            page=address(article),
        )


class Hit(ArticleOut):
    score: float
    why: str


class Hits(BaseModel):
    items: list[Hit]


@router.get("")
def search(
    q: Annotated[str, Query(min_length=1, max_length=2000)],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Hits:
    """The articles nearest to a question in anyone's words, best first."""
    found = statute_search().search(q, limit)
    return Hits(items=[Hit(**ArticleOut.of(hit.article).model_dump(), score=hit.score, why=hit.why) for hit in found])


@router.get("/{law}/{article}")
def article(
    law: Annotated[str, Path(max_length=100)],
    article: Annotated[int, Path(ge=0, le=10_000)],
    sub: Annotated[int, Query(ge=0, le=20)] = 0,
) -> ArticleOut:
    """One article by the law's full or short name; ``sub`` 1 is 之一, and so on."""
    try:
        return ArticleOut.of(corpus().find(law, article, sub))
    except UnknownArticle as error:
        raise ArticleNotFound from error
