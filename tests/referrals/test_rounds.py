"""What happens to tickets by itself, on SQLite and PostgreSQL."""

import logging
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text, update

from referrals import audit, clocks, rounds
from referrals.lifecycle import SYSTEM
from referrals.models import AuditEntry, Clock, Outgoing, Staff, Status, Ticket, TicketEvent
from referrals.roles import Role
from referrals.store import session
from referrals.tickets import Receipt, look_up
from referrals.work import Told, take_step
from referrals.worktime import PLACE_TIME
from tests.referrals.desk import a_person, a_ticket

THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=PLACE_TIME)


@pytest.fixture(autouse=True)
def by_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_SMTP_URL", "smtp://mail.example?from=fazhu@mail.example")


def assigned(database: Engine, **person: Any) -> Receipt:
    """A ticket somebody has, with a mailbox."""
    lawyer = a_person(database, email="lawyer@mail.example", **person)
    receipt = a_ticket(database)
    take_step(receipt.code, "assign", SYSTEM, Told(assignee=lawyer.staff_id), database)
    return receipt


def set_clock(database: Engine, kind: str, started: timedelta, due: timedelta) -> None:
    """All clocks of a kind, around Thursday morning."""
    with session(database) as db:
        values = {"started_at": THURSDAY + started, "due_at": THURSDAY + due}
        db.execute(update(Clock).filter_by(kind=kind).values(values))


def set_all_clocks_far(database: Engine) -> None:
    for kind in clocks.KINDS:
        set_clock(database, kind, timedelta(), timedelta(days=300))


def mails(database: Engine) -> list[str]:
    with session(database) as db:
        return [row.payload for row in db.scalars(select(Outgoing).filter_by(kind="email").order_by(Outgoing.id))]


def the_ticket(database: Engine, receipt: Receipt) -> Ticket:
    with session(database) as db:
        ticket = db.scalars(select(Ticket).filter_by(code=receipt.code)).one()
        _ = ticket.events, ticket.clocks
        return ticket


def test_a_round_with_nothing_to_do_does_nothing(database: Engine) -> None:
    assert not +rounds.run(database, THURSDAY)


def test_a_clock_warns_once_before_it_ends(database: Engine) -> None:
    receipt = assigned(database)
    set_all_clocks_far(database)
    set_clock(database, "accept", timedelta(hours=-1), timedelta(minutes=30))  # 90 minutes, of which 72 are 80 %
    before = len(mails(database))
    assert not +rounds.run(database, THURSDAY + timedelta(minutes=11))
    assert +rounds.run(database, THURSDAY + timedelta(minutes=13)) == {"warned": 1}
    assert not +rounds.run(database, THURSDAY + timedelta(minutes=14))
    (mail,) = mails(database)[before:]
    assert f"签收时限将到：{receipt.code}" in mail and "lawyer@mail.example" in mail


def test_a_missed_clock_is_recorded_once_and_told_to_supervisors(database: Engine) -> None:
    a_person(database, Role.SUPERVISOR, email="supervisor@mail.example")
    receipt = assigned(database)
    set_all_clocks_far(database)
    set_clock(database, "first_reply", timedelta(days=-2), timedelta(minutes=-1))
    assert +rounds.run(database, THURSDAY) == {"missed": 1}
    assert not +rounds.run(database, THURSDAY)
    ticket = the_ticket(database, receipt)
    assert [event.remark for event in ticket.events if event.step == "missed"] == ["首次答复超时。"]
    assert {clock.kind for clock in ticket.clocks if clock.missed_at == THURSDAY} == {"first_reply"}
    assert not ticket.supervised
    assert "supervisor@mail.example" in mails(database)[-1] and "首次答复超时" in mails(database)[-1]
    assert "超时" not in str(look_up(receipt.code, receipt.pin, database))


def test_a_late_resolution_is_supervised(database: Engine) -> None:
    receipt = assigned(database)
    set_all_clocks_far(database)
    set_clock(database, "resolution", timedelta(days=-9), timedelta())
    rounds.run(database, THURSDAY)
    assert the_ticket(database, receipt).supervised


def test_stopped_and_paused_clocks_are_left_alone(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)  # accept is stopped
    take_step(receipt.code, "ask_citizen", lawyer, Told(note="请说一下哪天入职"), database)  # resolution is paused
    for kind in clocks.KINDS:
        set_clock(database, kind, timedelta(days=-9), timedelta(days=-1))
    assert not +rounds.run(database, THURSDAY)


