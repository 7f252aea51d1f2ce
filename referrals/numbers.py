"""Figures for supervisors: what came in, how it was handled, how fast, how well. Shapes of tables, no names of citizens."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from referrals.clocks import KINDS, settings
from referrals.intake import CHANNELS
from referrals.journal import UNANSWERED
from referrals.masking import masked_text
from referrals.models import OPEN, Clock, Rating, Staff, Status, Ticket, TicketEvent, Turn
from referrals.roles import Role
from referrals.tickets import GRADES
from referrals.worktime import PLACE_TIME

_ALIKE = 0.5  # share of character pairs two questions have in common to be put together
_READ = 1000  # newest unanswered questions that are grouped


@dataclass(frozen=True)
class Span:
    """Whole days of the place, both ends included."""

    first: date
    last: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return _midnight(self.first), _midnight(self.last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PLACE_TIME)


@dataclass(frozen=True)
class Table:
    """A titled table; the first column names, the others count or measure. ``chart``: its second column is drawn."""

    name: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | int | float]]
    chart: bool = False


def tables(db: Session, span: Span) -> list[Table]:
    """Every table of the dashboard."""
    return [
        _indicators(db, span),
        _counted(db, span, "channel", "来源", "按来源"),
        _counted(db, span, "topic", "事项", "按事项"),
        _counted(db, span, "district", "区县", "按区县"),
        _hours(db, span),
        _replies(db, span),
        _speed(db, span),
        _satisfaction(db, span),
        _load(db, span),
    ]


def _in(span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    first, end = span.bounds
    return Ticket.created_at >= first, Ticket.created_at < end


def _asked_in(span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    first, end = span.bounds
    return Turn.at >= first, Turn.at < end


def _counted(db: Session, span: Span, column: str, head: str, title: str) -> Table:
    by = getattr(Ticket, column)
    rows = db.execute(select(by, func.count()).where(*_in(span)).group_by(by).order_by(func.count().desc()))
    named = [(CHANNELS.get(name, name) or "未分类", count) for name, count in rows]
    return Table(column, f"受理工单{title}", (head, "工单"), named, chart=True)


def _hours(db: Session, span: Span) -> Table:
    """Messages and tickets by hour of the day at the place."""
    asked = Counter(at.astimezone(PLACE_TIME).hour for at in db.scalars(select(Turn.at).where(*_asked_in(span))))
    taken = Counter(at.astimezone(PLACE_TIME).hour for at in db.scalars(select(Ticket.created_at).where(*_in(span))))
    rows = [(f"{hour:02d} 时", asked[hour], taken[hour]) for hour in range(24)]
    return Table("hour", "按时段", ("时段", "咨询", "工单"), rows, chart=True)


def _replies(db: Session, span: Span) -> Table:
    """How messages of each topic were answered."""
    answered = func.sum(case((Turn.reply == "answer", 1), else_=0))
    open_ended = func.sum(case((Turn.reply.in_(UNANSWERED), 1), else_=0))
    ticketed = func.sum(case((Turn.ticketed, 1), else_=0))
    query = select(Turn.topic, func.count(), answered, open_ended, ticketed).where(*_asked_in(span), Turn.topic != "")
    rows = db.execute(query.group_by(Turn.topic).order_by(func.count().desc()))
    return Table(
        "replies", "咨询怎样答复", ("事项", "咨询", "直接解答", "追问或给法条", "转成工单"),
        [tuple(row) for row in rows], chart=True,
    )  # fmt: skip


def _speed(db: Session, span: Span) -> Table:
    """Working hours each clock took, and the share kept in time."""
    work = settings().work
    taken: dict[str, list[float]] = defaultdict(list)
    kept: dict[str, list[bool]] = defaultdict(list)
    clocks = db.scalars(select(Clock).join(Ticket, Clock.ticket_id == Ticket.id).where(*_in(span)))
    for clock in clocks:
        if clock.stopped_at:
            taken[clock.kind].append(work.between(clock.started_at, clock.stopped_at).total_seconds() / 3600)
            kept[clock.kind].append(clock.stopped_at <= clock.due_at and not clock.missed_at)
        elif clock.missed_at:
            kept[clock.kind].append(False)
    rows = [
        (
            title,
            len(taken[kind]),
            round(median(taken[kind]), 1) if taken[kind] else "—",
            _share(sum(kept[kind]), len(kept[kind])),
        )
        for kind, title in KINDS.items()
    ]
    return Table("speed", "时限", ("环节", "已完成", "中位用时（工作小时）", "按时率"), rows)


def _satisfaction(db: Session, span: Span) -> Table:
    query = select(Rating.grade, func.count()).join(Ticket, Ticket.id == Rating.ticket_id).where(*_in(span))
    counts = {grade: count for grade, count in db.execute(query.group_by(Rating.grade))}
    rows = [(title, counts.get(grade, 0)) for grade, title in GRADES.items()]
    return Table("satisfaction", "满意度", ("评价", "工单"), rows, chart=True)


def _load(db: Session, span: Span) -> Table:
    """What each worker holds now, and finished in the span."""
    first, end = span.bounds
    counted = select(Ticket.assignee_id, func.count()).group_by(Ticket.assignee_id)
    held = {id: count for id, count in db.execute(counted.where(Ticket.status.in_(OPEN)))}
    done = {id: count for id, count in db.execute(counted.where(Ticket.replied_at >= first, Ticket.replied_at < end))}
    people = db.scalars(select(Staff).filter_by(role=Role.WORKER, active=True).order_by(Staff.name))
    rows = [(person.name, held.get(person.id, 0), person.capacity, done.get(person.id, 0)) for person in people]
    return Table("load", "承办人", ("承办人", "在办", "上限", "期内答复"), rows, chart=True)


def _indicators(db: Session, span: Span) -> Table:
    """The plan's indicators that the data support."""
    first, end = span.bounds
    asked = db.execute(select(Turn.at, Turn.reply, Turn.ticketed).where(*_asked_in(span))).all()
    off_hours = sum(not settings().work.open_at(at) for at, _, _ in asked)
    questions = [reply for _, reply, _ in asked if reply in ("answer", *UNANSWERED)]
    tickets = db.execute(select(Ticket.status, Ticket.channel, Ticket.replied_at).where(*_in(span))).all()
    answered = [row for row in tickets if row.replied_at]
    online = sum(channel in ("web", "wechat", "kiosk") for _, channel, _ in tickets)
    grades = list(db.scalars(select(Rating.grade).join(Ticket, Ticket.id == Rating.ticket_id).where(*_in(span))))
    reopened = db.scalar(
        select(func.count()).where(TicketEvent.step == "reopen", TicketEvent.at >= first, TicketEvent.at < end)
    )
    finished = sum(status in (Status.CLOSED, Status.ARCHIVED) for status, _, _ in tickets)
    rows: list[tuple[str, str | int]] = [
        ("非工作时间得到服务的咨询占比（7×24）", _share(off_hours, len(asked))),
        ("法助直接解答的咨询占比", _share(questions.count("answer"), len(questions))),
        ("网上受理的工单占比", _share(online, len(tickets))),
        ("受理工单已答复占比", _share(len(answered), len(tickets))),
        ("受理工单已办结占比", _share(finished, len(tickets))),
        ("群众满意率（满意和非常满意）", _share(sum(grade >= 4 for grade in grades), len(grades))),
        ("重办的工单", reopened or 0),
    ]
    return Table("indicators", "指标", ("指标", "数值"), rows)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%（{part}/{whole}）" if whole else "—"


