"""Legal education: tips by day and topic, and what people asked most this week, as pages, data and feeds."""

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from channels.deps import RateLimited
from channels.errors import ApiError, InvalidField
from channels.feed import MEDIA_TYPE, Feed, atom
from channels.pages import address, page, site
from knowledge_base.replies import cite
from knowledge_base.statutes import Article, corpus
from knowledge_base.tips import Tip, Topic, tips
from referrals import journal, notices
from referrals.store import session
from referrals.worktime import PLACE_TIME

router = APIRouter(dependencies=[RateLimited])

MOST = 50
WEEK = timedelta(days=7)
LEAST = 3  # times a question was asked before others hear of it
ASKED_SHOWN = 10
ASKED_KEPT = 300  # seconds
FEED_DAYS = 14


class NoSuchTopic(ApiError):
    status = 404
    code = "topic_not_found"
    message = "没有这一类普法内容。"


class TipOut(BaseModel):
    """``topic`` is its title; ``citations`` are ``{"law", "article"}``, with ``sub`` where the article has one."""

    id: str
    topic: str
    question: str
    text: str
    citations: list[dict[str, Any]]

    @classmethod
    def of(cls, tip: Tip) -> "TipOut":
        cited = [cite(*citation.key) for citation in tip.citations]
        return cls(id=tip.id, topic=tip.topic.title, question=tip.question, text=tip.text, citations=cited)


class TipsOut(BaseModel):
    items: list[TipOut]


class AskedOut(TipOut):
    count: int  # times in the last seven days


class MostAsked(BaseModel):
    items: list[AskedOut]


@router.get("/api/v1/tips", tags=["tips"])
def some(topic: Annotated[str, Query(max_length=20)] = "", limit: Annotated[int, Query(ge=1, le=MOST)] = 10) -> TipsOut:
    """Today's, the tip of the day first; of a topic by its slug or title."""
    known = tips().topic(topic)
    if topic and not known:
        raise InvalidField("topic")
    return TipsOut(items=[TipOut.of(tip) for tip in tips().for_day(_today(), known)[:limit]])


@router.get("/api/v1/tips/most-asked", tags=["tips"])
def most_asked() -> MostAsked:
    """What was asked most in the last seven days, by at least three; the questions are ours, never a citizen's."""
    return MostAsked(items=[AskedOut(**vars(TipOut.of(tip)), count=count) for tip, count in _most_asked()])


@router.get("/tips", include_in_schema=False)
def browse(request: Request) -> HTMLResponse:
    try:
        asked = _most_asked()
    except SQLAlchemyError:  # the tips themselves need no database
        asked = []
    return page(
        request, "tips", topics=[(topic, len(tips().of(topic))) for topic in tips().topics],
        day=tips().for_day(_today())[:1], asked=asked, wechat=_by_wechat(), articles=_articles, address=address,
    )  # fmt: skip


@router.get("/tips.atom", include_in_schema=False)
def feed(request: Request) -> Response:
    return _feed(request, None)


@router.get("/tips/{topic}.atom", include_in_schema=False)
def feed_of_topic(request: Request, topic: str) -> Response:
    return _feed(request, _known(topic))


@router.get("/tips/{topic}", include_in_schema=False)
def of_topic(request: Request, topic: str) -> HTMLResponse:
    known = tips().topic(topic)
    if known is None:
        return page(request, "tips_missing", status=404)
    return page(
        request, "tips_topic", topic=known, found=tips().of(known), wechat=_by_wechat(), articles=_articles,
        address=address,
    )  # fmt: skip


def _known(topic: str) -> Topic:
    known = tips().topic(topic)
    if known is None:
        raise NoSuchTopic
    return known


def _by_wechat() -> bool:
    """Whether one can subscribe there."""
    return "wechat" in notices.sent_by()


def _today() -> date:
    return datetime.now(PLACE_TIME).date()


def _articles(tip: Tip) -> list[Article]:
    return [corpus().find(*citation.key) for citation in tip.citations]


def _most_asked() -> list[tuple[Tip, int]]:
    counts = _counted(int(time.time() / ASKED_KEPT))
    found = ((tips().get(id), count) for id, count in counts.items())
    return [(tip, count) for tip, count in found if tip]


@lru_cache(maxsize=1)
def _counted(_: int) -> dict[str, int]:
    """Kept while the number given is the same, so that a page everybody may open does not count again each time."""
    with session() as db:
        return journal.most_asked(db, datetime.now(UTC) - WEEK, LEAST, ASKED_SHOWN)


def _feed(request: Request, topic: Topic | None) -> Response:
    base = site(request)
    days = [_today() - timedelta(days=ago) for ago in range(FEED_DAYS)]
    here = f"/tips/{topic.slug}" if topic else "/tips"
    title = f"法助普法 · {topic.title}" if topic else "法助普法"
    entries = [(day, found[0]) for day in days if (found := tips().for_day(day, topic))]
    if not entries:
        raise NoSuchTopic
    return Response(atom(Feed(title, base, here, f"{here}.atom", entries)), media_type=MEDIA_TYPE)
