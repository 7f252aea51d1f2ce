"""Accounts, passwords and sign-ins, on SQLite and PostgreSQL."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from referrals import audit, passwords, staff
from referrals.errors import Refused
from referrals.lifecycle import SYSTEM, Actor
from referrals.models import AuditEntry, Client, Leave, Staff, StaffSession
from referrals.passwords import WeakPassword, check_strength
from referrals.roles import Role
from referrals.staff import IDLE, LOCK, LONGEST, WRONG_TRIES, LockedOut, WrongLogin
from referrals.store import migrate, session
from tests.referrals.desk import a_person

PASSWORD, OTHER = "梧桐叶落满长街 2026", "湖边的柳树又绿了整整一年"


def an_account(database: Engine, role: Role = Role.WORKER) -> Actor:
    """Somebody who signs in with `PASSWORD`."""
    person = a_person(database, role)
    set_account(database, person, password_hash=passwords.hashed(PASSWORD), must_change=False)
    return person


def set_account(database: Engine, person: Actor, **values: Any) -> None:
    with session(database) as db:
        db.execute(update(Staff).where(Staff.id == person.staff_id).values(values))


def id_of(person: Actor) -> int:
    assert person.staff_id
    return person.staff_id


def fail(database: Engine, login: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(WrongLogin):
            staff.sign_in(login, "不是这个密码呀", database)


def told_of(database: Engine, person: Actor) -> list[str]:
    """The audit trail's actions, oldest first."""
    with session(database) as db:
        return list(db.scalars(select(AuditEntry.action).filter_by(subject=person.login).order_by(AuditEntry.seq)))


def test_an_account_begins_with_a_one_time_password(database: Engine) -> None:
    id, password = staff.create("chen", SYSTEM, database, name="陈律师", role=Role.WORKER, service="lawyer")
    me = staff.signed_in(staff.sign_in("Chen ", password, database), database)
    assert me and me.must_change and (me.actor.role, me.actor.staff_id, me.service) == (Role.WORKER, id, "lawyer")


def test_only_digests_are_stored(database: Engine) -> None:
    _, password = staff.create("chen", SYSTEM, database, name="陈律师", role=Role.SUPERVISOR)
    token = staff.sign_in("chen", password, database)
    with database.connect() as db:
        stored = str(db.exec_driver_sql("SELECT * FROM staff").one()) + str(
            db.exec_driver_sql("SELECT * FROM staff_sessions").one()
        )
    assert password not in stored and token not in stored and "$argon2id$" in stored


def test_a_reset_signs_out_everywhere(database: Engine) -> None:
    id, password = staff.create("chen", SYSTEM, database, name="陈律师", role=Role.SUPERVISOR)
    token = staff.sign_in("chen", password, database)
    staff.reset_password(id, SYSTEM, database)
    assert staff.signed_in(token, database) is None
    with pytest.raises(staff.WrongLogin):
        staff.sign_in("chen", password, database)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"role": Role.WORKER}, "服务类别"),
        ({"role": Role.CITIZEN}, "角色"),
        ({"role": Role.SUPERVISOR, "name": " "}, "姓名"),
        ({"role": Role.SUPERVISOR, "capacity": 0}, "上限"),
        ({"role": Role.SUPERVISOR, "password_hash": "x"}, "没有这些栏目"),
    ],
)
def test_what_is_wrong_with_an_account_is_said(database: Engine, fields: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        staff.create("chen", SYSTEM, database, **({"name": "陈律师"} | fields))


def test_a_login_is_taken_once(database: Engine) -> None:
    staff.create("chen", SYSTEM, database, name="陈律师", role=Role.SUPERVISOR)
    with pytest.raises(Refused, match="有人用了"):
        staff.create("CHEN", SYSTEM, database, name="另一个陈律师", role=Role.SUPERVISOR)


def test_clients_are_kept_encrypted_and_leave_has_an_order(database: Engine) -> None:
    id, _ = staff.create("chen", SYSTEM, database, name="陈律师", role=Role.WORKER, service="lawyer")
    staff.add_client(id, "云杉贸易公司", SYSTEM, database)
    with database.connect() as db:
        assert "云杉" not in str(db.exec_driver_sql("SELECT * FROM clients").one())
    with session(database) as db:
        client = db.scalar(select(Client))
        assert client and client.name == "云杉贸易公司"
    staff.remove_client(client.id, SYSTEM, database)
    with session(database) as db:
        assert db.scalar(select(Client)) is None
    with pytest.raises(Refused, match="不能早于"):
        staff.add_leave(id, date(2026, 12, 5), date(2026, 12, 1), SYSTEM, database)


def test_an_old_hash_is_renewed_at_the_next_sign_in(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    id, password = staff.create("chen", SYSTEM, database, name="陈律师", role=Role.SUPERVISOR)
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=4))
    with session(database) as db:
        before = db.get_one(Staff, id).password_hash
    staff.sign_in("chen", password, database)
    with session(database) as db:
        assert db.get_one(Staff, id).password_hash != before