@dataclass(frozen=True)
class Group:
    """Questions alike that found no answer."""

    topic: str
    asked: Sequence[str]


def unanswered(db: Session, span: Span, most: int = 50) -> list[Group]:
    """What people asked and found no answer to, alike ones together, the most asked first: a to-do list for content."""
    query = (
        select(Turn.topic, Turn.question)
        .where(*_asked_in(span), Turn.question.is_not(None))
        .order_by(Turn.id.desc())
        .limit(_READ)
    )
    groups: list[tuple[str, list[str], set[str]]] = []
    for topic, words in db.execute(query):
        question = masked_text(words or "")
        pairs = _pairs(question)
        near = next((g for g in groups if g[0] == (topic or "") and _common(pairs, g[2]) >= _ALIKE), None)
        if near:
            near[1].append(question)
        else:
            groups.append((topic or "", [question], pairs))
    groups.sort(key=lambda group: -len(group[1]))
    return [Group(topic or "未分类", asked) for topic, asked, _ in groups[:most]]


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _common(some: set[str], others: set[str]) -> float:
    return len(some & others) / max(1, min(len(some), len(others)))


def as_rows(found: Iterable[Table]) -> list[list[str | int | float]]:
    """All tables one under the other, for CSV."""
    rows: list[list[str | int | float]] = []
    for table in found:
        rows += [[table.title], list(table.head), *map(list, table.rows), []]
    return rows
