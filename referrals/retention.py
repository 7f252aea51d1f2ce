"""Purging what has been kept long enough: ``python -m referrals.retention [--dry-run]``, once a day.

How long is said in ``retention.yml``. Everything removed is counted, audited and printed; the rows are then read again
from the database, and what is still there is an error.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import ColumnElement, Engine, and_, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from referrals import audit, privacy
from referrals.lifecycle import SYSTEM
from referrals.models import Message, Note, Outgoing, Reach, StaffSession, Status, Ticket, TicketEvent, TicketFile, Turn
from referrals.store import session

SETTINGS = Path(__file__).parent / "retention.yml"
NEVER = "never"
BATCH = 200  # rows a transaction

Keys = Sequence[Any]


class StillThere(Exception):
    """Something that was purged is found again; the message counts rows by table."""


@dataclass(frozen=True)
class Rule:
    """One kind of data. ``due`` says which rows of ``key`` are too old at a moment; ``held`` counts, by table, what
    rows with these keys still hold; ``remove`` removes it."""

    key: InstrumentedAttribute[Any]
    due: Callable[[datetime], ColumnElement[bool]]
    held: Callable[[Session, Keys], Counter[str]]
    remove: Callable[[Session, Keys], None]


def keep_days(path: Path = SETTINGS) -> dict[str, int | None]:
    """Days by kind; None is never.

    Raises:
        ValueError: a setting that cannot be read, with its name and what is expected.
    """
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if data.keys() != {*RULES, "audit"}:
        raise ValueError(f"{path.name}: it must name exactly {', '.join(RULES)} and audit")
    if data.pop("audit") != NEVER:
        raise ValueError(f"{path.name}: audit must be {NEVER}: its chain would no longer verify")
    for kind, days in data.items():
        if days != NEVER and (type(days) is not int or days < 1):
            raise ValueError(f"{path.name}: {kind} must be a number of days or {NEVER}, not {days!r}")
    return {kind: None if days == NEVER else days for kind, days in data.items()}


def purge(
    days: Mapping[str, int | None], bind: Engine | None = None, dry_run: bool = False, now: datetime | None = None
) -> dict[str, Counter[str]]:
    """Remove what is too old; rows by kind and table. With ``dry_run`` they are only counted.

    Raises:
        StillThere: something is found again after it was removed.
        privacy.NotErased: a ticket could not be emptied; its batch is rolled back.
    """
    now = now or datetime.now(UTC)
    removed = {}
    for kind, rule in RULES.items():
        kept = days[kind]
        removed[kind] = Counter[str]()
        if kept is None:
            continue
        for keys in _batches(rule, now - timedelta(days=kept), bind):
            removed[kind] += _count(rule, keys, bind) if dry_run else _purge(kind, rule, keys, bind)
    return removed


def _batches(rule: Rule, before: datetime, bind: Engine | None) -> Iterator[Keys]:
    """Keys in order, each given once, so that rows which cannot be removed do not come back for ever."""
    due = select(rule.key).where(rule.due(before)).order_by(rule.key).limit(BATCH)
    with session(bind) as db:
        keys = db.scalars(due).all()
    while keys:
        yield keys
        with session(bind) as db:
            keys = db.scalars(due.where(rule.key > keys[-1])).all()


def _count(rule: Rule, keys: Keys, bind: Engine | None) -> Counter[str]:
    with session(bind) as db:
        return rule.held(db, keys)


def _purge(kind: str, rule: Rule, keys: Keys, bind: Engine | None) -> Counter[str]:
    with session(bind) as db:
        counts = rule.held(db, keys)
        rule.remove(db, keys)
        audit.record(db, SYSTEM, "purge", kind, **counts)
    if left := _count(rule, keys, bind):
        raise StillThere(f"{kind}: still there after they were removed: {dict(left)}")
    return counts


def _archived(before: datetime) -> ColumnElement[bool]:
    """Tickets archived before a moment: nothing can bring them back to work."""
    step = exists().where(TicketEvent.ticket_id == Ticket.id, TicketEvent.step == "archive", TicketEvent.at < before)
    return and_(Ticket.status == Status.ARCHIVED, step)


def _rows(key: InstrumentedAttribute[Any], *also: ColumnElement[bool]) -> Callable[[Session, Keys], Counter[str]]:
    """Counts rows with these keys for which ``also`` is true."""

    def held(db: Session, keys: Keys) -> Counter[str]:
        found = db.scalars(select(key).where(key.in_(keys), *also)).all()
        return +Counter({str(key.class_.__tablename__): len(found)})

    return held


def _deletes(key: InstrumentedAttribute[Any]) -> Callable[[Session, Keys], None]:
    def remove(db: Session, keys: Keys) -> None:
        db.execute(delete(key.class_).where(key.in_(keys)))

    return remove


def _empties(key: InstrumentedAttribute[Any], **blank: Any) -> Callable[[Session, Keys], None]:
    def remove(db: Session, keys: Keys) -> None:
        db.execute(update(key.class_).where(key.in_(keys)).values(**blank))

    return remove


def _contents_due(before: datetime) -> ColumnElement[bool]:
    """Also what was added to a ticket after it was emptied."""
    added = [Ticket.id.in_(select(model.ticket_id)) for model in (Message, Note, TicketFile)]
    return and_(_archived(before), or_(Ticket.purged_at.is_(None), *added))


def _talk_held(db: Session, keys: Keys) -> Counter[str]:
    spoken = db.scalars(select(Message.id).where(Message.ticket_id.in_(keys))).all()
    return _rows(Ticket.id, Ticket.transcript != "")(db, keys) + Counter(messages=len(spoken))


def _remove_talk(db: Session, keys: Keys) -> None:
    _empties(Ticket.id, transcript="")(db, keys)
    db.execute(delete(Message).where(Message.ticket_id.in_(keys)))


RULES = {
    "transcripts": Rule(
        Ticket.id,
        lambda before: and_(
            _archived(before), or_(Ticket.transcript != "", Ticket.id.in_(select(Message.ticket_id)))
        ),
        _talk_held,
        _remove_talk,
    ),
    "files": Rule(
        TicketFile.id,
        lambda before: TicketFile.ticket_id.in_(select(Ticket.id).where(_archived(before))),
        _rows(TicketFile.id),
        _deletes(TicketFile.id),
    ),
    "contents": Rule(
        Ticket.id,
        _contents_due,
        privacy.held,
        lambda db, keys: privacy.blank(db, keys, "保存期已满，内容已删除。"),
    ),
    "questions": Rule(
        Turn.id,
        lambda before: and_(Turn.at < before, Turn.question.is_not(None)),
        _rows(Turn.id, Turn.question.is_not(None)),
        _empties(Turn.id, question=None),
    ),
    "sessions": Rule(
        StaffSession.digest,
        lambda before: StaffSession.seen_at < before,
        _rows(StaffSession.digest),
        _deletes(StaffSession.digest),
    ),
    "outbox": Rule(
        Outgoing.id,
        lambda before: or_(Outgoing.sent_at < before, Outgoing.dead_at < before),
        _rows(Outgoing.id),
        _deletes(Outgoing.id),
    ),
    "reaches": Rule(
        Reach.conversation,
        lambda before: Reach.heard_at < before,
        _rows(Reach.conversation),
        _deletes(Reach.conversation),
    ),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m referrals.retention", description="Purge what was kept long enough."
    )
    parser.add_argument("--dry-run", action="store_true", help="only count what would be removed")
    dry_run = parser.parse_args(arguments).dry_run
    try:
        removed = purge(keep_days(), dry_run=dry_run)
    except (ValueError, StillThere, privacy.NotErased) as error:
        print(f"retention failed: {error}", file=sys.stderr)
        return 1
    for kind, counts in removed.items():
        rows = ", ".join(f"{table} {count}" for table, count in sorted(counts.items())) or "nothing"
        print(f"{kind}: {'would remove' if dry_run else 'removed'} {rows}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
