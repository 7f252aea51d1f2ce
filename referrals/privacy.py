"""A citizen's rights over a ticket: to know what is kept, to have it deleted; and the record of who looked at it.

Everything kept of a citizen lies in the tables of `referrals.models`, except their conversation with the bot and their
answers to interviews: those are in Redis (`channels.session`, `channels.notebook`), encrypted, and expire by
themselves ``FAZHU_SESSION_HOURS`` after the last message.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from referrals import audit, messages, work
from referrals.columns import Base
from referrals.intake import SERVICES
from referrals.lifecycle import CITIZEN, STEPS, SYSTEM, Actor
from referrals.masking import ERASED
from referrals.models import (
    OPEN,
    Message,
    Note,
    Outgoing,
    Rating,
    Reach,
    Status,
    Ticket,
    TicketEvent,
    TicketFile,
)  # fmt: skip
from referrals.store import session
from referrals.tickets import GRADES, look_up

# What a ticket looks like without its contents. Code, PIN, service, topic, dates and figures stay.
BLANK: dict[str, Any] = {
    "contact_name": ERASED, "phone": None, "phone_key": None, "language": "", "matter": "", "opponent": "",
    "summary": "", "aid_check": "", "transcript": "", "citations": [], "result": "",
}  # fmt: skip
# What the citizen is told of a ticket, in their words. The rest is in `_NOT_TOLD`.
FIELDS = {
    "code": "编号", "status": "状态", "service": "服务类别", "topic": "事项类别", "intent": "具体问题", "district": "区县",
    "channel": "来源", "urgent": "紧急", "deadline": "权利到期日", "language": "特殊需要", "consent_version": "同意书版本",
    "contact_name": "称呼", "phone": "电话", "matter": "事情经过", "opponent": "对方", "summary": "机器整理的摘要",
    "aid_check": "法律援助预审", "transcript": "登记前的对话", "citations": "引用过的条文", "result": "答复",
    "created_at": "登记时间", "replied_at": "答复时间", "closed_at": "办结时间", "assigned_at": "分派时间",
    "waiting": "正在等您补充", "supervised": "督办", "purged_at": "内容删除时间",
}  # fmt: skip
# Keys, counters and the office's own bookkeeping: nothing about the citizen that `FIELDS` does not say.
_NOT_TOLD = {
    "id", "pin", "conversation", "turn", "phone_key", "assignee_id", "declined", "needs_dispatcher", "extension_asked",
    "merged_into_id", "parent_id", "wrong_pins", "locked_until",
}  # fmt: skip
_WHO = {messages.CITIZEN: "您", messages.WORKER: "工作人员", messages.SYSTEM: "系统"}
_ERASED_STEP = "erase"  # the event that says so


def looked(db: Session, actor: Actor, ticket: Ticket, what: str) -> None:
    """Record that somebody saw a ticket's contents. ``what`` names the part (ticket, live), never what it says."""
    audit.record(db, actor, "look", ticket.code, what=what)


def export(code: str, pin: str, bind: Engine | None = None) -> dict[str, Any]:
    """Everything the service keeps of a ticket, ready for JSON. What staff wrote for each other is counted, not shown.

    Raises:
        TicketNotFound: no ticket has this code and PIN.
        TooManyTries: the ticket is locked.
    """
    look_up(code, pin, bind)
    with session(bind) as db:
        ticket = work.locked(db, code)
        found = _told(db, ticket)
        audit.record(db, CITIZEN, "export", code)
    return found


def _told(db: Session, ticket: Ticket) -> dict[str, Any]:
    ticket_id = ticket.id
    lines = db.scalars(_of(Message, ticket_id))
    kept = db.scalars(_of(TicketFile, ticket_id))
    rating = db.get(Rating, ticket_id)
    return {
        "工单": {title: _plain(getattr(ticket, name)) for name, title in FIELDS.items()}
        | {"服务类别": SERVICES[ticket.service], "状态": Status(ticket.status).label},
        "经过": [
            {"时间": _plain(e.at), "状态": Status(e.status).label, "说明": e.note} for e in ticket.events
        ],
        "消息": [{"时间": _plain(line.at), "谁": _WHO[line.who], "内容": line.text} for line in lines],
        "材料": [{"时间": _plain(f.at), "文件名": f.name, "类型": f.media_type, "字节": f.size} for f in kept],
        "评价": rating and {"时间": _plain(rating.at), "评价": GRADES[rating.grade], "留言": rating.comment},
        "通知": [
            {"时间": _plain(sent.created_at), "方式": sent.kind, "已发": sent.sent_at is not None}
            for sent in db.scalars(_of(Outgoing, ticket_id))
        ],
        "内部备注条数": db.scalar(select(func.count()).where(Note.ticket_id == ticket_id)),
    }  # fmt: skip


