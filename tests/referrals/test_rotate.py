"""A change of keys: afterwards the new one alone opens everything."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Engine, select, text

from referrals import queue, reach, rotate, secret_text
from referrals.journal import Entry, keep
from referrals.models import AuditEntry, Client, Subscription, Ticket, TicketFile
from referrals.queue import Filter
from referrals.roles import Role
from referrals.store import session
from tests.referrals.desk import a_person
from tests.referrals.full import WORDS, a_full_ticket, anywhere
from tests.referrals.test_secret_text import with_keys

OLD, NEW = Fernet.generate_key(), Fernet.generate_key()


@pytest.fixture(autouse=True)
def _own_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    secret_text._fernet.cache_clear()
    secret_text._keys.cache_clear()


@pytest.fixture
def written(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Everything there is, under the old key."""
    with_keys(monkeypatch, OLD)
    _, lawyer = a_full_ticket(database)
    keep([Entry(datetime.now(UTC), "web", None, None, "clarify", question=WORDS)], database)
    with session(database) as db:
        db.add(Client(staff_id=lawyer.staff_id, name=WORDS))
        db.add(
            Subscription(
                channel="wechat", address=WORDS, address_key=secret_text.digest(WORDS), created_at=datetime.now(UTC)
            )
        )
    return database


def test_the_test_covers_every_encrypted_table(written: Engine) -> None:
    encrypted = {known.raw.name for known in rotate.tables()}
    assert encrypted == anywhere(written)


def test_afterwards_the_new_key_alone_opens_everything(written: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = anywhere(written)
    with_keys(monkeypatch, NEW, OLD)
    outcome = rotate.rotate(written)
    assert outcome["tickets"] == rotate.Outcome(rows=1, renewed=1)
    assert outcome["messages"] == rotate.Outcome(rows=2, renewed=2)
    with_keys(monkeypatch, NEW)
    assert anywhere(written) == before
    with session(written) as db:
        assert db.scalar(select(TicketFile.content)) == WORDS.encode()
    with_keys(monkeypatch, OLD)
    with pytest.raises(InvalidToken):
        anywhere(written)


def test_a_ticket_is_still_found_by_its_phone(written: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> int:
        with session(written) as db:
            keys = secret_text.digests("13000000000")
            return len(db.scalars(select(Ticket).where(Ticket.phone_key.in_(keys))).all())

    with_keys(monkeypatch, NEW, OLD)
    assert found() == 1
    rotate.rotate(written)
    with_keys(monkeypatch, NEW)
    assert found() == 1
    supervisor = a_person(written, Role.SUPERVISOR)
    with session(written) as db:
        assert len(queue.page(db, supervisor, Filter(view="all", find="13000000000")).rows) == 1
    with_keys(monkeypatch, OLD)
    assert found() == 0


def test_a_conversation_is_still_found_by_where_it_came_from(written: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, NEW, OLD)
    rotate.rotate(written)
    with_keys(monkeypatch, NEW)
    with session(written) as db:
        assert reach.conversation_of(db, "wechat", WORDS) == db.scalar(select(Ticket.conversation))


def test_a_second_run_finds_nothing_to_do(written: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, NEW, OLD)
    rotate.rotate(written)
    again = rotate.rotate(written)
    assert again["tickets"].rows == 1
    assert all(outcome.renewed == 0 for outcome in again.values())


def test_it_goes_on_where_it_was_stopped(written: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, NEW, OLD)
    with session(written) as db:  # one of the two messages was done before
        id, secret = db.execute(text("SELECT id, text FROM messages ORDER BY id")).first() or (0, "")
        fresh = secret_text.renewed(secret)
        assert fresh
        db.execute(text("UPDATE messages SET text = :fresh WHERE id = :id"), {"fresh": fresh.decode(), "id": id})
    assert rotate.rotate(written)["messages"] == rotate.Outcome(rows=2, renewed=1)


def test_batches_reach_every_row(written: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate, "BATCH", 1)
    with_keys(monkeypatch, NEW, OLD)
    outcome = rotate.rotate(written)
    assert outcome["messages"].renewed == 2
    with_keys(monkeypatch, NEW)
    anywhere(written)


def test_what_no_key_opens_is_counted_and_left_as_it_is(
    written: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("referrals.store.engine", lambda: written)
    foreign = Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    with session(written) as db:
        db.execute(text("UPDATE notes SET text = :foreign"), {"foreign": foreign})
    with_keys(monkeypatch, NEW, OLD)
    assert rotate.main() == 1
    printed = capsys.readouterr()
    assert "notes: 1 rows, 0 re-encrypted, 1 that no key opens" in printed.out and "do not drop" in printed.err
    with session(written) as db:
        assert db.scalar(text("SELECT text FROM notes")) == foreign


def test_the_rotation_is_audited(written: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, NEW, OLD)
    rotate.rotate(written)
    with session(written) as db:
        entry = db.scalar(select(AuditEntry).filter_by(action="rotate", subject="tickets"))
        assert entry and entry.details == '{"closed": 0, "renewed": 1, "rows": 1}'
