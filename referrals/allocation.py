"""Who gets a ticket: everybody is weighed, the reasons against each are named, and the best of the others takes it.

Nothing here is random: the same people and tickets give the same choice, and its reasons stand in the ticket.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, Engine, func, or_, select
from sqlalchemy.orm import Session

from nlu_data.taxonomy import taxonomy
from referrals import audit, clocks, notices
from referrals.errors import IllegalStep, Refused, TicketNotFound
from referrals.intake import SERVICES, region
from referrals.lifecycle import STEPS, SYSTEM, Actor, check
from referrals.models import OPEN, Client, Leave, Staff, Status, Ticket, TicketEvent
from referrals.roles import Role
from referrals.store import session
from referrals.work import Told, apply, held, locked
from referrals.worktime import PLACE_TIME

SETTINGS = Path(__file__).parent / "allocation.yml"
RECENT = timedelta(days=30)
_NEVER = datetime.min.replace(tzinfo=UTC)
_SHORTEST_NAME = 2  # characters; a single one stands in every other sentence


@dataclass(frozen=True)
class Allocated:
    """``staff_id`` is None where nobody fitted and a dispatcher must choose."""

    code: str
    staff_id: int | None


@dataclass(frozen=True)
class Weighing:
    """How somebody stands to a ticket. ``load``: open tickets; ``recent``: given in the last 30 days."""

    person: Staff
    reasons_against: tuple[str, ...]
    skilled: bool
    load: int
    recent: int

    @property
    def fits(self) -> bool:
        return not self.reasons_against

    @property
    def order(self) -> tuple[Any, ...]:
        """Skill, then load and what came lately by capacity, then who waited longest."""
        person, most = self.person, max(self.person.capacity, 1)
        last = person.last_assigned_at or _NEVER
        return not self.fits, not self.skilled, self.load / most, self.recent / most, last, person.id


@dataclass(frozen=True)
class _Case:
    """A ticket and what speaks against people in it, read once: names have to be decrypted."""

    ticket: Ticket
    now: datetime
    certificate: str
    words: str
    away: frozenset[int]
    clients: Mapping[int, Sequence[str]]

    def conflicts(self, person: Staff) -> bool:
        return any(len(name) >= _SHORTEST_NAME and name in self.words for name in self.clients.get(person.id, ()))


_AGAINST: tuple[tuple[str, Callable[[_Case, Staff], bool]], ...] = (
    ("不是承办人", lambda case, person: person.role != Role.WORKER),
    ("账号已停用", lambda case, person: not person.active),
    ("服务类别不是{service}", lambda case, person: person.service != case.ticket.service),
    ("不负责{district}", lambda case, person: not _covers(person, case.ticket.district)),
    ("不会{language}", lambda case, person: bool(case.ticket.language) and case.ticket.language not in person.languages),
    ("没有{certificate}", lambda case, person: bool(case.certificate) and case.certificate not in person.certificates),
    ("当天休假", lambda case, person: person.id in case.away),
    ("退回过这个工单", lambda case, person: person.id in case.ticket.declined),
    ("可能有利益冲突", _Case.conflicts),
)  # fmt: skip


def _covers(person: Staff, district: str) -> bool:
    """Citizens from elsewhere belong to no district: they are everybody's."""
    return not person.districts or district in (*person.districts, region().elsewhere)


def allocate(bind: Engine | None = None, now: datetime | None = None) -> Allocated | None:
    """Give the most urgent, oldest waiting ticket to whom it suits best; None when none waits that may be given now."""
    now = now or datetime.now(UTC)
    with session(bind) as db:
        ids = waiting(db, now)
    for id in ids:
        with session(bind) as db:
            if done := place(db, id, now):
                return done
    return None


def waiting(db: Session, now: datetime, stuck: bool = False) -> Sequence[int]:
    """Ids of the tickets to be given, in turn; with ``stuck``, of those for which nobody fitted before.

    While a place is closed only urgent tickets are given.
    """
    at = clocks.settings()
    open_now = [service for service in SERVICES if at.time_of(service).open_at(now)]
    query = select(Ticket.id).where(*_unplaced(stuck), or_(Ticket.urgent, Ticket.service.in_(open_now)))
    return db.scalars(query.order_by(Ticket.urgent.desc(), Ticket.created_at, Ticket.id)).all()


def place(db: Session, id: int, now: datetime) -> Allocated | None:
    """Give one ticket, or mark it for a dispatcher; None when it is not waiting any more or another process has it."""
    ticket = held(db, id, *_unplaced(stuck=False))
    if ticket is None:
        return None
    done = _give(db, ticket, now)
    if done is None:
        _call_dispatcher(db, ticket, weigh(db, ticket, now))
    return done or Allocated(ticket.code, None)


def try_again(db: Session, id: int, now: datetime) -> Allocated | None:
    """Give one ticket for which nobody fitted before; None, and nothing written, when still nobody does."""
    ticket = held(db, id, *_unplaced(stuck=True))
    return _give(db, ticket, now) if ticket else None


