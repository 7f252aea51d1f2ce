"""Where a citizen is reached, on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from referrals import messages, privacy, reach
from referrals.models import Outgoing, Reach
from referrals.store import session
from referrals.work import locked
from tests.referrals.desk import a_ticket


def letters(database: Engine) -> list[dict[str, str]]:
    with session(database) as db:
        return [json.loads(letter.payload) for letter in db.scalars(select(Outgoing).filter_by(kind="wechat"))]


def heard(database: Engine, conversation: str, address: str = "openid-1") -> None:
    with session(database) as db:
        reach.heard(db, conversation, "wechat", address)


def test_what_a_worker_and_the_system_say_goes_to_where_the_citizen_wrote_from(database: Engine) -> None:
    code = a_ticket(database, conversation="c1").code
    heard(database, "c1")
    with session(database) as db:
        messages.say(db, locked(db, code), "worker", "请拍照留好")
        messages.say(db, locked(db, code), "citizen", "好的")
        messages.say(db, locked(db, code), "system", "已离开")
    assert letters(database) == [
        {"to": "openid-1", "text": "请拍照留好"},
        {"to": "openid-1", "text": "已离开"},
    ]


def test_a_citizen_on_the_page_is_sent_nothing(database: Engine) -> None:
    with session(database) as db:
        assert not reach.tell(db, "nowhere", "您好")
    assert letters(database) == []


def test_after_two_days_the_channel_takes_nothing_more(database: Engine) -> None:
    heard(database, "c1")
    with session(database) as db:
        known = db.get(Reach, "c1")
        assert known
        known.heard_at = datetime.now(UTC) - timedelta(hours=49)
    with session(database) as db:
        assert not reach.tell(db, "c1", "您好")


def test_a_citizen_who_comes_back_is_found_in_their_latest_conversation(database: Engine) -> None:
    heard(database, "c1")
    heard(database, "c2")
    heard(database, "c3", "openid-2")
    with session(database) as db:
        assert reach.conversation_of(db, "wechat", "openid-1") == "c2"
        assert reach.conversation_of(db, "hotline", "openid-1") is None


def test_addresses_are_not_readable_in_the_database(database: Engine) -> None:
    heard(database, "c1")
    with database.connect() as raw:
        assert "openid" not in str(raw.exec_driver_sql("SELECT * FROM reaches").all())


def test_who_deletes_their_ticket_is_forgotten_here_too(database: Engine) -> None:
    receipt = a_ticket(database, conversation="c1")
    heard(database, "c1")
    privacy.erase(receipt.code, receipt.pin, database)
    with session(database) as db:
        assert db.get(Reach, "c1") is None