def test_a_round_gives_tickets_until_nobody_is_left_to_take_them(database: Engine) -> None:
    a_person(database, capacity=3)
    receipts = [a_ticket(database) for _ in range(5)]
    set_all_clocks_far(database)
    assert +rounds.run(database, THURSDAY) == {"allocated": 3}
    stuck = [the_ticket(database, receipt).needs_dispatcher for receipt in receipts]
    assert stuck == [False, False, False, True, True]


def test_who_found_nobody_is_tried_again_each_ten_minutes_without_more_mail(database: Engine) -> None:
    a_person(database, Role.DISPATCHER, email="dispatcher@mail.example")
    receipt = a_ticket(database)
    set_all_clocks_far(database)
    rounds.run(database, THURSDAY)
    told = len(mails(database))
    a_person(database)
    assert not +rounds.run(database, THURSDAY + timedelta(minutes=9))
    with session(database) as db:  # nobody serves here yet
        db.execute(update(Staff).values(capacity=0))
    assert not +rounds.run(database, THURSDAY + timedelta(minutes=10))
    assert len(mails(database)) == told == 1
    with session(database) as db:
        db.execute(update(Staff).values(capacity=1))
    assert +rounds.run(database, THURSDAY + timedelta(minutes=20)) == {"allocated": 1}
    ticket = the_ticket(database, receipt)
    assert ticket.status == Status.ASSIGNED and not ticket.needs_dispatcher


def replied(database: Engine) -> Receipt:
    """A ticket somebody answered who takes no other."""
    lawyer = a_person(database, capacity=0)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "reply", lawyer, Told(note="可以申请仲裁。"), database)
    return receipt


def test_a_ticket_closes_and_is_archived_by_itself(database: Engine) -> None:
    receipt = replied(database)
    at = clocks.settings()
    answered = datetime.now(UTC)
    assert not +rounds.run(database, answered + timedelta(days=at.close_after, minutes=-5))
    assert +rounds.run(database, answered + timedelta(days=at.close_after, minutes=5)) == {"closed": 1}
    assert not +rounds.run(database, answered + timedelta(days=at.archive_after, minutes=-5))
    assert +rounds.run(database, answered + timedelta(days=at.archive_after, minutes=5)) == {"archived": 1}
    ticket = the_ticket(database, receipt)
    assert ticket.status == Status.ARCHIVED
    assert [event.by for event in ticket.events[-2:]] == ["system", "system"]


def test_a_ticket_done_again_does_not_close(database: Engine) -> None:
    receipt = replied(database)
    take_step(receipt.code, "reopen", a_person(database, Role.RECEPTION), Told(reason="没说清楚"), database)
    set_all_clocks_far(database)
    assert not +rounds.run(database, datetime.now(UTC) + timedelta(days=40))


def test_one_ticket_that_cannot_be_read_stops_no_other(database: Engine, caplog: pytest.LogCaptureFixture) -> None:
    a_person(database)
    broken, sound = a_ticket(database), a_ticket(database)
    set_all_clocks_far(database)
    with session(database) as db:
        db.execute(text("UPDATE tickets SET matter = 'unreadable' WHERE code = :code"), {"code": broken.code})
    with caplog.at_level(logging.WARNING, "fazhu"):
        assert +rounds.run(database, THURSDAY) == {"allocated": 1}
    assert the_ticket(database, sound).status == Status.ASSIGNED
    assert "InvalidToken" in caplog.text and "unreadable" not in caplog.text


def test_several_rounds_at_once_do_nothing_twice(database: Engine) -> None:
    a_person(database, capacity=4)
    receipts = [a_ticket(database) for _ in range(6)]
    old = replied(database)
    with session(database) as db:
        db.execute(update(Ticket).filter_by(code=old.code).values(replied_at=THURSDAY - timedelta(days=20)))
    set_all_clocks_far(database)
    set_clock(database, "resolution", timedelta(days=-9), timedelta(days=-1))
    done: list[Counter[str]] = []
    threads = [threading.Thread(target=lambda: done.append(rounds.run(database, THURSDAY))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 5  # none failed
    rounds.run(database, THURSDAY)  # what one round found in another's hands
    with session(database) as db:
        steps = db.execute(select(TicketEvent.step, func.count()).group_by(TicketEvent.step)).all()
        missed = db.scalars(select(AuditEntry).filter_by(action="clock_missed")).all()
    count = {name: number for name, number in steps}
    assert (count["missed"], count["assign"], count["nobody_fits"], count["close"]) == (6, 4, 2, 1)
    assert len(missed) == len(receipts)
    assert audit.verify(database).broken is None
