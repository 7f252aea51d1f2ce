"""Who is sent tips and when, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

from sqlalchemy import Engine, select, update

from referrals import subscriptions
from referrals.models import Subscription
from referrals.store import session
from referrals.worktime import PLACE_TIME

MONDAY = datetime(2026, 11, 30, 9, tzinfo=PLACE_TIME)
BEFORE = MONDAY - timedelta(days=3)


def subscribe(database: Engine, address: str, topic: str | None = None, at: datetime = BEFORE) -> None:
    with session(database) as db:
        subscriptions.subscribe(db, "wechat", address, topic)
        db.flush()
        db.execute(update(Subscription).values(created_at=at))


def due(database: Engine, now: datetime, *channels: str) -> list[str]:
    with session(database) as db:
        return [one.address for one in subscriptions.due(db, channels or ("wechat",), now, 10)]


def kept(database: Engine) -> list[tuple[str, str | None]]:
    with session(database) as db:
        return [(one.address, one.topic) for one in db.scalars(select(Subscription).order_by(Subscription.id))]


def test_on_monday_morning_and_not_before(database: Engine) -> None:
    subscribe(database, "openid-1")
    assert due(database, MONDAY - timedelta(seconds=1)) == []
    assert due(database, MONDAY) == ["openid-1"]
    assert due(database, MONDAY.astimezone(UTC)) == ["openid-1"]


def test_a_late_worker_sends_by_day_but_not_at_night(database: Engine) -> None:
    subscribe(database, "openid-1")
    assert due(database, MONDAY + timedelta(hours=10)) == ["openid-1"]
    assert due(database, MONDAY + timedelta(hours=11)) == []
    assert due(database, MONDAY + timedelta(days=1)) == []


def test_once_a_week(database: Engine) -> None:
    subscribe(database, "openid-1")
    with session(database) as db:
        for one in subscriptions.due(db, ("wechat",), MONDAY, 10):
            one.sent_at = MONDAY
    assert due(database, MONDAY + timedelta(minutes=1)) == []
    assert due(database, MONDAY + timedelta(weeks=1)) == ["openid-1"]


def test_who_subscribes_on_monday_afternoon_waits_a_week(database: Engine) -> None:
    subscribe(database, "openid-1", at=MONDAY + timedelta(hours=5))
    assert due(database, MONDAY + timedelta(hours=6)) == []
    assert due(database, MONDAY + timedelta(weeks=1)) == ["openid-1"]


def test_a_channel_that_is_not_sent_by_waits(database: Engine) -> None:
    subscribe(database, "openid-1")
    assert due(database, MONDAY, "citizen", "email") == []


def test_who_subscribes_again_changes_the_topic(database: Engine) -> None:
    subscribe(database, "openid-1", "family")
    subscribe(database, "openid-2")
    subscribe(database, "openid-1", "labour")
    assert kept(database) == [("openid-1", "labour"), ("openid-2", None)]
    subscribe(database, "openid-1")
    assert kept(database)[0] == ("openid-1", None)


def test_unsubscribing_leaves_no_row(database: Engine) -> None:
    subscribe(database, "openid-1")
    subscribe(database, "openid-2")
    with session(database) as db:
        assert subscriptions.unsubscribe(db, "openid-1")
        assert not subscriptions.unsubscribe(db, "openid-1")
    assert kept(database) == [("openid-2", None)]


def test_the_address_cannot_be_read_from_the_database(database: Engine) -> None:
    subscribe(database, "openid-1")
    with database.connect() as raw:
        assert "openid" not in str(raw.exec_driver_sql("SELECT * FROM subscriptions").all())


def test_the_same_message_twice_at_once_makes_one_row(database: Engine) -> None:
    together = Barrier(4)

    def send() -> None:
        together.wait()
        with session(database) as db:
            subscriptions.subscribe(db, "wechat", "openid-1", "family")

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept(database) == [("openid-1", "family")]