@pytest.mark.parametrize("weak", ["短密码", "chen的密码很长很长呀", "aaaaaaaaaaaaaaaa", "password12345678", "长" * 201])
def test_weak_passwords_are_refused(weak: str) -> None:
    with pytest.raises(WeakPassword):
        check_strength(weak, "chen")


def test_a_sentence_is_a_good_password() -> None:
    check_strength("梧桐叶落满了整条长街我慢慢走", "chen")


NONSENSE: list[tuple[str, dict[str, Any]]] = [
    ("a", {}),
    ("王芳", {}),
    ("../etc", {}),
    ("fine", {"name": "长" * 41}),  # SQLite would take what PostgreSQL's columns do not hold
    ("fine", {"title": "长" * 41}),
    ("fine", {"service": "astrology"}),
    ("fine", {"email": "nowhere"}),
    ("fine", {"email": "a@example.invalid\nBcc: b@example.invalid"}),
]


def test_an_account_that_makes_no_sense_is_refused(database: Engine) -> None:
    known: dict[str, Any] = {"name": "测试律师", "role": Role.WORKER, "service": "lawyer"}
    for login, fields in NONSENSE:
        with pytest.raises(Refused):
            staff.create(login, SYSTEM, database, **(known | fields))
            pytest.fail(f"made: {login} {fields}")


def test_neither_a_made_up_token_nor_the_digest_kept_opens_the_desk(database: Engine) -> None:
    staff.sign_in(an_account(database).login, PASSWORD, database)
    with session(database) as db:
        digest = db.scalars(select(StaffSession.digest)).one()
    for token in ("", "made-up", digest):
        assert staff.signed_in(token, database) is None


def test_without_a_password_or_once_closed_nobody_gets_in(database: Engine) -> None:
    fresh, closed = a_person(database), an_account(database)
    set_account(database, closed, active=False)
    for login, password in ((fresh.login, ""), (fresh.login, PASSWORD), (closed.login, PASSWORD)):
        with pytest.raises(WrongLogin):
            staff.sign_in(login, password, database)


def test_an_unknown_login_costs_a_verification_too(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda word, known: (verified.append(known), real(word, known))[1])
    fail(database, "nobody-here")
    assert verified == [""]


def test_the_fifth_wrong_try_locks_and_a_quarter_of_an_hour_opens(database: Engine) -> None:
    person = an_account(database)
    fail(database, person.login, WRONG_TRIES)
    with session(database) as db:
        locked = db.get_one(Staff, person.staff_id).locked_until
    assert locked and timedelta(minutes=15) == LOCK and locked > datetime.now(UTC)
    with pytest.raises(LockedOut):
        staff.sign_in(person.login, PASSWORD, database)
    set_account(database, person, locked_until=datetime.now(UTC) - timedelta(seconds=1))
    assert staff.sign_in(person.login, PASSWORD, database)
    assert told_of(database, person) == ["wrong_password"] * 4 + ["locked_out", "sign_in"]


def test_after_a_lock_the_tries_are_counted_and_told_anew(database: Engine) -> None:
    person = an_account(database)
    fail(database, person.login, WRONG_TRIES)
    set_account(database, person, locked_until=datetime.now(UTC) - timedelta(seconds=1))
    fail(database, person.login)
    assert told_of(database, person)[-2:] == ["locked_out", "wrong_password"]


