"""The dashboard's figures, from tickets and messages made for it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from referrals import numbers
from referrals.journal import Entry, keep
from referrals.numbers import Span, Table
from referrals.store import session
from referrals.tickets import rate
from referrals.work import Told, take_step
from referrals.worktime import PLACE_TIME
from tests.referrals.desk import a_person, a_ticket

TODAY = datetime.now(PLACE_TIME).date()
SPAN = Span(TODAY - timedelta(days=1), TODAY + timedelta(days=1))


def tables(database: Engine, span: Span = SPAN) -> dict[str, Table]:
    with session(database) as db:
        return {table.name: table for table in numbers.tables(db, span)}


def asked(reply: str, question: str | None = None, topic: str = "劳动纠纷", ticketed: bool = False) -> Entry:
    return Entry(datetime.now(UTC), "web", topic, None, reply, ticketed=ticketed, question=question)


def test_tickets_are_counted_where_they_came_from(database: Engine) -> None:
    a_ticket(database, topic="婚姻家庭", channel="kiosk")
    a_ticket(database), a_ticket(database)
    found = tables(database)
    assert found["topic"].rows == [("劳动纠纷", 2), ("婚姻家庭", 1)]
    assert dict(found["channel"].rows) == {"网页": 2, "自助机": 1}
    assert sum(row[2] for row in found["hour"].rows) == 3


def test_nothing_is_counted_outside_the_span(database: Engine) -> None:
    a_ticket(database)
    assert tables(database, Span(TODAY - timedelta(days=9), TODAY - timedelta(days=5)))["topic"].rows == []


def test_answered_and_referred_messages_are_told_apart(database: Engine) -> None:
    keep([asked("answer"), asked("answer"), asked("clarify", "问不清"), asked("handoff", ticketed=True)], database)
    assert tables(database)["replies"].rows == [("劳动纠纷", 4, 2, 2, 1)]
    assert dict(tables(database)["indicators"].rows)["法助直接解答的咨询占比"] == "50.0%（2/4）"


def test_speed_and_satisfaction_come_from_the_work_done(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "reply", lawyer, Told(note="可以仲裁。"), database)
    rate(receipt.code, 5, bind=database)
    found = tables(database)
    assert [row[1] for row in found["speed"].rows] == [1, 1, 1]
    assert dict(found["satisfaction"].rows)["非常满意"] == 1
    assert found["load"].rows[0][1:] == (0, 10, 1)


def test_questions_alike_without_an_answer_stand_together(database: Engine) -> None:
    keep([asked("clarify", q) for q in ("村里的鱼塘被征收怎么补", "村里鱼塘被征收了怎么补", "海鸥能不能养")], database)
    with session(database) as db:
        groups = numbers.unanswered(db, SPAN)
    assert [len(group.asked) for group in groups] == [2, 1]


def test_what_was_asked_is_encrypted_at_rest(database: Engine) -> None:
    keep([asked("clarify", "我叫王小明，鱼塘怎么办")], database)
    with database.connect() as db:
        assert "王小明" not in str(db.exec_driver_sql("SELECT * FROM turns").one())
