"""The dashboard's figures, from tickets and messages made for it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select, update

from referrals import numbers
from referrals.journal import Entry, keep
from referrals.models import Status, Ticket, TicketEvent
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


def indicators(database: Engine, span: Span = SPAN) -> dict[Any, Any]:
    return {row[0]: row[1] for row in tables(database, span)["indicators"].rows}


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
    assert tables(database)["replies"].rows == [("劳动纠纷", 4, 2, 1, 1)]
    assert indicators(database)["法助直接解答的咨询占比"] == "66.7%（2/3）"


def at(database: Engine, code: str, moment: datetime, **fields: Any) -> None:
    with session(database) as db:
        db.execute(update(Ticket).filter_by(code=code).values(created_at=moment, **fields))


def test_the_indicators_count_what_they_say(database: Engine) -> None:
    """A working Thursday: what came at night, what was finished online, what was merged and what had to be done again."""
    noon, night = datetime(2026, 11, 26, 10, tzinfo=PLACE_TIME), datetime(2026, 11, 26, 22, tzinfo=PLACE_TIME)
    replies = [(night, "answer"), (night, "urgent"), (night, "clarify"), (night, "form"), (noon, "answer")]
    keep([Entry(moment, "web", "劳动纠纷", None, reply) for moment, reply in replies], database)
    codes = [a_ticket(database).code for _ in range(6)]
    closed, again = {"status": "closed", "replied_at": night}, {"status": "in_progress", "replied_at": night}
    at(database, codes[0], night)
    at(database, codes[1], noon, **closed)
    at(database, codes[2], noon, **closed, channel="hotline")
    at(database, codes[3], noon, status="closed")  # withdrawn
    at(database, codes[4], noon, **again)
    at(database, codes[5], noon - timedelta(days=9), **closed)  # not in the span
    with session(database) as db:
        ticket = db.scalars(select(Ticket).filter_by(code=codes[4])).one()
        ticket.events += [TicketEvent(step="reopen", status=Status.IN_PROGRESS, at=night) for _ in range(2)]
    rate(codes[1], 4, bind=database), rate(codes[2], 3, bind=database)
    day = date(2026, 11, 26)
    assert indicators(database, Span(day, day)) == {
        "非工作时间得到服务的占比（7×24）": "75.0%（3/4）",
        "法助直接解答的咨询占比": "75.0%（3/4）",
        "网上办结的工单占比": "50.0%（1/2）",
        "受理工单已答复占比": "75.0%（3/4）",
        "受理工单已办结占比": "50.0%（2/4）",
        "群众满意率": "50.0%（1/2）",
        "重办的工单占比": "33.3%（1/3）",
    }


def test_every_indicator_says_how_it_is_reckoned(database: Engine) -> None:
    table = tables(database)["indicators"]
    assert table.head[2] == "怎样算" and all(len(row) == 3 and row[2] for row in table.rows)


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
