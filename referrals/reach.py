"""Where the citizen of a conversation is reached when a worker writes, or an answer comes late."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from referrals import outbox
from referrals.models import Reach, Ticket
from referrals.secret_text import digest, digests

KEPT = timedelta(hours=48)  # WeChat takes no message later than this after the citizen's last one


def heard(db: Session, conversation: str, channel: str, address: str) -> None:
    """The citizen wrote from ``address`` just now: it is where this conversation's news goes."""
    found = db.get(Reach, conversation, with_for_update=True) or Reach(conversation=conversation)
    found.channel, found.address, found.address_key = channel, address, digest(address)
    found.heard_at = datetime.now(UTC)
    db.add(found)


def conversation_of(db: Session, channel: str, address: str) -> str | None:
    """The latest conversation that ``address`` wrote in."""
    latest = select(Reach.conversation).where(Reach.channel == channel, Reach.address_key.in_(digests(address)))
    return db.scalar(latest.order_by(Reach.heard_at.desc()).limit(1))


def tell(db: Session, conversation: str, text: str, ticket: Ticket | None = None) -> bool:
    """Send ``text`` to where the citizen last wrote from, through the outbox. False where no channel can be sent to."""
    found = db.get(Reach, conversation)
    if found is None or found.heard_at < datetime.now(UTC) - KEPT:
        return False
    outbox.post(db, found.channel, ticket, to=found.address, text=text)
    return True


def forget(db: Session, conversation: str) -> None:
    db.execute(delete(Reach).where(Reach.conversation == conversation))
