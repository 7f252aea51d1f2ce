"""Notifications: written in the transaction of the change they tell of, sent afterwards, at least once.

A sender that fails is tried again, later each time; after `TRIES` the notification is dead and shown to administrators,
who can send it again. Every notification carries its id, so that a receiver can tell a repetition.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from referrals.models import Outgoing, Ticket
from referrals.store import session

TRIES = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
LEASE = timedelta(minutes=2)  # a sender that died is given up after it


class NotDelivered(Exception):
    """A sender could not deliver; the message says why, without anything personal."""


class NeverDelivered(NotDelivered):
    """Trying again is of no use: the notification is dead at once."""


@dataclass(frozen=True)
class Letter:
    """What a sender gets. ``id`` is the same at every try."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    ticket_id: int | None = None


Sender = Callable[[Letter], None]  # raises when it could not deliver


def post(db: Session, kind: str, ticket: Ticket | None, **payload: Any) -> None:
    now = datetime.now(UTC)
    db.add(
        Outgoing(
            kind=kind,
            ticket_id=ticket.id if ticket else None,
            payload=json.dumps(payload, ensure_ascii=False),
            created_at=now,
            next_try=now,
        )
    )


def deliver(senders: Mapping[str, Sender], bind: Engine | None = None, limit: int = 50) -> int:
    """Send what is due, oldest first; how many were sent. Several processes may do so at once."""
    sent = 0
    for _ in range(limit):
        letter = _take(frozenset(senders), bind)
        if letter is None:
            break
        try:
            senders[letter.kind](letter)
        except Exception as error:  # whatever a sender raises, the notification stays
            _failed(letter, error, bind)
        else:
            mark_sent(letter, bind)
            sent += 1
    return sent


def _take(kinds: frozenset[str], bind: Engine | None) -> Letter | None:
    """The next one due, leased to this process."""
    now = datetime.now(UTC)
    with session(bind) as db:
        row = db.scalar(
            select(Outgoing)
            .where(
                Outgoing.sent_at.is_(None),
                Outgoing.dead_at.is_(None),
                Outgoing.next_try <= now,
                Outgoing.kind.in_(kinds),
            )
            .order_by(Outgoing.next_try, Outgoing.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.next_try = now + LEASE
        row.tries += 1
        return Letter(row.id, row.kind, json.loads(row.payload), row.ticket_id)


def mark_sent(letter: Letter, bind: Engine | None = None) -> None:
    """It was delivered, by this try or along with another letter."""
    with session(bind) as db:
        db.execute(update(Outgoing).where(Outgoing.id == letter.id).values(sent_at=datetime.now(UTC), error=""))


def _failed(letter: Letter, error: Exception, bind: Engine | None) -> None:
    now = datetime.now(UTC)
    with session(bind) as db:
        row = db.get(Outgoing, letter.id, with_for_update=True)
        if row is None:
            return
        # The text of a foreign error may hold an address or a phone number.
        row.error = str(error) if isinstance(error, NotDelivered) else type(error).__name__
        row.next_try = now + min(FIRST_PAUSE * 2 ** (row.tries - 1), LONGEST_PAUSE)
        if row.tries >= TRIES or isinstance(error, NeverDelivered):
            row.dead_at = now


def dead(db: Session) -> list[Outgoing]:
    """What could not be delivered, newest first."""
    return list(db.scalars(select(Outgoing).where(Outgoing.dead_at.is_not(None)).order_by(Outgoing.id.desc())))


def given_up(db: Session) -> int:
    """How many are dead."""
    return db.scalar(select(func.count()).where(Outgoing.dead_at.is_not(None))) or 0


def send_again(db: Session, id: int) -> None:
    row = db.get(Outgoing, id)
    if row and row.dead_at:
        row.dead_at, row.tries, row.next_try = None, 0, datetime.now(UTC)


def waiting(db: Session) -> int:
    """How many are neither sent nor dead."""
    unsent = select(func.count()).where(Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None))
    return db.scalar(unsent) or 0
