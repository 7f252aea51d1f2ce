"""What was asked and how it was answered, for figures. Words are kept only where no answer was found, encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Engine, case, func, insert, select
from sqlalchemy.orm import Session

from referrals.models import Turn
from referrals.store import session
from referrals.worktime import PLACE_TIME

UNANSWERED = ("clarify", "statutes", "handoff")


@dataclass(frozen=True)
class Entry:
    """One answered message; ``reply`` is the type of the first reply, ``question`` what was asked if that was no answer."""

    at: datetime
    channel: str
    topic: str | None
    intent: str | None
    reply: str
    answer: str | None = None
    ticketed: bool = False
    question: str | None = None


def keep(entries: Sequence[Entry], bind: Engine | None = None) -> None:
    with session(bind) as db:
        db.execute(insert(Turn), [vars(entry) for entry in entries])


@dataclass(frozen=True)
class Volume:
    """Messages of a platform: today, in the last seven days with today, and when the last one came."""

    today: int
    week: int
    last: datetime


def volumes(db: Session, now: datetime) -> dict[str, Volume]:
    """By platform; those that nobody used for seven days are not named."""
    today = datetime.combine(now.astimezone(PLACE_TIME), time(), PLACE_TIME)
    columns = Turn.channel, func.sum(case((Turn.at >= today, 1), else_=0)), func.count(), func.max(Turn.at)
    rows = db.execute(select(*columns).where(Turn.at >= today - timedelta(days=6)).group_by(Turn.channel))
    return {channel: Volume(*counted) for channel, *counted in rows}


def most_asked(db: Session, since: datetime, least: int, limit: int) -> dict[str, int]:
    """Ids of the answers that were given most often, with how often, the most first; what fewer than ``least`` asked
    is nobody's business."""
    times = func.count()
    query = select(Turn.answer, times).where(Turn.at >= since, Turn.answer.is_not(None)).group_by(Turn.answer)
    rows = db.execute(query.having(times >= least).order_by(times.desc(), Turn.answer).limit(limit))
    return {answer: count for answer, count in rows if answer}