@dataclass(frozen=True)
class Tried:
    """What came of one ticket of several; ``refused`` says why nothing was done, and is empty where it was."""

    code: str
    refused: str = ""


def give_each(codes: Iterable[str], actor: Actor, told: Told, bind: Engine | None = None) -> list[Tried]:
    """Put each ticket into the hands of ``told.assignee``, if nothing speaks against it. Each is a transaction of its
    own: one that is refused stops no other. What is to be done against a reason is done at the ticket, seeing it.
    """

    def give(db: Session, ticket: Ticket) -> None:
        step = STEPS["assign" if ticket.status in STEPS["assign"].origins else "hand_over"]
        check(step, ticket, actor, told.names())
        if ticket.assignee_id == told.assignee:
            raise IllegalStep("已经在这位承办人名下。")
        db.get(Staff, told.assignee, with_for_update=True)  # nobody else fills their hands meanwhile
        weighed = weigh(db, ticket, datetime.now(UTC))
        against = next((w.reasons_against for w in weighed if w.person.id == told.assignee), ())
        if against:
            raise IllegalStep(f"{'；'.join(against)}。确要这样分派，请打开工单办理。")
        apply(db, ticket, step, actor, told)

    return [_tried(code, give, bind) for code in codes]


def try_each_again(codes: Iterable[str], actor: Actor, bind: Engine | None = None) -> list[Tried]:
    """As `try_again`, for tickets that a dispatcher picked."""

    def give(db: Session, ticket: Ticket) -> None:
        check(STEPS["assign"], ticket, actor, STEPS["assign"].needs)
        if not ticket.needs_dispatcher:
            raise IllegalStep("没有在等人工分派。")
        if try_again(db, ticket.id, datetime.now(UTC)) is None:
            raise IllegalStep("还是没有合适的承办人。")
        audit.record(db, actor, "ask_allocation", ticket.code)

    return [_tried(code, give, bind) for code in codes]


def _tried(code: str, give: Callable[[Session, Ticket], None], bind: Engine | None) -> Tried:
    try:
        with session(bind) as db:
            give(db, locked(db, code))
    except TicketNotFound:
        return Tried(code, "没有这个工单。")
    except Refused as error:
        return Tried(code, str(error))
    return Tried(code)


def _unplaced(stuck: bool) -> tuple[ColumnElement[bool], ...]:
    return Ticket.status == Status.RECEIVED, Ticket.assignee_id.is_(None), Ticket.needs_dispatcher.is_(stuck)


def _give(db: Session, ticket: Ticket, now: datetime) -> Allocated | None:
    weighed = _settled(db, ticket, now)
    if not weighed:
        return None
    best = weighed[0]
    told = Told(assignee=best.person.id, reason=_sentence(ticket, weighed))
    apply(db, ticket, STEPS["assign"], SYSTEM, told)
    audit.record(
        db, SYSTEM, "allocate", ticket.code, staff=best.person.id, skilled=best.skilled, load=best.load,
        recent=best.recent, capacity=best.person.capacity, fitting=len(weighed),
    )  # fmt: skip
    return Allocated(ticket.code, best.person.id)


def _settled(db: Session, ticket: Ticket, now: datetime) -> list[Weighing]:
    """Those who fit, the best of them first and held until the transaction ends; empty when nobody fits.

    Others may have given the best one something between weighing and holding: then it is let go and all are weighed
    anew. Nobody waits for one person while holding another, so no two processes wait for each other.
    """
    case = _case(db, ticket, now)
    while fitting := _fitting(db, case):
        attempt = db.begin_nested()
        db.get(Staff, fitting[0].person.id, with_for_update=True)
        again = _fitting(db, case)
        if again and again[0].person is fitting[0].person:
            attempt.commit()
            return again
        attempt.rollback()
    return []


def _fitting(db: Session, case: _Case) -> list[Weighing]:
    return [weighing for weighing in _weighed(db, case) if weighing.fits]


def crew(db: Session) -> list[tuple[Staff, int]]:
    """Every worker with what they have in hand, by service."""
    load = _counted(db, Ticket.status.in_(OPEN))
    people = db.scalars(select(Staff).filter_by(role=Role.WORKER, active=True).order_by(Staff.service, Staff.name))
    return [(person, load.get(person.id, 0)) for person in people]


def suggest(db: Session, ticket: Ticket, now: datetime | None = None) -> list[Weighing]:
    """Everybody a dispatcher could give the ticket to by hand, as `weigh`."""
    weighed = weigh(db, ticket, now or datetime.now(UTC))
    return [w for w in weighed if w.person.role == Role.WORKER and w.person.active]


def weigh(db: Session, ticket: Ticket, now: datetime) -> list[Weighing]:
    """Everybody: who fits, the best first, then who does not. Nothing is written."""
    return _weighed(db, _case(db, ticket, now))


