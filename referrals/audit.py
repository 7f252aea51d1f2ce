"""The audit trail: rows are only ever added, each bound to the one before it by a digest.

``python -m referrals.audit`` verifies the whole chain. Nothing personal is written here: codes, logins, names of steps.
"""

import hashlib
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referrals.lifecycle import Actor
from referrals.models import AuditEntry, Serial
from referrals.store import session

BEGINNING = "0" * 64
_AFTER = select(AuditEntry).where(AuditEntry.seq > bindparam("seq")).order_by(AuditEntry.seq).limit(1000)
_CHAIN = ("audit", "")  # the row that holds the last number, and that writers queue for


def record(db: Session, actor: Actor, action: str, subject: str, **details: Any) -> None:
    """Add one entry, in the transaction of what it tells of."""
    last = _end(db)
    previous = db.scalar(select(AuditEntry.digest).filter_by(seq=last.last)) or BEGINNING
    last.last += 1
    entry = AuditEntry(
        seq=last.last,
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        actor=str(actor),
        action=action,
        subject=subject,
        details=json.dumps(details, ensure_ascii=False, sort_keys=True) if details else "",
        previous=previous,
    )
    entry.digest = _digest(entry)
    db.add(entry)
    db.flush()


def _end(db: Session) -> Serial:
    """The chain's last number, held until the transaction ends."""
    last = db.get(Serial, _CHAIN, with_for_update=True)
    if last is None:
        with suppress(IntegrityError), db.begin_nested():  # another process may begin the chain in this moment
            db.add(Serial(day=_CHAIN[0], service=_CHAIN[1], last=0))
        last = db.get_one(Serial, _CHAIN, with_for_update=True)
    return last


def _digest(entry: AuditEntry) -> str:
    parts = [entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.details, entry.previous]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """``broken`` is the first entry that does not follow from the one before it; None when all do."""

    entries: int
    broken: int | None


def verify(bind: Engine | None = None) -> Verdict:
    """Walk the chain from its beginning to the last number given out."""
    previous, count = BEGINNING, 0
    with session(bind) as db:
        last = db.get(Serial, _CHAIN)
        ended = last.last if last else 0
        while entries := db.scalars(_AFTER.params(seq=count)).all():
            for entry in entries:
                count += 1
                if entry.seq != count or entry.previous != previous or entry.digest != _digest(entry):
                    return Verdict(count, count)
                previous = entry.digest
            db.expunge_all()  # a long chain need not fit into memory
        if ended != count:  # the end was cut off
            return Verdict(count, count + 1)
    return Verdict(count, None)


def main() -> int:
    verdict = verify()
    if verdict.broken is not None:
        print(f"the audit chain is broken at entry {verdict.broken}", file=sys.stderr)
        return 1
    print(f"the audit chain holds: {verdict.entries} entries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
