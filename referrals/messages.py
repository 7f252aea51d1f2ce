"""What citizen and worker say to each other, kept with the ticket, and who may join a citizen's conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from referrals import audit, clocks, reach
from referrals.errors import IllegalStep, NotAllowed
from referrals.lifecycle import Actor
from referrals.masking import sees_whole
from referrals.models import Message, Staff, Status, Ticket

CITIZEN, WORKER, SYSTEM = "citizen", "worker", "system"
_OVER = (Status.CLOSED, Status.ARCHIVED)


@dataclass(frozen=True)
class Line:
    """One message as it is shown. ``name`` and ``title`` are a worker's, ``channel`` a citizen's; else empty."""

    id: int
    who: str
    text: str
    at: datetime
    name: str = ""
    title: str = ""
    channel: str = ""


def say(db: Session, ticket: Ticket, who: str, text: str, staff_id: int | None = None, channel: str = "") -> Message:
    """Keep one message; a worker's first one is the first reply. What is not the citizen's own goes to them as well,
    where their channel can be sent to.

    Ids of a ticket's messages grow in the order in which they become visible, so that whoever reads on from the last
    id they saw misses none: the ticket's row is held until the transaction ends.
    """
    db.execute(select(Ticket.id).filter_by(id=ticket.id).with_for_update())
    now = datetime.now(UTC)
    message = Message(ticket_id=ticket.id, who=who, staff_id=staff_id, channel=channel, at=now, text=text)
    db.add(message)
    if who == WORKER:
        clocks.stop(ticket, now, "first_reply")
    if who != CITIZEN:
        reach.tell(db, ticket.conversation, text, ticket)
    db.flush()
    return message


def since(db: Session, ticket_id: int, after_id: int = 0) -> list[Line]:
    """The messages of a ticket after the one with ``after_id``, in order."""
    return _lines(db, Message.ticket_id == ticket_id, after_id)


def in_conversation(db: Session, conversation: str, after_id: int = 0) -> list[Line]:
    """As `since`, of every ticket of a conversation."""
    tickets = select(Ticket.id).filter_by(conversation=conversation)
    return _lines(db, Message.ticket_id.in_(tickets), after_id)


def _lines(db: Session, which: ColumnElement[bool], after_id: int) -> list[Line]:
    rows = db.execute(
        select(Message, Staff.name, Staff.title)
        .outerjoin(Staff, Message.staff_id == Staff.id)
        .where(which, Message.id > after_id)
        .order_by(Message.id)
    )
    return [
        Line(m.id, m.who, m.text, m.at, name or "", title or "", m.channel if m.who == CITIZEN else "")
        for m, name, title in rows
    ]


def codes_of(db: Session, conversation: str) -> Sequence[str]:
    """The tickets that were made in a conversation."""
    return db.scalars(select(Ticket.code).filter_by(conversation=conversation)).all()


def may_join(ticket: Ticket, actor: Actor) -> None:
    """
    Raises:
        NotAllowed: only the person in charge and supervisors join a citizen's conversation.
        IllegalStep: the ticket is over.
    """
    if not sees_whole(ticket, actor):
        raise NotAllowed("只有承办人和督办可以加入群众的对话。")
    if ticket.status in _OVER:
        raise IllegalStep(f"工单{Status(ticket.status).label}，不能再加入对话。")


def join(db: Session, ticket: Ticket, actor: Actor, notice: str) -> None:
    """Note, for the citizen and in the audit trail, that somebody takes the conversation over. Raises as `may_join`."""
    may_join(ticket, actor)
    say(db, ticket, SYSTEM, notice)
    audit.record(db, actor, "live_join", ticket.code)


def leave(db: Session, ticket: Ticket, actor: Actor, notice: str) -> None:
    say(db, ticket, SYSTEM, notice)
    audit.record(db, actor, "live_leave", ticket.code)