def test_four_wrong_tries_are_forgotten_with_the_right_one(database: Engine) -> None:
    person = an_account(database)
    for _ in range(2):
        fail(database, person.login, WRONG_TRIES - 1)
        assert staff.sign_in(person.login, PASSWORD, database)


def test_a_failed_sign_in_tells_the_login_and_nothing_that_was_typed(database: Engine) -> None:
    person = an_account(database)
    fail(database, person.login)
    with session(database) as db:
        entry = db.scalars(select(AuditEntry).filter_by(subject=person.login)).one()
    assert (entry.actor, entry.action, entry.details) == ("system", "wrong_password", "")


def test_tries_with_an_unknown_login_are_told_without_what_was_typed(database: Engine) -> None:
    for typed in ("13000000000", "13000000000", "wang.fang"):
        fail(database, typed)
    with session(database) as db:
        entries = db.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert {(entry.actor, entry.action) for entry in entries} == {("system", "unknown_login")}
    first, again, other = (entry.subject for entry in entries)
    assert first == again != other  # the same login is told to be the same
    assert not any(typed in str(vars(entry)) for entry in entries for typed in ("13000000000", "wang"))


def test_a_locked_account_costs_a_verification_too(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    person = an_account(database)
    set_account(database, person, locked_until=datetime.now(UTC) + LOCK)
    verified: list[str] = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda word, known: (verified.append(known), real(word, known))[1])
    with pytest.raises(LockedOut):
        staff.sign_in(person.login, PASSWORD, database)
    assert len(verified) == 1


@pytest.mark.parametrize(("column", "limit"), [("seen_at", IDLE), ("created_at", LONGEST)])
def test_a_session_ends_by_itself(database: Engine, column: str, limit: timedelta) -> None:
    token = staff.sign_in(an_account(database).login, PASSWORD, database)
    for age, still in ((limit - timedelta(minutes=1), True), (limit + timedelta(minutes=1), False)):
        with session(database) as db:
            now = datetime.now(UTC)
            db.execute(update(StaffSession).values({"seen_at": now} | {column: now - age}))
        assert (staff.signed_in(token, database) is not None) is still


def test_being_seen_is_noted_at_most_once_a_minute(database: Engine) -> None:
    token = staff.sign_in(an_account(database).login, PASSWORD, database)
    for ago, noted in ((30, False), (90, True)):
        then = datetime.now(UTC) - timedelta(seconds=ago)
        with session(database) as db:
            db.execute(update(StaffSession).values(seen_at=then))
        assert staff.signed_in(token, database)
        with session(database) as db:
            assert (db.scalars(select(StaffSession.seen_at)).one() > then) is noted


def test_signing_out_ends_one_session_only(database: Engine) -> None:
    person = an_account(database)
    here, there = (staff.sign_in(person.login, PASSWORD, database) for _ in range(2))
    staff.sign_out(here, database)
    assert staff.signed_in(here, database) is None and staff.signed_in(there, database)


def test_a_changed_password_signs_out_everywhere_but_nobody_else(database: Engine) -> None:
    person, other = an_account(database), an_account(database)
    tokens = [staff.sign_in(person.login, PASSWORD, database) for _ in range(2)]
    theirs = staff.sign_in(other.login, PASSWORD, database)
    staff.change_password(person, PASSWORD, OTHER, database)
    assert [staff.signed_in(token, database) for token in tokens] == [None, None]
    assert staff.signed_in(theirs, database)
    with pytest.raises(WrongLogin):
        staff.sign_in(person.login, PASSWORD, database)
    assert staff.sign_in(person.login, OTHER, database)
    assert "change_password" in told_of(database, person)


def test_a_one_time_password_is_not_kept_by_changing_it_into_itself(database: Engine) -> None:
    id, password = staff.create("chen", SYSTEM, database, name="陈律师", role=Role.SUPERVISOR)
    chen = Actor(Role.SUPERVISOR, id, "chen")
    with pytest.raises(WeakPassword, match="不能和原来的一样"):
        staff.change_password(chen, password, password, database)
    with pytest.raises(WrongLogin):
        staff.change_password(chen, OTHER, PASSWORD, database)
    staff.change_password(chen, password, OTHER, database)
    me = staff.signed_in(staff.sign_in("chen", OTHER, database), database)
    assert me and not me.must_change


