"""Tickets, what belongs to them, the people who work on them, and what is to be sent out."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from referrals.columns import Base, UtcDateTime
from referrals.roles import Role
from referrals.secret_text import SecretBytes, SecretText


class Status(StrEnum):
    """Where a ticket stands. Values are stored; labels are for people."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    REPLIED = "replied"
    CALLED_BACK = "called_back"
    CLOSED = "closed"
    ARCHIVED = "archived"

    @property
    def label(self) -> str:
        return _STATUS_LABELS[self]


_STATUS_LABELS = {
    Status.RECEIVED: "已受理",
    Status.ASSIGNED: "已分派",
    Status.ACCEPTED: "已签收",
    Status.IN_PROGRESS: "办理中",
    Status.REPLIED: "已回复",
    Status.CALLED_BACK: "已回访",
    Status.CLOSED: "已办结",
    Status.ARCHIVED: "已归档",
}
OPEN = (Status.RECEIVED, Status.ASSIGNED, Status.ACCEPTED, Status.IN_PROGRESS)


class Serial(Base):
    """The last serial given to a service on a day."""

    __tablename__ = "serials"

    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    service: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int]


class Staff(Base):
    """One person who signs in at the desk. Lists narrow what is given to them; an empty one narrows nothing."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    role: Mapped[Role] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(40), default="")  # 律师, 人民调解员 …, shown to citizens
    email: Mapped[str] = mapped_column(String(120), default="")
    service: Mapped[str | None] = mapped_column(String(20))  # a worker's
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)  # skilled in
    certificates: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)  # beside Mandarin; 手语 counts
    districts: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity: Mapped[int] = mapped_column(default=10)  # open tickets at once
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    must_change: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffSession(Base):
    """A sign-in. Only a digest of the cookie is kept."""

    __tablename__ = "staff_sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Leave(Base):
    """Days, both ends included, on which a person is away."""

    __tablename__ = "leaves"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)


class Client(Base):
    """A person or company somebody has acted for: they get no ticket against them."""

    __tablename__ = "clients"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(SecretText)


class Ticket(Base):
    """One matter a citizen handed over. What identifies or describes them is encrypted."""

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("conversation", "turn"),
        Index("ix_tickets_queue", "status", "urgent", "created_at"),
        Index("ix_tickets_load", "assignee_id", "status"),
        Index("ix_tickets_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    pin: Mapped[str] = mapped_column(SecretText)
    conversation: Mapped[str] = mapped_column(String(64), index=True)
    turn: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(20))
    status: Mapped[Status] = mapped_column(String(20))
    service: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str | None] = mapped_column(String(20))
    intent: Mapped[str | None] = mapped_column(String(40))
    district: Mapped[str] = mapped_column(String(20))
    urgent: Mapped[bool] = mapped_column(default=False)
    deadline: Mapped[date | None] = mapped_column(Date)  # the citizen's right at risk ends on it
    language: Mapped[str] = mapped_column(String(20), default="")  # needed beside Mandarin; 手语 counts
    consent_version: Mapped[str] = mapped_column(String(20))
    contact_name: Mapped[str] = mapped_column(SecretText)
    phone: Mapped[str | None] = mapped_column(SecretText)
    phone_key: Mapped[str | None] = mapped_column(String(64), index=True)  # keyed digest, for finding it again
    matter: Mapped[str] = mapped_column(SecretText)
    opponent: Mapped[str] = mapped_column(SecretText, default="")
    summary: Mapped[str] = mapped_column(SecretText, default="")  # made by the machine, shown as such
    aid_check: Mapped[str] = mapped_column(SecretText, default="")
    transcript: Mapped[str] = mapped_column(SecretText)
    citations: Mapped[list[Any]] = mapped_column(JSON, default=list)
    result: Mapped[str] = mapped_column(SecretText, default="")  # the reply to the citizen
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declined: Mapped[list[int]] = mapped_column(JSON, default=list)  # staff who gave it back
    needs_dispatcher: Mapped[bool] = mapped_column(default=False)  # allocation found nobody
    waiting: Mapped[bool] = mapped_column(default=False)  # for the citizen
    supervised: Mapped[bool] = mapped_column(default=False)
    extension_asked: Mapped[int] = mapped_column(default=0)  # working days
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    wrong_pins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    events: Mapped[list["TicketEvent"]] = relationship(
        back_populates="ticket", order_by="TicketEvent.id", cascade="all, delete-orphan"
    )
    clocks: Mapped[list["Clock"]] = relationship(order_by="Clock.id", cascade="all, delete-orphan")
    assignee: Mapped[Staff | None] = relationship(foreign_keys=[assignee_id])


class TicketEvent(Base):
    """A step of a ticket, kept in order. ``note`` is what the citizen may read, ``remark`` what staff may."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    step: Mapped[str] = mapped_column(String(30), default="")
    status: Mapped[Status] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(60), default="")  # role and login, or role alone
    note: Mapped[str] = mapped_column(SecretText, default="")
    remark: Mapped[str] = mapped_column(SecretText, default="")
    ticket: Mapped[Ticket] = relationship(back_populates="events")


