"""Data that was kept long enough is gone; younger data, and figures, stay."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from referrals import audit, privacy, retention
from referrals.journal import Entry, keep
from referrals.models import AuditEntry, Outgoing, StaffSession, Ticket, TicketFile, Turn
from referrals.retention import StillThere, keep_days, purge
from referrals.store import session
from referrals.tickets import look_up
from tests.referrals.desk import a_person
from tests.referrals.full import WORDS, a_full_ticket, anywhere, archive, undeletable

NEVER = dict.fromkeys(retention.RULES)
NOW = datetime.now(UTC)


def only(kind: str, days: int = 30) -> dict[str, int | None]:
    return NEVER | {kind: days}


def after(days: int) -> datetime:
    return NOW + timedelta(days=days)


def test_contents_go_after_their_time_and_not_before(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    archive(database, receipt.code)
    before = anywhere(database)
    assert purge(only("contents"), database, now=after(29))["contents"].total() == 0
    assert anywhere(database) == before
    removed = purge(only("contents"), database, now=after(31))["contents"]
    assert removed["tickets"] == 1 and removed["messages"] == 2 and removed["ticket_files"] == 1
    assert anywhere(database) == set()
    assert look_up(receipt.code, receipt.pin, database).events[-1][2] == "保存期已满，内容已删除。"


def test_what_is_not_archived_stays_however_old(database: Engine) -> None:
    a_full_ticket(database)
    before = anywhere(database)
    purge(only("contents") | only("files") | only("transcripts"), database, now=after(9999))
    assert anywhere(database) == before


def test_what_was_added_after_the_purge_goes_with_the_next(database: Engine) -> None:
    receipt, lawyer = a_full_ticket(database)
    archive(database, receipt.code)
    purge(only("contents"), database, now=after(31))
    with session(database) as db:
        ticket = db.scalar(select(Ticket))
        assert ticket and lawyer.staff_id
        db.add(privacy.Note(ticket_id=ticket.id, staff_id=lawyer.staff_id, at=NOW, text=WORDS))
    assert purge(only("contents"), database, now=after(32))["contents"] == {"notes": 1}
    assert len(look_up(receipt.code, receipt.pin, database).events) == 1  # said once
    assert purge(only("contents"), database, now=after(33))["contents"].total() == 0


def test_transcripts_and_files_have_times_of_their_own(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    archive(database, receipt.code)
    assert purge(only("transcripts"), database, now=after(31))["transcripts"] == {"tickets": 1, "messages": 2}
    assert purge(only("files"), database, now=after(31))["files"] == {"ticket_files": 1}
    with session(database) as db:
        ticket = db.scalar(select(Ticket))
        assert ticket and ticket.transcript == "" and ticket.matter == WORDS
        assert db.scalar(select(func.count()).select_from(TicketFile)) == 0


def test_a_questions_words_go_and_the_turn_stays(database: Engine) -> None:
    old, new = NOW - timedelta(days=40), NOW
    keep([Entry(at, "web", None, None, "clarify", question=WORDS) for at in (old, new)], database)
    assert purge(only("questions"), database, now=NOW)["questions"] == {"turns": 1}
    with session(database) as db:
        assert db.scalars(select(Turn.question).order_by(Turn.at)).all() == [None, WORDS]


def test_unused_sign_ins_go(database: Engine) -> None:
    staff_id = a_person(database).staff_id
    with session(database) as db:
        for name, seen in {"a" * 64: NOW - timedelta(days=40), "b" * 64: NOW}.items():
            db.add(StaffSession(digest=name, staff_id=staff_id, csrf="c", created_at=seen, seen_at=seen))
    assert purge(only("sessions"), database, now=NOW)["sessions"] == {"staff_sessions": 1}
    with session(database) as db:
        assert db.scalars(select(StaffSession.digest)).all() == ["b" * 64]


def test_notifications_go_once_sent_or_dead_and_wait_otherwise(database: Engine) -> None:
    a_full_ticket(database)
    with session(database) as db:
        ids = db.scalars(select(Outgoing.id).order_by(Outgoing.id)).all()
        sent, dead, *waiting = ids
        db.execute(update(Outgoing).where(Outgoing.id == sent).values(sent_at=NOW))
        db.execute(update(Outgoing).where(Outgoing.id == dead).values(dead_at=NOW))
    assert purge(only("outbox"), database, now=after(31))["outbox"] == {"outbox": 2}
    with session(database) as db:
        assert db.scalars(select(Outgoing.id).order_by(Outgoing.id)).all() == waiting != []


def test_more_than_a_batch(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    keep([Entry(NOW, "web", None, None, "clarify", question=WORDS)] * 5, database)
    assert purge(only("questions"), database, now=after(31))["questions"] == {"turns": 5}
    assert anywhere(database) == set()


def test_a_dry_run_counts_the_same_and_removes_nothing(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    archive(database, receipt.code)
    before = anywhere(database)
    counted = purge(only("contents"), database, dry_run=True, now=after(31))
    assert anywhere(database) == before
    assert purge(only("contents"), database, now=after(31)) == counted


def test_what_remains_is_an_error(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    archive(database, receipt.code)
    with undeletable(database, "ticket_files"):
        with pytest.raises(StillThere, match="ticket_files"):
            purge(only("files"), database, now=after(31))
        with pytest.raises(privacy.NotErased, match="ticket_files"):
            purge(only("contents"), database, now=after(31))
    assert "tickets" in anywhere(database)  # the batch that could not be completed was rolled back


def test_the_removal_is_audited_by_table_and_the_audit_is_kept(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    archive(database, receipt.code)
    purge(keep_days(), database, now=after(9999))
    with session(database) as db:
        entry = db.scalar(select(AuditEntry).filter_by(action="purge", subject="files"))
        assert entry and entry.details == '{"ticket_files": 1}'
        assert db.scalar(select(AuditEntry).filter_by(action="receive"))
    assert audit.verify(database).broken is None
    assert anywhere(database) == set()


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("files: 0", "files"),
        ("files: soon", "files"),
        ("files: true", "files"),
        ("audit: 30", "audit"),
        ("letters: 3", "exactly"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, written: str, named: str) -> None:
    kind = written.partition(":")[0]
    lines = [line for line in retention.SETTINGS.read_text().splitlines() if not line.startswith(f"{kind}:")]
    path = tmp_path / "retention.yml"
    path.write_text("\n".join([*lines, written]))
    with pytest.raises(ValueError, match=named):
        keep_days(path)


def test_the_settings_shipped_name_every_kind() -> None:
    assert keep_days() == {
        "transcripts": 365, "files": 730, "contents": 730, "questions": 90, "sessions": 30, "outbox": 30,
        "reaches": 3,
    }  # fmt: skip


def test_the_command_prints_what_it_does(
    database: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("referrals.store.engine", lambda: database)
    keep([Entry(NOW - timedelta(days=100), "web", None, None, "clarify", question=WORDS)], database)
    assert retention.main(["--dry-run"]) == 0
    assert "questions: would remove turns 1" in capsys.readouterr().out
    assert retention.main([]) == 0
    assert "questions: removed turns 1" in capsys.readouterr().out
    assert anywhere(database) == set()