def test_a_reset_opens_the_lock(database: Engine) -> None:
    person = an_account(database)
    fail(database, person.login, WRONG_TRIES)
    assert staff.sign_in(person.login, staff.reset_password(id_of(person), SYSTEM, database), database)


def test_a_closed_account_is_signed_out_for_good_and_the_audit_names_fields_not_values(database: Engine) -> None:
    person, keeper = an_account(database), a_person(database, Role.ADMINISTRATOR)
    token = staff.sign_in(person.login, PASSWORD, database)
    staff.change(id_of(person), keeper, database, name="测试改名", email="a@example.invalid")
    assert staff.signed_in(token, database)
    for active in (False, True):  # opened again, but the old sign-in stays ended
        staff.change(id_of(person), keeper, database, active=active)
        assert staff.signed_in(token, database) is None
    with session(database) as db:
        told = list(db.scalars(select(AuditEntry.details).filter_by(action="change_account").order_by(AuditEntry.seq)))
    assert json.loads(told[0]) == {"fields": ["email", "name"]} and "测试改名" not in "".join(told)


def test_a_changed_role_counts_at_once(database: Engine) -> None:
    person, keeper = an_account(database, Role.SUPERVISOR), a_person(database, Role.ADMINISTRATOR)
    token = staff.sign_in(person.login, PASSWORD, database)
    staff.change(id_of(person), keeper, database, role=Role.RECEPTION)
    me = staff.signed_in(token, database)
    assert me and me.actor.role is Role.RECEPTION


def test_administrators_do_not_lock_themselves_out(database: Engine) -> None:
    keeper = a_person(database, Role.ADMINISTRATOR)
    for fields in ({"active": False}, {"role": Role.AUDITOR}):
        with pytest.raises(Refused):
            staff.change(id_of(keeper), keeper, database, **fields)


def test_leave_and_clients_come_and_go_and_each_is_told_without_names(database: Engine) -> None:
    person, keeper = a_person(database), a_person(database, Role.ADMINISTRATOR)
    staff.add_leave(id_of(person), date(2026, 12, 1), date(2026, 12, 1), keeper, database)
    staff.add_client(id_of(person), " 测试建筑公司 ", keeper, database)
    with session(database) as db:
        leave, client = db.scalars(select(Leave)).one(), db.scalars(select(Client)).one()
        assert "测试建筑" not in "".join(db.scalars(select(AuditEntry.details)))
    staff.remove_leave(leave.id, keeper, database)
    staff.remove_client(client.id, keeper, database)
    with session(database) as db:
        assert not db.scalars(select(Leave)).all() and not db.scalars(select(Client)).all()
    assert told_of(database, person) == ["add_leave", "add_client", "remove_leave", "remove_client"]
    assert audit.verify(database).broken is None


NOBODYS: list[Any] = [
    lambda by, db: staff.reset_password(999999, by, db),
    lambda by, db: staff.change(999999, by, db, title="律师"),
    lambda by, db: staff.add_client(999999, "测试公司", by, db),
    lambda by, db: staff.add_leave(999999, date(2026, 12, 1), date(2026, 12, 2), by, db),
]


def test_what_is_nobodys_is_refused(database: Engine) -> None:
    for act in NOBODYS:
        with pytest.raises(Refused, match="没有这个账号"):
            act(SYSTEM, database)


def command(var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FAZHU_VAR": str(var), "PYTHONUTF8": "1"}
    line = [sys.executable, "-m", "referrals.staff", *words]
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_first_administrator_is_made_by_command(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'fazhu.db'}")
    words = ("add", "guanli", "测试管理员", "administrator")
    made = command(tmp_path, *words)
    assert made.returncode == 0 and "一次性密码" in made.stdout, made.stderr
    again = command(tmp_path, *words)
    assert again.returncode == 1 and "已经有人用" in again.stderr and "Traceback" not in again.stderr
    assert command(tmp_path, "add", "x1", "测试", "citizen").returncode == 2
