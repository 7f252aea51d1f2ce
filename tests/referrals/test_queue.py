"""What each person sees in the queue, and in which order."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, select, update

from referrals.lifecycle import Actor
from referrals.models import Status, Ticket
from referrals.queue import PAGE, Filter, alike, counts, page, visible
from referrals.roles import Role
from referrals.store import session
from referrals.work import Told, take_step
from referrals.worktime import PLACE_TIME
from tests.referrals.desk import a_person, a_ticket

DISPATCHER = Actor(Role.DISPATCHER, login="d")


def codes(database: Engine, person: Actor, wanted: Filter, now: datetime | None = None) -> list[str]:
    with session(database) as db:
        return [row.ticket.code for row in page(db, person, wanted, now).rows]


def test_urgent_tickets_come_first_then_the_oldest(database: Engine) -> None:
    first, second, urgent = a_ticket(database), a_ticket(database), a_ticket(database, urgent=True)
    assert codes(database, DISPATCHER, Filter()) == [urgent.code, first.code, second.code]


def test_a_worker_sees_their_own_and_what_they_may_claim(database: Engine) -> None:
    mine, other = a_person(database), a_person(database)
    taken, free, foreign = a_ticket(database), a_ticket(database), a_ticket(database, service="mediation")
    take_step(taken.code, "claim", other, bind=database)
    assert codes(database, mine, Filter(view="all")) == [free.code]
    take_step(free.code, "claim", mine, bind=database)
    assert codes(database, mine, Filter(view="mine")) == [free.code]
    with session(database) as db:
        seen = {ticket.code: visible(db, mine, ticket) for ticket in db.scalars(select(Ticket))}
    assert seen == {taken.code: False, free.code: True, foreign.code: False}


def test_a_ticket_is_found_by_its_code_or_its_phone_however_they_are_typed(database: Engine) -> None:
    wanted = a_ticket(database, phone="13000000001")
    a_ticket(database, phone="13000000002")
    typed = wanted.code.replace("-", " ").lower()
    assert codes(database, DISPATCHER, Filter(view="all", find=typed)) == [wanted.code]
    assert codes(database, DISPATCHER, Filter(view="all", find="130 0000 0001")) == [wanted.code]
    assert codes(database, DISPATCHER, Filter(view="all", find="王女士")) == []  # names cannot be searched


def test_what_is_late_stands_under_late(database: Engine) -> None:
    ticket = a_ticket(database)
    assert codes(database, DISPATCHER, Filter(view="late")) == []
    later = datetime.now(UTC) + timedelta(days=30)
    assert codes(database, DISPATCHER, Filter(view="late"), later) == [ticket.code]
    with session(database) as db:
        assert counts(db, DISPATCHER, ["late", "open", "all"], later) == {"late": 1, "open": 1}


def test_pages_follow_one_another_without_gap_or_repetition(database: Engine) -> None:
    made = [a_ticket(database, urgent=number % 7 == 0).code for number in range(PAGE + 12)]
    seen: list[str] = []
    after = ""
    with session(database) as db:
        while True:
            found = page(db, DISPATCHER, Filter(after=after))
            seen += [row.ticket.code for row in found.rows]
            after = found.after
            if not after:
                break
    assert sorted(seen) == sorted(made) and len(set(seen)) == len(made)


def replied(database: Engine, *at: datetime) -> list[str]:
    made = [a_ticket(database, urgent=number % 2 == 1).code for number in range(len(at))]
    with session(database) as db:
        for code, moment in zip(made, at, strict=True):
            db.execute(update(Ticket).filter_by(code=code).values(status=Status.REPLIED, replied_at=moment))
    return made


def test_call_backs_stand_in_the_order_they_are_due_and_overdue_ones_say_so(database: Engine) -> None:
    monday = datetime(2026, 11, 30, 9, tzinfo=PLACE_TIME)
    later, sooner = replied(database, monday, monday - timedelta(days=3))
    with session(database) as db:
        rows = page(db, DISPATCHER, Filter(view="replied"), datetime(2026, 12, 3, 1, tzinfo=PLACE_TIME)).rows
    assert [(row.ticket.code, row.call_back_by, row.late) for row in rows] == [
        (sooner, date(2026, 12, 2), True), (later, date(2026, 12, 3), False),
    ]  # fmt: skip


def test_pages_of_call_backs_follow_one_another_also_when_many_were_answered_at_once(database: Engine) -> None:
    monday = datetime(2026, 11, 30, 9, tzinfo=PLACE_TIME)
    made = replied(database, *(monday - timedelta(days=number % 3) for number in range(PAGE + 7)))
    with session(database) as db:
        first = page(db, DISPATCHER, Filter(view="replied"))
        second = page(db, DISPATCHER, Filter(view="replied", after=first.after))
    seen = [row.ticket.code for row in (*first.rows, *second.rows)]
    assert (len(first.rows), len(second.rows), second.after) == (PAGE, 7, "")
    assert sorted(seen) == sorted(made) and len(set(seen)) == len(made)


def test_filters_narrow(database: Engine) -> None:
    wanted = a_ticket(database, topic="婚姻家庭", channel="kiosk")
    a_ticket(database)
    assert codes(database, DISPATCHER, Filter(topic="婚姻家庭")) == [wanted.code]
    assert codes(database, DISPATCHER, Filter(channel="kiosk")) == [wanted.code]
    assert codes(database, DISPATCHER, Filter(district="东平县")) == []


def test_what_may_be_the_same_matter_is_proposed(database: Engine) -> None:
    first, same = a_ticket(database, phone="13000000003"), a_ticket(database, phone="13000000003")
    a_ticket(database, phone="13000000004")
    closed = a_ticket(database, phone="13000000003")
    take_step(
        closed.code, "merge", a_person(database, Role.DISPATCHER), Told(other=first.code, reason="同一件"), database
    )
    with session(database) as db:
        ticket = db.scalar(select(Ticket).filter_by(code=first.code))
        assert ticket and [other.code for other in alike(db, ticket)] == [same.code]
