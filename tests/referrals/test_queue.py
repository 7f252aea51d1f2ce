"""What each person sees in the queue, and in which order."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from referrals.lifecycle import Actor
from referrals.models import Ticket
from referrals.queue import PAGE, Filter, alike, counts, page, visible
from referrals.roles import Role
from referrals.store import session
from referrals.work import Told, take_step
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
