"""Accounts of those who work at the desk, and their sign-ins.

``python -m referrals.staff add LOGIN NAME ROLE [--service S] [--title T]`` makes an account and prints a one-time password.
"""

import argparse
import hashlib
import re
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from referrals import audit, passwords
from referrals.errors import ReferralError, Refused
from referrals.intake import SERVICES
from referrals.lifecycle import SYSTEM, Actor
from referrals.models import Client, Leave, Staff, StaffSession
from referrals.roles import STAFF_ROLES, Role
from referrals.secret_text import digest
from referrals.store import session

WRONG_TRIES, LOCK = 5, timedelta(minutes=15)
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=1)
_SHOWN = 16  # hex digits by which tries with the same unknown login are told to be the same
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST_FIELDS = {"name": 40, "title": 40, "email": 120}  # as the columns hold
EDITABLE = (
    "name", "role", "title", "email", "service", "topics", "certificates", "languages", "districts", "capacity", "active",
)  # fmt: skip


class WrongLogin(ReferralError):
    """Login or password is wrong; which of the two is not told."""


class LockedOut(WrongLogin):
    """Too many wrong tries; wait for `LOCK`. Whoever tries is told no more than of a wrong password."""


@dataclass(frozen=True)
class SignedIn:
    """Who is at the desk. ``csrf`` goes with every form."""

    actor: Actor
    name: str
    title: str
    service: str | None
    csrf: str
    must_change: bool


def sign_in(login: str, password: str, bind: Engine | None = None) -> str:
    """The token of a new sign-in, for the cookie.

    Raises:
        WrongLogin: login or password is wrong, or the account is closed.
        LockedOut: after too many wrong tries.
    """
    now = datetime.now(UTC)
    login = login.strip().casefold()
    with session(bind) as db:
        person = db.scalar(select(Staff).filter_by(login=login).with_for_update())
        # Verified always: how long it takes must tell neither an unknown login nor a locked one.
        right = passwords.matches(password, person.password_hash if person else "")
        if person is None:
            audit.record(db, SYSTEM, "unknown_login", f"unknown:{digest(login)[:_SHOWN]}")
        elif person.locked_until and person.locked_until > now:
            raise LockedOut("too many wrong tries")
        elif right and person.active:
            return _begin(db, person, password, now)
        else:
            _count_wrong(db, person, now)
    raise WrongLogin("login or password is wrong")


def _begin(db: Session, person: Staff, password: str, now: datetime) -> str:
    person.failed_logins, person.locked_until = 0, None
    if passwords.outdated(person.password_hash):
        person.password_hash = passwords.hashed(password)
    token = secrets.token_urlsafe(32)
    db.add(
        StaffSession(
            digest=_digest(token), staff_id=person.id, csrf=secrets.token_urlsafe(24), created_at=now, seen_at=now
        )
    )
    db.execute(delete(StaffSession).where(StaffSession.created_at < now - LONGEST))
    audit.record(db, _actor(person), "sign_in", person.login)
    return token


def _count_wrong(db: Session, person: Staff, now: datetime) -> None:
    person.failed_logins += 1
    locks = person.failed_logins >= WRONG_TRIES
    if locks:
        person.failed_logins, person.locked_until = 0, now + LOCK
    audit.record(db, SYSTEM, "locked_out" if locks else "wrong_password", person.login)


def signed_in(token: str, bind: Engine | None = None, active: bool = True) -> SignedIn | None:
    """Who the cookie's token belongs to; None once it is idle for `IDLE`, older than `LONGEST`, or signed out. What a
    page asks by itself is not ``active``."""
    now = datetime.now(UTC)
    with session(bind) as db:
        found = db.get(StaffSession, _digest(token))
        if found is None or now - found.seen_at > IDLE or now - found.created_at > LONGEST:
            return None
        person = db.get(Staff, found.staff_id)
        if person is None or not person.active:
            return None
        if active and now - found.seen_at > _NOTED_EVERY:
            # Not through the object: signed out meanwhile, the row is gone, and that is no error.
            db.execute(update(StaffSession).where(StaffSession.digest == found.digest).values(seen_at=now))
        return SignedIn(_actor(person), person.name, person.title, person.service, found.csrf, person.must_change)


def sign_out(token: str, bind: Engine | None = None) -> None:
    with session(bind) as db:
        db.execute(delete(StaffSession).where(StaffSession.digest == _digest(token)))


def _actor(person: Staff) -> Actor:
    return Actor(Role(person.role), person.id, person.login)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def change_password(actor: Actor, old: str, new: str, bind: Engine | None = None) -> None:
    """Every sign-in of the account ends.

    Raises:
        WrongLogin: the old password is wrong.
        WeakPassword: the new one will not do, or is the old one.
    """
    if new == old:
        raise passwords.WeakPassword("新密码不能和原来的一样。")
    with session(bind) as db:
        person = db.get(Staff, actor.staff_id, with_for_update=True)
        if person is None or not passwords.matches(old, person.password_hash):
            raise WrongLogin("the old password is wrong")
        passwords.check_strength(new, person.login)
        person.password_hash, person.must_change = passwords.hashed(new), False
        _end_all(db, person)
        audit.record(db, actor, "change_password", person.login)


