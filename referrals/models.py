"""Tickets and what happened to them."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, String, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from referrals.secret_text import SecretText


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


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times, also on SQLite, which drops the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    pass


class Serial(Base):
    """The last serial given to a service on a day."""

    __tablename__ = "serials"

    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    service: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int]


class Ticket(Base):
    """One matter a citizen handed over. What identifies or describes them is encrypted."""

    __tablename__ = "tickets"
    __table_args__ = (UniqueConstraint("conversation", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    pin: Mapped[str] = mapped_column(SecretText)
    conversation: Mapped[str] = mapped_column(String(64))
    turn: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(20))
    status: Mapped[Status] = mapped_column(String(20))
    service: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str | None] = mapped_column(String(20))
    district: Mapped[str] = mapped_column(String(20))
    urgent: Mapped[bool] = mapped_column(default=False)
    consent_version: Mapped[str] = mapped_column(String(20))
    contact_name: Mapped[str] = mapped_column(SecretText)
    phone: Mapped[str | None] = mapped_column(SecretText)
    matter: Mapped[str] = mapped_column(SecretText)
    transcript: Mapped[str] = mapped_column(SecretText)
    citations: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wrong_pins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    events: Mapped[list["TicketEvent"]] = relationship(
        back_populates="ticket", order_by="TicketEvent.id", cascade="all, delete-orphan"
    )


class TicketEvent(Base):
    """A step of a ticket, kept in order. ``note`` is what the citizen may read."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    status: Mapped[Status] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(default="")
    ticket: Mapped[Ticket] = relationship(back_populates="events")
