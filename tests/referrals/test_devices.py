"""Kiosks and their tokens, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from referrals import devices
from referrals.errors import IllegalStep
from referrals.models import AuditEntry, Device
from referrals.roles import Role
from referrals.store import session
from tests.referrals.desk import a_person

PLACE = "泰山区公共法律服务中心"


def add(database: Engine, place: str = PLACE) -> str:
    with session(database) as db:
        return devices.add(db, a_person(database, Role.SUPERVISOR), place)


def switch_off(database: Engine, id: int) -> None:
    with session(database) as db:
        devices.switch_off(db, a_person(database, Role.SUPERVISOR), id)


def the_only_one(database: Engine) -> Device:
    with session(database) as db:
        return db.scalars(select(Device)).one()


def test_a_kiosk_is_known_by_its_token_alone(database: Engine) -> None:
    known = devices.known(add(database, f"  {PLACE} "), database)
    assert known and known.place == PLACE
    assert devices.known("", database) is None
    assert devices.known("another", database) is None


def test_the_token_cannot_be_read_from_the_database(database: Engine) -> None:
    token = add(database)
    with database.connect() as raw:
        kept = [str(raw.exec_driver_sql(f"SELECT * FROM {table}").all()) for table in ("devices", "audit")]
    assert PLACE in kept[0] and token not in "".join(kept)


def test_one_that_is_switched_off_is_known_no_more(database: Engine) -> None:
    token = add(database)
    id = the_only_one(database).id
    for again in (id, id, 999):
        switch_off(database, again)
    assert devices.known(token, database) is None
    with session(database) as db:
        actions = db.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions == ["device_add", "device_off"]


def test_a_new_one_in_the_place_of_an_old_one_gets_a_token_of_its_own(database: Engine) -> None:
    old = add(database)
    first = the_only_one(database)
    devices.beat(first.id, "idle", database)
    switch_off(database, first.id)
    new = add(database)
    assert devices.known(old, database) is None
    assert devices.known(new, database) == devices.Known(first.id, PLACE)
    assert the_only_one(database).seen_at is None


@pytest.mark.parametrize(("place", "why"), [("  ", "请写明"), ("长" * 61, "60 字以内"), (PLACE, "已经有一台")])
def test_what_cannot_be_added_is_refused_with_the_reason(database: Engine, place: str, why: str) -> None:
    token = add(database)
    with pytest.raises(IllegalStep, match=why):
        add(database, place)
    assert devices.known(token, database)


def test_one_that_is_silent_for_five_minutes_counts_as_away(database: Engine) -> None:
    add(database)
    now = datetime.now(UTC)
    assert devices.is_away(the_only_one(database), now)
    devices.beat(the_only_one(database).id, "busy" + "x" * 60, database)
    device = the_only_one(database)
    assert device.state == "busy" + "x" * 36
    assert not devices.is_away(device, now + timedelta(minutes=4))
    assert devices.is_away(device, now + timedelta(minutes=6))


def test_a_sign_of_life_from_nobody_is_ignored(database: Engine) -> None:
    devices.beat(999, "idle", database)
    with session(database) as db:
        assert devices.every(db) == []


def test_the_list_has_those_in_use_first_by_place(database: Engine) -> None:
    for place in ("丙", "甲", "乙"):
        add(database, place)
    with session(database) as db:
        by_place = {device.place: device.id for device in devices.every(db)}
    switch_off(database, by_place[min(by_place)])
    with session(database) as db:
        found = [(device.active, device.place) for device in devices.every(db)]
    assert found == sorted(found, key=lambda one: (not one[0], one[1]))
    assert [active for active, _ in found] == [True, True, False]
