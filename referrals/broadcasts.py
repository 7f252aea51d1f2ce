"""Notices to everybody: holiday hours, works on the line. Shown on every platform, or on those that are named."""

from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from referrals import audit
from referrals.errors import IllegalStep
from referrals.intake import CHANNELS
from referrals.lifecycle import Actor
from referrals.models import Broadcast
from referrals.store import session

LENGTH = 120  # characters: a voice reads it out before a call


def current(channel: str, bind: Engine | None = None) -> list[str]:
    """What is to be said on ``channel`` now, oldest first."""
    return by_channel(bind)[channel]


def by_channel(bind: Engine | None = None) -> dict[str, list[str]]:
    """As `current`, for every platform."""
    now = datetime.now(UTC)
    running = select(Broadcast).where(
        Broadcast.starts_at <= now, Broadcast.ends_at > now, Broadcast.withdrawn_at.is_(None)
    )
    with session(bind) as db:
        found = db.scalars(running.order_by(Broadcast.id)).all()
    return {
        channel: [notice.text for notice in found if not notice.channels or channel in notice.channels]
        for channel in CHANNELS
    }


def publish(
    db: Session, actor: Actor, text: str, starts_at: datetime, ends_at: datetime, channels: list[str] | None = None
) -> Broadcast:
    """
    Raises:
        IllegalStep: without words or with too many, an end before the beginning, or an unknown platform.
    """
    said = " ".join(text.split())
    if not 0 < len(said) <= LENGTH:
        raise IllegalStep(f"请写公告内容，{LENGTH} 字以内。")
    if ends_at <= max(starts_at, datetime.now(UTC)):
        raise IllegalStep("结束时间要晚于开始时间和现在。")
    if unknown := set(channels or ()) - set(CHANNELS):
        raise IllegalStep(f"没有这个平台：{'、'.join(sorted(unknown))}。")
    assert actor.staff_id is not None
    notice = Broadcast(
        text=said, channels=channels or [], starts_at=starts_at, ends_at=ends_at, staff_id=actor.staff_id,
        created_at=datetime.now(UTC),
    )  # fmt: skip
    db.add(notice)
    db.flush()
    audit.record(db, actor, "broadcast", str(notice.id))
    return notice


def withdraw(db: Session, actor: Actor, id: int) -> None:
    """Nothing happens to one that is withdrawn already or does not exist."""
    notice = db.get(Broadcast, id, with_for_update=True)
    if notice and notice.withdrawn_at is None:
        notice.withdrawn_at = datetime.now(UTC)
        audit.record(db, actor, "broadcast_withdrawn", str(id))


def recent(db: Session, limit: int = 20) -> list[Broadcast]:
    """The latest, running or not, newest first."""
    return list(db.scalars(select(Broadcast).order_by(Broadcast.id.desc()).limit(limit)))
