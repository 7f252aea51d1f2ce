"""What was asked, counted, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from referrals.journal import Entry, Volume, keep, most_asked, volumes
from referrals.store import session
from referrals.worktime import PLACE_TIME

NOW = datetime(2026, 11, 30, 10, tzinfo=PLACE_TIME)
DAY = timedelta(days=1)


def asked(database: Engine, at: datetime, channel: str = "web", times: int = 1, answer: str | None = None) -> None:
    keep([Entry(at, channel, None, None, "answer", answer=answer)] * times, database)


def test_volumes_count_the_places_days(database: Engine) -> None:
    midnight = NOW.replace(hour=0)
    asked(database, midnight, times=2)
    asked(database, midnight - timedelta(seconds=1), times=3)
    asked(database, midnight - 6 * DAY)
    asked(database, midnight - 6 * DAY - timedelta(seconds=1), times=9)
    asked(database, NOW - DAY, "wechat")
    asked(database, NOW - 8 * DAY, "hotline")
    with session(database) as db:
        found = volumes(db, NOW.astimezone(UTC))
    assert found == {"web": Volume(2, 6, midnight), "wechat": Volume(0, 1, NOW - DAY)}


def test_the_most_asked_come_first_and_what_few_asked_not_at_all(database: Engine) -> None:
    for answer, times in {"rare": 2, "b": 3, "a": 3, "most": 5, None: 9}.items():
        asked(database, NOW, times=times, answer=answer)
    asked(database, NOW - 8 * DAY, times=9, answer="rare")
    with session(database) as db:
        assert list(most_asked(db, NOW - 7 * DAY, 3, 10).items()) == [("most", 5), ("a", 3), ("b", 3)]
        assert list(most_asked(db, NOW - 7 * DAY, 3, 2)) == ["most", "a"]
