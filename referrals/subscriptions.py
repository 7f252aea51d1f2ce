"""Who wants legal tips sent, and where to. One row an address; who unsubscribes leaves nothing behind."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referrals.models import Subscription
from referrals.secret_text import digest, digests
from referrals.worktime import PLACE_TIME

HOUR = time(9)  # on Mondays, in the place's time
LATEST = timedelta(hours=11)  # after it the week's tip is left out: nobody is sent tips at night


def subscribe(db: Session, channel: str, address: str, topic: str | None) -> None:
    """Send tips of ``topic``, None for all, to ``address``; who has subscribed already changes the topic."""
    if _set_topic(db, address, topic):
        return
    row = Subscription(
        channel=channel, address=address, address_key=digest(address), topic=topic, created_at=datetime.now(UTC)
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:  # the same citizen a moment ago: WeChat repeats what it thinks was lost
        _set_topic(db, address, topic)


def _set_topic(db: Session, address: str, topic: str | None) -> bool:
    found = db.scalar(select(Subscription).where(Subscription.address_key.in_(digests(address))).with_for_update())
    if found:
        found.topic = topic
    return found is not None


def unsubscribe(db: Session, address: str) -> bool:
    """Whether there was a subscription."""
    of_address = Subscription.address_key.in_(digests(address))
    return bool(db.execute(delete(Subscription).where(of_address).returning(Subscription.id)).all())


def due(db: Session, channels: Collection[str], now: datetime, limit: int) -> list[Subscription]:
    """Subscriptions by ``channels`` that this Monday's tip has not been sent to yet, locked; none outside the hours.

    Who subscribes after the hour has struck gets the first one a week later.
    """
    monday = _monday(now)
    if not monday <= now < monday + LATEST:
        return []
    waiting = func.coalesce(Subscription.sent_at, Subscription.created_at) < monday
    query = select(Subscription).where(waiting, Subscription.channel.in_(channels)).order_by(Subscription.id)
    return list(db.scalars(query.limit(limit).with_for_update(skip_locked=True)))


def _monday(now: datetime) -> datetime:
    """This week's hour for sending."""
    today = now.astimezone(PLACE_TIME).date()
    return datetime.combine(today - timedelta(days=today.weekday()), HOUR, PLACE_TIME)
