"""What each step of `referrals.lifecycle` does to a ticket.

A step, its event, its clocks, its notifications and its audit entry are one transaction. Locks are taken in one order:
ticket, staff, audit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session

from referrals import audit, clocks, notices
from referrals.errors import IllegalStep, NotAllowed, TicketNotFound
from referrals.intake import SERVICES
from referrals.lifecycle import STEPS, Actor, Step, check
from referrals.models import OPEN, Note, Staff, Status, Ticket, TicketEvent
from referrals.roles import Role
from referrals.store import session
from referrals.tickets import split_off


@dataclass(frozen=True)
class Told:
    """What was said with a step: the citizen reads ``note``, staff read ``reason``."""

    note: str = ""
    reason: str = ""
    assignee: int | None = None
    service: str = ""
    days: int = 0
    other: str = ""  # a ticket's code

    def names(self) -> set[str]:
        return {name for name, value in vars(self).items() if value}


NOTHING = Told()


def take_step(code: str, name: str, actor: Actor, told: Told = NOTHING, bind: Engine | None = None) -> Status:
    """Take the step ``name`` with the ticket ``code``; the state it is then in.

    Raises:
        TicketNotFound: there is no such ticket.
        NotAllowed: the actor may not.
        IllegalStep: not from where the ticket stands, or something is missing.
    """
    with session(bind) as db:
        ticket = locked(db, code)
        apply(db, ticket, STEPS[name], actor, told)
        return Status(ticket.status)


def locked(db: Session, code: str) -> Ticket:
    ticket = db.scalar(select(Ticket).filter_by(code=code).with_for_update())
    if ticket is None:
        raise TicketNotFound("no such ticket")
    return ticket


def held(db: Session, id: int, *still: ColumnElement[bool]) -> Ticket | None:
    """The ticket, its row locked, unless it has gone on (``still`` is no longer true) or another process holds it."""
    return db.scalar(select(Ticket).where(Ticket.id == id, *still).with_for_update(skip_locked=True))


def apply(db: Session, ticket: Ticket, step: Step, actor: Actor, told: Told = NOTHING) -> None:
    """As `take_step`, within the caller's transaction, which holds the ticket's row."""
    check(step, ticket, actor, told.names())
    now = datetime.now(UTC)
    before = Status(ticket.status)
    if step.to is not None:
        ticket.status = step.to
    says = _DOES[step.name](Change(db, ticket, actor, told, now, before))
    ticket.events.append(
        TicketEvent(
            step=step.name, status=ticket.status, at=now, by=str(actor), note=says or "", remark=told.reason,
        )
    )  # fmt: skip
    db.flush()
    notices.of_step(db, ticket, step, says or "")
    audit.record(db, actor, step.name, ticket.code, before=before.value, after=Status(ticket.status).value)


def note(db: Session, ticket: Ticket, actor: Actor, text: str) -> None:
    """Words for colleagues, which the citizen never sees; within the caller's transaction, which holds the ticket's row.

    Raises:
        IllegalStep: nothing is said, or the ticket's contents are deleted.
    """
    if ticket.purged_at:
        raise IllegalStep("工单的内容已删除，不能再写备注。")
    if not text.strip():
        raise IllegalStep("请写下备注。")
    assert actor.staff_id is not None
    db.add(Note(ticket_id=ticket.id, staff_id=actor.staff_id, at=datetime.now(UTC), text=text.strip()))
    audit.record(db, actor, "note", ticket.code)


@dataclass(frozen=True)
class Change:
    db: Session
    ticket: Ticket
    actor: Actor
    told: Told
    now: datetime
    before: Status


def _give(change: Change, staff_id: int) -> Staff:
    """Put the ticket into somebody's hands; the time to accept begins anew, the others run on."""
    person = change.db.get(Staff, staff_id, with_for_update=True)
    if person is None or not person.active or person.role != Role.WORKER:
        raise IllegalStep("承办人不存在或已停用。")
    ticket = change.ticket
    ticket.assignee_id, ticket.assigned_at, ticket.needs_dispatcher = person.id, change.now, False
    person.last_assigned_at = change.now
    clocks.start(ticket, change.now, ["accept"])
    return person


def _take_away(change: Change) -> None:
    ticket = change.ticket
    if ticket.assignee_id is not None and change.actor.staff_id == ticket.assignee_id:
        ticket.declined = [*ticket.declined, ticket.assignee_id]
    ticket.assignee_id = ticket.assigned_at = None
    _no_longer_waits(change)
    clocks.start(ticket, change.now, ["accept"])


def _no_longer_waits(change: Change) -> None:
    if change.ticket.waiting:
        change.ticket.waiting = False
        clocks.resume(change.ticket, change.now)


def _assign(change: Change) -> str:
    person = _give(change, change.told.assignee or 0)
    return f"已分派给{person.title or '承办人'}。"


def _claim(change: Change) -> str:
    assert change.actor.staff_id is not None
    person = change.db.get(Staff, change.actor.staff_id)
    if person is None or person.service != change.ticket.service:
        raise NotAllowed(f"这个工单要的是{SERVICES[change.ticket.service]}，不是您的服务类别。")
    _give(change, change.actor.staff_id)
    return _accept(change)


def _accept(change: Change) -> str:
    clocks.stop(change.ticket, change.now, "accept")
    return "承办人已签收。"


def _return(change: Change) -> str:
    """What was wrongly dispatched goes back in time; later only a dispatcher or supervisor takes it away."""
    at = clocks.settings()
    ticket = change.ticket
    if change.actor.role is Role.WORKER and ticket.assigned_at:
        latest = at.time_of(ticket.service).add(ticket.assigned_at, at.length(at.return_within))
        if change.now > latest:
            raise IllegalStep("已过退回期限，请联系分派员改派。")
    _take_away(change)
    return "正在重新安排承办人。"


