"""Encrypt everything anew with the newest key: ``python -m referrals.rotate``.

1. Put the new key first in ``FAZHU_SECRET_KEYS``, the old ones behind it, and restart every process.
2. Run this. It may be stopped and run again at any time: what the newest key opens already is left alone.
3. Wait ``FAZHU_SESSION_HOURS``: conversations in Redis are encrypted too, and expire by themselves.
4. Drop the old keys and restart.

Digests (``phone_key`` of ``phone``) are made anew as well, so that the old keys are needed for nothing.
"""

import sys
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import (
    ColumnClause,
    Engine,
    LargeBinary,
    RowMapping,
    Table,
    TableClause,
    Text,
    column,
    select,
    table,
    update,
)
from sqlalchemy.orm import Session

from referrals import audit
from referrals.columns import Base
from referrals.lifecycle import SYSTEM
from referrals.secret_text import SecretBytes, SecretText, decrypt, digest, renewed
from referrals.store import session

DIGEST = "_key"
BATCH, HEAVY_BATCH = 100, 2  # rows a transaction; heavy ones hold files


@dataclass
class Outcome:
    """Rows of one table. ``closed`` ones no key opens: they are as they were."""

    rows: int = 0
    renewed: int = 0
    closed: int = 0


@dataclass(frozen=True)
class Encrypted:
    """A table with encrypted columns; ``raw`` is the same table, read and written as it is stored."""

    raw: TableClause
    key: ColumnClause[Any]
    texts: tuple[str, ...]
    bytes: tuple[str, ...]
    digests: tuple[str, ...]  # texts that are found again by a keyed digest beside them

    @classmethod
    def of(cls, known: Table) -> "Encrypted":
        texts = tuple(c.name for c in known.columns if isinstance(c.type, SecretText))
        files = tuple(c.name for c in known.columns if isinstance(c.type, SecretBytes))
        (key,) = known.primary_key.columns
        plain = [
            column(key.name, key.type),
            *(column(n, Text) for n in texts),
            *(column(n, LargeBinary) for n in files),
        ]
        digests = tuple(name for name in texts if f"{name}{DIGEST}" in known.columns)
        plain += [column(f"{name}{DIGEST}", Text) for name in digests]
        raw = table(known.name, *plain)
        return cls(raw, raw.c[key.name], texts, files, digests)


def tables() -> list[Encrypted]:
    """Every table that holds something encrypted, whatever is added to the models."""
    secret = (SecretText, SecretBytes)
    return [
        Encrypted.of(known)
        for known in Base.metadata.sorted_tables
        if any(isinstance(c.type, secret) for c in known.columns)
    ]


def rotate(bind: Engine | None = None) -> dict[str, Outcome]:
    """Renew everything; the outcome by table."""
    return {known.raw.name: _rotate_table(known, bind) for known in tables()}


def _rotate_table(known: Encrypted, bind: Engine | None) -> Outcome:
    outcome, last = Outcome(), None
    batch = select(known.raw).order_by(known.key).limit(HEAVY_BATCH if known.bytes else BATCH).with_for_update()
    while True:
        with session(bind) as db:
            rows = db.execute(batch if last is None else batch.where(known.key > last)).mappings().all()
            for row in rows:
                _rotate_row(db, known, row, outcome)
        if not rows:
            break
        last = rows[-1][known.key.name]
    with session(bind) as db:
        audit.record(db, SYSTEM, "rotate", known.raw.name, **vars(outcome))
    return outcome


def _rotate_row(db: Session, known: Encrypted, row: RowMapping, outcome: Outcome) -> None:
    outcome.rows += 1
    try:
        changed = _renewed(known, row)
    except InvalidToken:
        outcome.closed += 1
        return
    if changed:
        db.execute(update(known.raw).where(known.key == row[known.key.name]).values(changed))
        outcome.renewed += 1


def _renewed(known: Encrypted, row: RowMapping) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name in (*known.texts, *known.bytes):
        if row[name] and (fresh := renewed(bytes(row[name]) if name in known.bytes else row[name])):
            changed[name] = fresh if name in known.bytes else fresh.decode()
    for name in known.digests:
        if row[f"{name}{DIGEST}"] and row[f"{name}{DIGEST}"] != (key := digest(decrypt(row[name]))):
            changed[f"{name}{DIGEST}"] = key
    return changed


def main() -> int:
    closed = 0
    for name, outcome in rotate().items():
        print(f"{name}: {outcome.rows} rows, {outcome.renewed} re-encrypted, {outcome.closed} that no key opens")
        closed += outcome.closed
    if closed:
        print("some rows open with none of the keys: do not drop any key yet", file=sys.stderr)
    return 1 if closed else 0


if __name__ == "__main__":
    sys.exit(main())
