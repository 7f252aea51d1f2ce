"""The audit chain: whatever is changed, left out or cut off, is noticed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from referrals import audit
from referrals.lifecycle import SYSTEM, Actor
from referrals.roles import Role
from referrals.store import session


def write(database: Engine, count: int) -> None:
    for number in range(count):
        with session(database) as db:
            audit.record(db, Actor(Role.WORKER, 1, "chen"), "look", f"ticket-{number}", what="ticket")


def test_an_untouched_chain_holds(database: Engine) -> None:
    assert audit.verify(database) == audit.Verdict(0, None)
    write(database, 5)
    assert audit.verify(database) == audit.Verdict(5, None)


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE audit SET actor = 'worker:li' WHERE seq = 2", 2),
        ("UPDATE audit SET details = '' WHERE seq = 4", 4),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 5", 5),  # the last: only the count tells
        ("UPDATE audit SET seq = 9 WHERE seq = 5", 5),
    ],
)
def test_tampering_is_found(database: Engine, tampering: str, broken: int) -> None:
    write(database, 5)
    with database.begin() as db:
        db.exec_driver_sql(tampering)
    assert audit.verify(database).broken == broken


def test_many_writers_at_once_make_one_chain(database: Engine) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: write(database, 5), range(6)))
    assert audit.verify(database) == audit.Verdict(30, None)


def test_what_is_rolled_back_was_not_recorded(database: Engine) -> None:
    write(database, 1)
    with pytest.raises(RuntimeError), session(database) as db:
        audit.record(db, SYSTEM, "archive", "ticket-1")
        raise RuntimeError
    assert audit.verify(database) == audit.Verdict(1, None)
