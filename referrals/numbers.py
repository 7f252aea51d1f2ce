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

ONLINE = ("web", "wechat", "kiosk")
_DIRECT = ("answer", "urgent")  # replies that need nothing after them
_OVER = (Status.CLOSED, Status.ARCHIVED)
_CONTENT = 4  # grades from here on: 满意, 非常满意
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
    open_ended = func.sum(case((Turn.reply.in_(UNANSWERED) & Turn.ticketed.is_(False), 1), else_=0))
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
    """The plan's indicators that the data support, each with how it is reckoned."""
    asked = db.execute(select(Turn.at, Turn.reply).where(*_asked_in(span), *_is_question())).all()
    tickets = db.execute(
        select(Ticket.created_at, Ticket.status, Ticket.channel, Ticket.replied_at).where(*_in(span))
    ).all()
    direct = [reply in _DIRECT for _, reply in asked]
    is_open = settings().work.open_at
    after_hours = [reply in _DIRECT for at, reply in asked if not is_open(at)]
    after_hours += [True for ticket in tickets if not is_open(ticket.created_at)]
    # What was closed without a reply was merged into another or withdrawn: nobody waits for it.
    wanted = [ticket for ticket in tickets if ticket.replied_at or ticket.status not in _OVER]
    answered = [ticket for ticket in wanted if ticket.replied_at]
    finished = [ticket for ticket in answered if ticket.status in _OVER]
    online = sum(ticket.channel in ONLINE for ticket in finished)
    grades = list(db.scalars(select(Rating.grade).join(Ticket, Ticket.id == Rating.ticket_id).where(*_in(span))))
    again = select(func.count(TicketEvent.ticket_id.distinct())).join(Ticket, Ticket.id == TicketEvent.ticket_id)
    reopened = db.scalar(again.where(TicketEvent.step == "reopen", *_in(span))) or 0
    shares = (
        ("非工作时间得到服务的占比（7×24）", sum(after_hours), len(after_hours),
         "非工作时间的咨询和登记中，当场解答的咨询与登记成功的工单"),
        ("法助直接解答的咨询占比", sum(direct), len(direct), "咨询中直接解答的（含紧急指引）；追问、给法条、请转人工的不算"),
        ("网上办结的工单占比", online, len(finished), "已办结的工单中，从网页、微信、自助机受理的"),
        ("受理工单已答复占比", len(answered), len(wanted), "受理的工单中已答复的；并入别的、群众撤回的不计"),
        ("受理工单已办结占比", len(finished), len(wanted), "受理的工单中答复后办结的；并入别的、群众撤回的不计"),
        ("群众满意率", sum(grade >= _CONTENT for grade in grades), len(grades), "评价过的工单中，满意和非常满意的"),
        ("重办的工单占比", reopened, len(answered), "已答复的工单中，至少重办过一次的"),
    )  # fmt: skip
    rows = [(title, _share(part, whole), how) for title, part, whole, how in shares]
    return Table("indicators", "指标（按期内受理的咨询和工单）", ("指标", "数值", "怎样算"), rows)


def _is_question() -> tuple[ColumnElement[bool], ...]:
    """Not the steps of filing a ticket, nor small talk."""
    return Turn.reply.in_((*_DIRECT, *UNANSWERED)), Turn.ticketed.is_(False)


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