def _weighed(db: Session, case: _Case) -> list[Weighing]:
    """By what people have in hand at this moment; the rest of the case stays as it was read."""
    load, recent = _counted(db, Ticket.status.in_(OPEN)), _counted(db, Ticket.assigned_at >= case.now - RECENT)
    people = db.scalars(select(Staff).execution_options(populate_existing=True))
    found = [_weighing(case, person, load.get(person.id, 0), recent.get(person.id, 0)) for person in people]
    return sorted(found, key=lambda weighing: weighing.order)


def _weighing(case: _Case, person: Staff, load: int, recent: int) -> Weighing:
    ticket = case.ticket
    words = {
        "service": SERVICES.get(ticket.service, ticket.service), "district": ticket.district,
        "language": ticket.language, "certificate": case.certificate,
    }  # fmt: skip
    against = tuple(says.format(**words) for says, holds in _AGAINST if holds(case, person))
    if load >= person.capacity:
        against += ("在办工单已满",)
    skilled = ticket.topic is not None and ticket.topic in person.topics
    return Weighing(person, against, skilled, load, recent)


def _case(db: Session, ticket: Ticket, now: datetime) -> _Case:
    day = now.astimezone(PLACE_TIME).date()
    return _Case(
        ticket,
        now,
        certificate=_certificate(ticket),
        words=" ".join(_plain(text) for text in (ticket.opponent, ticket.matter, ticket.transcript) if text),
        away=frozenset(db.scalars(select(Leave.staff_id).where(Leave.first <= day, Leave.last >= day))),
        clients=_clients(db, ticket.service),
    )


def _clients(db: Session, service: str) -> dict[int, list[str]]:
    """Names by the person who acted for them. Only of the service's people: each name has to be decrypted."""
    found: dict[int, list[str]] = {}
    query = select(Client).join(Staff, Client.staff_id == Staff.id).where(Staff.service == service)
    for client in db.scalars(query):
        found.setdefault(client.staff_id, []).append(_plain(client.name))
    return found


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _counted(db: Session, which: ColumnElement[bool]) -> dict[int, int]:
    """Tickets by the person who has them."""
    query = select(Ticket.assignee_id, func.count()).where(Ticket.assignee_id.is_not(None), which)
    return {id: number for id, number in db.execute(query.group_by(Ticket.assignee_id)) if id is not None}


def _certificate(ticket: Ticket) -> str:
    """What somebody must hold for this ticket; empty when nothing is needed."""
    for rule in _rules():
        if all(getattr(ticket, name) == value for name, value in rule.items() if name != "needs"):
            return rule["needs"]
    return ""


@cache
def _rules() -> tuple[dict[str, str], ...]:
    """
    Raises:
        ValueError: a rule that cannot be read, with what is expected.
    """
    rules = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))["certificates"] or ()
    return tuple(_rule(rule) for rule in rules)


def _rule(rule: dict[str, str]) -> dict[str, str]:
    if "needs" not in rule or not rule.keys() <= {"service", "topic", "intent", "needs"}:
        raise ValueError(f"{SETTINGS.name}: {rule} needs `needs` and some of service, topic, intent")
    if "topic" not in rule:
        return rule
    topic = taxonomy().topics.get(rule["topic"])
    if topic is None:
        raise ValueError(f"{SETTINGS.name}: {rule} names no topic of nlu_data/taxonomy.yml; write its slug")
    return rule | {"topic": topic.title}  # as tickets have it


def _sentence(ticket: Ticket, fitting: Sequence[Weighing]) -> str:
    """Why the first of those who fit was chosen, for staff."""
    best = fitting[0]
    skill = f"擅长{ticket.topic}，" if best.skilled else ""
    return (
        f"系统分派给{best.person.name}：{skill}在办 {best.load}/{best.person.capacity} 件，"
        f"近 {RECENT.days} 天 {best.recent} 件；可办的 {len(fitting)} 人里按专长、负荷、轮次排在最前。"
    )


def _call_dispatcher(db: Session, ticket: Ticket, weighed: Iterable[Weighing]) -> None:
    mine = [w for w in weighed if w.person.role == Role.WORKER and w.person.service == ticket.service]
    against = Counter(reason for weighing in mine for reason in weighing.reasons_against)
    why = "、".join(f"{reason} {number} 人" for reason, number in against.most_common())
    service = SERVICES.get(ticket.service, ticket.service)
    ticket.needs_dispatcher = True
    ticket.events.append(
        TicketEvent(
            step="nobody_fits", status=ticket.status, at=datetime.now(UTC), by=str(SYSTEM),
            remark=f"{service} {len(mine)} 人都不合适，请人工分派" + (f"：{why}。" if why else "。"),
        )
    )  # fmt: skip
    db.flush()
    notices.nobody_fits(db, ticket)
    audit.record(db, SYSTEM, "nobody_fits", ticket.code, weighed=len(mine))