def reset_password(staff_id: int, by: Actor, bind: Engine | None = None) -> str:
    """A new one-time password, shown once; every sign-in of the account ends."""
    password = passwords.one_time()
    with session(bind) as db:
        person = _found(db, staff_id)
        person.password_hash, person.must_change = passwords.hashed(password), True
        person.failed_logins, person.locked_until = 0, None
        _end_all(db, person)
        audit.record(db, by, "reset_password", person.login)
    return password


def _end_all(db: Session, person: Staff) -> None:
    db.execute(delete(StaffSession).where(StaffSession.staff_id == person.id))


def create(login: str, by: Actor, bind: Engine | None = None, **fields: Any) -> tuple[int, str]:
    """A new account: its id and one-time password.

    Raises:
        Refused: the login is taken or malformed, or a field is wrong.
    """
    login = login.strip().casefold()
    if not _LOGIN.fullmatch(login):
        raise Refused("账号用小写字母、数字、点、横线，2 到 40 个字符。")
    _check(fields)
    with session(bind) as db:
        if db.scalar(select(Staff.id).filter_by(login=login)):
            raise Refused("这个账号已经有人用了。")
        person = Staff(login=login, created_at=datetime.now(UTC), **fields)
        db.add(person)
        db.flush()
        audit.record(db, by, "create_account", login, role=str(person.role))
        id = person.id
    return id, reset_password(id, by, bind)


def change(staff_id: int, by: Actor, bind: Engine | None = None, **fields: Any) -> None:
    """Change what `EDITABLE` names; a closed account is signed out everywhere.

    Raises:
        Refused: there is no such account, or a field is wrong.
    """
    _check(fields)
    with session(bind) as db:
        person = _found(db, staff_id)
        if staff_id == by.staff_id and (fields.get("active") is False or fields.get("role", by.role) != by.role):
            raise Refused("不能停用自己或改自己的角色。")
        for name, value in fields.items():
            setattr(person, name, value)
        if not person.active:
            _end_all(db, person)
        db.flush()
        audit.record(db, by, "change_account", person.login, fields=sorted(fields))


def _check(fields: dict[str, Any]) -> None:
    if wrong := set(fields) - set(EDITABLE):
        raise Refused(f"没有这些栏目：{'、'.join(sorted(wrong))}。")
    if not fields.get("name", "x").strip():
        raise Refused("请填写姓名。")
    if "role" in fields and fields["role"] not in STAFF_ROLES:
        raise Refused("请选择角色。")
    if any(len(fields.get(name, "")) > most for name, most in _LONGEST_FIELDS.items()):
        raise Refused("姓名、称谓最多 40 个字，邮箱最多 120 个字符。")
    if fields.get("email") and not _EMAIL.fullmatch(fields["email"]):
        raise Refused("邮箱格式不对。")
    if fields.get("service") and fields["service"] not in SERVICES:
        raise Refused("没有这种服务类别。")
    if fields.get("role") == Role.WORKER and not fields.get("service"):
        raise Refused("承办人要选服务类别。")
    if not 1 <= fields.get("capacity", 1) <= 500:
        raise Refused("同时在办的上限在 1 到 500 之间。")


def _found(db: Session, staff_id: int) -> Staff:
    person = db.get(Staff, staff_id, with_for_update=True)
    if person is None:
        raise Refused("没有这个账号。")
    return person


def add_leave(staff_id: int, first: date, last: date, by: Actor, bind: Engine | None = None) -> None:
    """
    Raises:
        Refused: it ends before it begins.
    """
    if last < first:
        raise Refused("结束日期不能早于开始日期。")
    with session(bind) as db:
        person = _found(db, staff_id)
        db.add(Leave(staff_id=staff_id, first=first, last=last))
        audit.record(db, by, "add_leave", person.login, first=str(first), last=str(last))


def add_client(staff_id: int, name: str, by: Actor, bind: Engine | None = None) -> None:
    """Somebody this person acted for.

    Raises:
        Refused: a name of one character would meet everybody.
    """
    if len(name.strip()) < 2:
        raise Refused("请写全名，至少两个字。")
    with session(bind) as db:
        person = _found(db, staff_id)
        db.add(Client(staff_id=staff_id, name=name.strip()))
        audit.record(db, by, "add_client", person.login)


def remove_leave(id: int, by: Actor, bind: Engine | None = None) -> None:
    with session(bind) as db:
        if row := db.get(Leave, id):
            _remove(db, row, row.staff_id, "remove_leave", by)


def remove_client(id: int, by: Actor, bind: Engine | None = None) -> None:
    with session(bind) as db:
        if row := db.get(Client, id):
            _remove(db, row, row.staff_id, "remove_client", by)


def _remove(db: Session, row: Leave | Client, staff_id: int, action: str, by: Actor) -> None:
    person = _found(db, staff_id)
    db.delete(row)
    audit.record(db, by, action, person.login)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m referrals.staff")
    add = parser.add_subparsers(required=True).add_parser("add", help="make an account")
    add.add_argument("login")
    add.add_argument("name")
    add.add_argument("role", choices=[role.value for role in STAFF_ROLES])
    add.add_argument("--service")
    add.add_argument("--title", default="")
    told = parser.parse_args()
    try:
        _, password = create(
            told.login, SYSTEM, name=told.name, role=Role(told.role), service=told.service, title=told.title
        )
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{told.login} 的一次性密码：{password}（首次登录要改）")
    return 0


if __name__ == "__main__":
    sys.exit(main())