class Clock(Base):
    """One time limit of a ticket. Stopped or missed once, for good; ``remaining`` seconds of working time while paused."""

    __tablename__ = "clocks"
    __table_args__ = (
        UniqueConstraint("ticket_id", "kind"),
        Index("ix_clocks_due", "stopped_at", "missed_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remaining: Mapped[int | None]
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    missed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Message(Base):
    """What was said between citizen and worker, kept with the ticket."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    who: Mapped[str] = mapped_column(String(10))  # citizen, worker, system
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    channel: Mapped[str] = mapped_column(String(20), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(SecretText)


class Note(Base):
    """What staff write for each other; never shown to the citizen."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(SecretText)


class TicketFile(Base):
    """A file kept with a ticket, encrypted."""

    __tablename__ = "ticket_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    name: Mapped[str] = mapped_column(SecretText)
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(SecretBytes, deferred=True)


class Rating(Base):
    """The citizen's judgement, once a ticket. Nothing here says who judged."""

    __tablename__ = "ratings"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    grade: Mapped[int]  # 5 非常满意 … 1 非常不满意
    comment: Mapped[str] = mapped_column(SecretText, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    review: Mapped[str] = mapped_column(SecretText, default="")


class Outgoing(Base):
    """A notification, written with the change that causes it and sent later, at least once."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "sent_at", "dead_at", "next_try"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # citizen, sms, email, webhook, or a channel such as wechat
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    payload: Mapped[str] = mapped_column(SecretText)  # JSON
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(200), default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """One link of the audit chain; rows are added, never changed."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))  # as hashed
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60), index=True)  # a ticket's code, a login
    details: Mapped[str] = mapped_column(default="")  # JSON; nothing personal
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class Turn(Base):
    """One answered message, for figures. The words are kept only where no answer was found, encrypted, and purged."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    channel: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str | None] = mapped_column(String(20))
    intent: Mapped[str | None] = mapped_column(String(40))
    reply: Mapped[str] = mapped_column(String(20))  # type of the first reply
    answer: Mapped[str | None] = mapped_column(String(80))
    ticketed: Mapped[bool] = mapped_column(default=False)
    question: Mapped[str | None] = mapped_column(SecretText)


class Reach(Base):
    """Where a conversation's citizen is reached outside their own asking: an address of a channel that can be sent to.

    Kept while the channel still takes messages for it (`referrals.reach.KEPT`), then purged.
    """

    __tablename__ = "reaches"

    conversation: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(SecretText)
    address_key: Mapped[str] = mapped_column(String(64), index=True)  # keyed digest, for finding it again
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Device(Base):
    """A kiosk. Only a digest of its token is kept."""

    __tablename__ = "devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(60), unique=True)  # where it stands, as citizens say it
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(
        String(40), default=""
    )  # what it last said of itself: idle, busy, offline since …


class Broadcast(Base):
    """A notice to everybody, on all platforms or some: holiday hours, works on the line."""

    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200))
    channels: Mapped[list[str]] = mapped_column(JSON, default=list)  # none means all
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Subscription(Base):
    """Somebody who wants legal tips sent; ``topic`` is None for all."""

    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(SecretText)
    address_key: Mapped[str] = mapped_column(String(64), unique=True)
    topic: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