def _start(change: Change) -> str:
    return "已开始办理。"


def _ask_citizen(change: Change) -> str:
    clocks.stop(change.ticket, change.now, "first_reply")
    clocks.pause(change.ticket, change.now)
    change.ticket.waiting = True
    return change.told.note


def _supplement(change: Change) -> str:
    _no_longer_waits(change)
    return "已收到补充的情况。"


def _ask_extension(change: Change) -> str | None:
    most = clocks.settings().extension_most
    if not 1 <= change.told.days <= most:
        raise IllegalStep(f"延期 1 到 {most} 个工作日。")
    change.ticket.extension_asked = change.told.days
    return None


def _grant_extension(change: Change) -> str:
    days = _asked_days(change)
    clocks.extend(change.ticket, days)
    return f"办理时间延长 {days} 个工作日。"


def _refuse_extension(change: Change) -> str | None:
    _asked_days(change)
    return None


def _asked_days(change: Change) -> int:
    days, change.ticket.extension_asked = change.ticket.extension_asked, 0
    if not days:
        raise IllegalStep("没有待批准的延期申请。")
    return days


def _transfer(change: Change) -> str:
    service = change.told.service
    if service not in SERVICES:
        raise IllegalStep("没有这种服务类别。")
    if service == change.ticket.service:
        raise IllegalStep(f"已经是{SERVICES[service]}；换人办理请用“退回”或“改派”。")
    _take_away(change)
    change.ticket.service, change.ticket.needs_dispatcher = service, False
    return f"已转给{SERVICES[service]}办理。"


def _hand_over(change: Change) -> str:
    _no_longer_waits(change)
    person = _give(change, change.told.assignee or 0)
    return f"已改由{person.title or '承办人'}办理。"


def _urge(change: Change) -> str:
    return "已催办。"


def _supervise(change: Change) -> None:
    change.ticket.supervised = True


def _raise_urgency(change: Change) -> str:
    if change.ticket.urgent:
        raise IllegalStep("已经是紧急工单。")
    change.ticket.urgent = True
    clocks.reset_urgency(change.ticket)
    return "已列为紧急。"


def _reply(change: Change) -> str:
    ticket = change.ticket
    _no_longer_waits(change)
    ticket.result, ticket.replied_at, ticket.extension_asked = change.told.note, change.now, 0
    clocks.stop(ticket, change.now)
    return change.told.note


def _call_back(change: Change) -> str:
    return "已回访。"


def _reopen(change: Change) -> str:
    """Done again by the same person if they are still here, else dispatched anew."""
    ticket, at = change.ticket, clocks.settings()
    if change.actor.role is Role.CITIZEN and ticket.replied_at:
        latest = ticket.replied_at + timedelta(days=at.reopen_within)
        if change.now > latest:
            raise IllegalStep(f"答复已超过 {at.reopen_within} 天，请重新登记。")
    if ticket.merged_into_id is not None:
        raise IllegalStep("这个工单已并入另一个工单，请在那里重办。")
    ticket.closed_at = None
    clocks.start(ticket, change.now, ["first_reply", "resolution"])
    if ticket.assignee is None or not ticket.assignee.active:
        ticket.status, ticket.assignee_id = Status.RECEIVED, None
        clocks.start(ticket, change.now, ["accept"])
    return "正在重新办理。"


def _close(change: Change) -> str:
    change.ticket.closed_at = change.now
    return "工单已办结。"


def _archive(change: Change) -> str:
    return "工单已归档。"


def _merge(change: Change) -> str:
    ticket = change.ticket
    other = change.db.scalar(select(Ticket).filter_by(code=change.told.other).with_for_update())
    if other is None or other.id == ticket.id:
        raise IllegalStep("没有这个工单。")
    if other.status not in OPEN:
        raise IllegalStep("只能并入还在办理的工单。")
    ticket.merged_into_id, ticket.closed_at, ticket.waiting = other.id, change.now, False
    clocks.stop(ticket, change.now)
    other.urgent = other.urgent or ticket.urgent
    other.events.append(
        TicketEvent(step="merged", status=other.status, at=change.now, by=str(change.actor),
                    remark=f"并入了 {ticket.code}。")
    )  # fmt: skip
    return f"与 {other.code} 是同一件事，已并在那里办理；用原来的编号和查询码照样查。"


def _split(change: Change) -> str:
    """A second matter found in the ticket gets one of its own, with what is known of the citizen."""
    part = split_off(change.db, change.ticket, change.told.note, change.told.service, change.now)
    return f"其中一件事另立工单 {part.code}。"


def _withdraw(change: Change) -> str:
    change.ticket.closed_at, change.ticket.waiting = change.now, False
    clocks.stop(change.ticket, change.now)
    return "您已撤回工单。"


_DOES: dict[str, Callable[[Change], str | None]] = {
    "assign": _assign,
    "claim": _claim,
    "accept": _accept,
    "return": _return,
    "start": _start,
    "ask_citizen": _ask_citizen,
    "supplement": _supplement,
    "ask_extension": _ask_extension,
    "grant_extension": _grant_extension,
    "refuse_extension": _refuse_extension,
    "transfer": _transfer,
    "hand_over": _hand_over,
    "urge": _urge,
    "supervise": _supervise,
    "raise_urgency": _raise_urgency,
    "reply": _reply,
    "call_back": _call_back,
    "reopen": _reopen,
    "close": _close,
    "archive": _archive,
    "merge": _merge,
    "split": _split,
    "withdraw": _withdraw,
}