def _of(model: Any, ticket_id: int) -> Select[Any]:
    return select(model).filter_by(ticket_id=ticket_id).order_by(model.id)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def erase(code: str, pin: str, bind: Engine | None = None) -> None:
    """Delete a ticket's contents because its citizen asks for it. Whatever was still to be done is called off: the
    ticket is withdrawn or closed and archived, so that nothing can be added to it again. A second call does nothing.

    Raises:
        TicketNotFound: no ticket has this code and PIN.
        TooManyTries: the ticket is locked.
    """
    look_up(code, pin, bind)
    with session(bind) as db:
        ticket = work.locked(db, code)
        if ticket.purged_at:
            return
        _end(db, ticket)
        removed = held(db, [ticket.id])
        blank(db, [ticket.id], "内容已按您的要求删除。")
        audit.record(db, CITIZEN, "erase", code, **removed)


def _end(db: Session, ticket: Ticket) -> None:
    if ticket.status in OPEN:
        work.apply(db, ticket, STEPS["withdraw"], CITIZEN)
    elif ticket.status in STEPS["close"].origins:
        work.apply(db, ticket, STEPS["close"], SYSTEM)
    if ticket.status == Status.CLOSED:
        work.apply(db, ticket, STEPS["archive"], SYSTEM)


class NotErased(Exception):
    """Something personal is still there after it was deleted; the message counts rows by table."""


def blank(db: Session, ids: Collection[int], says: str) -> None:
    """Empty these tickets of everything personal; their history then says ``says``.

    Raises:
        NotErased: the rows, read again, still hold something; the caller's transaction must not be kept.
    """
    now = datetime.now(UTC)
    for ticket in db.scalars(select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update()):
        for name, value in BLANK.items():
            setattr(ticket, name, value)
        if ticket.purged_at is None:
            db.add(TicketEvent(ticket_id=ticket.id, step=_ERASED_STEP, status=ticket.status, at=now, by="", note=says))
        ticket.purged_at = now
    db.flush()
    for part in PARTS:
        change = update(part.model).values(**part.becomes) if part.becomes else delete(part.model)
        db.execute(change.where(part.holds(ids)).execution_options(synchronize_session=False))
    if left := held(db, ids):
        raise NotErased(f"not deleted: {dict(left)}")


def held(db: Session, ids: Collection[int]) -> Counter[str]:
    """How many rows of each table hold something personal of these tickets, read from the database."""
    db.flush()
    db.expire_all()
    found = Counter[str]()
    for ticket in db.scalars(select(Ticket).where(Ticket.id.in_(ids))):
        found["tickets"] += any(getattr(ticket, name) != value for name, value in BLANK.items())
    for part in PARTS:
        found[part.model.__tablename__] = _count(db, part, ids)
    return +found  # without the tables that hold nothing


@dataclass(frozen=True)
class Part:
    """Rows that belong to a ticket and ``holds`` something personal: they become ``becomes``, or are deleted."""

    model: type[Base]
    holds: Callable[[Collection[int]], ColumnElement[bool]]
    becomes: Mapping[str, str] = field(default_factory=dict)


PARTS = (
    Part(
        TicketEvent,  # what somebody typed may stand in any event's words
        lambda ids: (
            TicketEvent.ticket_id.in_(ids)
            & (TicketEvent.step != _ERASED_STEP)
            & or_(TicketEvent.note != "", TicketEvent.remark != "")
        ),
        {"note": "", "remark": ""},
    ),
    Part(
        Rating,
        lambda ids: Rating.ticket_id.in_(ids) & or_(Rating.comment != "", Rating.review != ""),
        {"comment": "", "review": ""},
    ),
    Part(Message, lambda ids: Message.ticket_id.in_(ids)),
    Part(Note, lambda ids: Note.ticket_id.in_(ids)),
    Part(TicketFile, lambda ids: TicketFile.ticket_id.in_(ids)),
    Part(
        Reach,
        lambda ids: Reach.conversation.in_(select(Ticket.conversation).where(Ticket.id.in_(ids))),
    ),
    # A webhook's payload tells other systems of the withdrawal and holds no word of the citizen.
    Part(Outgoing, lambda ids: Outgoing.ticket_id.in_(ids) & (Outgoing.kind != "webhook")),
)


def _count(db: Session, part: Part, ids: Collection[int]) -> int:
    return db.scalar(select(func.count()).select_from(part.model).where(part.holds(ids))) or 0
