"""Notices to everybody, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from referrals import broadcasts
from referrals.errors import IllegalStep
from referrals.intake import CHANNELS
from referrals.models import AuditEntry
from referrals.roles import Role
from referrals.store import session
from tests.referrals.desk import a_person

TEXT = "国庆期间热线照常，窗口休息。"
HOUR = timedelta(hours=1)


def publish(
    database: Engine,
    text: str = TEXT,
    starts: timedelta = -HOUR,
    ends: timedelta = HOUR,
    channels: list[str] | None = None,
) -> int:
    """A notice from ``starts`` to ``ends`` from now; its id."""
    now = datetime.now(UTC)
    actor = a_person(database, Role.SUPERVISOR)
    with session(database) as db:
        return broadcasts.publish(db, actor, text, now + starts, now + ends, channels).id


def test_a_notice_is_said_on_every_platform_while_it_runs(database: Engine) -> None:
    publish(database)
    assert broadcasts.by_channel(database) == {channel: [TEXT] for channel in CHANNELS}


def test_before_its_beginning_and_after_its_end_nothing_is_said(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(database, starts=HOUR, ends=2 * HOUR)
    assert broadcasts.current("web", database) == []

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def]
            return datetime.now(tz) + passed

    monkeypatch.setattr(broadcasts, "datetime", Later)
    passed = 1.5 * HOUR
    assert broadcasts.current("web", database) == [TEXT]
    passed = 2.5 * HOUR
    assert broadcasts.current("web", database) == []


def test_it_is_said_only_where_it_belongs_the_oldest_first(database: Engine) -> None:
    publish(database, "第一条")
    publish(database, "只在热线和微信", channels=["hotline", "wechat"])
    publish(database, "第三条")
    assert broadcasts.current("web", database) == ["第一条", "第三条"]
    assert broadcasts.current("hotline", database) == ["第一条", "只在热线和微信", "第三条"]


def test_a_withdrawn_notice_is_said_no_more(database: Engine) -> None:
    id, actor = publish(database), a_person(database, Role.SUPERVISOR)
    for id_or_none in (id, id, 999):  # again, or one there never was, changes nothing
        with session(database) as db:
            broadcasts.withdraw(db, actor, id_or_none)
    assert broadcasts.current("web", database) == []
    with session(database) as db:
        assert [notice.text for notice in broadcasts.recent(db)] == [TEXT]
        actions = db.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions == ["broadcast", "broadcast_withdrawn"]


def test_line_breaks_and_blanks_become_one_blank(database: Engine) -> None:
    publish(database, "  明天停机\n\n 两小时 ")
    assert broadcasts.current("kiosk", database) == ["明天停机 两小时"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"text": " \n "}, "请写公告内容"),
        ({"text": "长" * 121}, "120 字以内"),
        ({"starts": HOUR, "ends": HOUR}, "结束时间"),
        ({"starts": -2 * HOUR, "ends": -HOUR}, "结束时间"),
        ({"channels": ["web", "fax"]}, "没有这个平台：fax"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_reason(database: Engine, fields: dict[str, object], why: str) -> None:
    with pytest.raises(IllegalStep, match=why):
        publish(database, **fields)  # type: ignore[arg-type]
    with session(database) as db:
        assert broadcasts.recent(db) == []


def test_the_latest_come_first_and_no_more_than_asked(database: Engine) -> None:
    for text in ("一一", "二二", "三三"):
        publish(database, text)
    with session(database) as db:
        assert [notice.text for notice in broadcasts.recent(db, limit=2)] == ["三三", "二二"]
