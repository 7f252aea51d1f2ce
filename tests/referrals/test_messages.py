"""What citizen and worker say to each other, on SQLite and PostgreSQL."""

import threading

import pytest
from sqlalchemy import Engine, select

from referrals import audit, messages
from referrals.errors import IllegalStep, NotAllowed
from referrals.lifecycle import CITIZEN
from referrals.models import AuditEntry, Clock, Message
from referrals.roles import Role
from referrals.store import session
from referrals.work import Told, locked, take_step
from tests.referrals.desk import a_person, a_ticket


def test_messages_come_in_order_and_from_where_one_left_off(database: Engine) -> None:
    lawyer = a_person(database, name="李测试")
    code = a_ticket(database).code
    with session(database) as db:
        ticket = locked(db, code)
        first = messages.say(db, ticket, "citizen", "我有工资条", channel="web")
        messages.say(db, ticket, "worker", "请拍照留好", lawyer.staff_id)
        messages.say(db, ticket, "system", "已离开")
    with session(database) as db:
        lines = messages.since(db, locked(db, code).id)
        assert [(line.who, line.text) for line in lines] == [
            ("citizen", "我有工资条"), ("worker", "请拍照留好"), ("system", "已离开"),
        ]  # fmt: skip
        assert [(line.name, line.title) for line in lines] == [("", ""), ("李测试", "律师"), ("", "")]
        assert [line.text for line in messages.since(db, locked(db, code).id, first.id)] == ["请拍照留好", "已离开"]


def test_the_words_are_not_readable_in_the_database(database: Engine) -> None:
    code = a_ticket(database).code
    with session(database) as db:
        messages.say(db, locked(db, code), "citizen", "秘密")
    with database.connect() as raw:
        assert "秘密" not in str(raw.exec_driver_sql("SELECT * FROM messages").all())


def test_another_tickets_messages_are_not_shown(database: Engine) -> None:
    mine, other = a_ticket(database, conversation="c1"), a_ticket(database, conversation="c2")
    with session(database) as db:
        messages.say(db, locked(db, other.code), "worker", "不是给您的")
        assert messages.since(db, locked(db, mine.code).id) == []
        assert messages.in_conversation(db, "c1") == []
        assert [line.text for line in messages.in_conversation(db, "c2")] == ["不是给您的"]
        assert messages.codes_of(db, "c2") == [other.code]


def test_only_a_workers_word_is_a_first_reply(database: Engine) -> None:
    lawyer = a_person(database)
    code = a_ticket(database).code

    def stopped() -> object:
        with session(database) as db:
            return db.scalar(select(Clock.stopped_at).filter_by(kind="first_reply"))

    for who in ("citizen", "system"):
        with session(database) as db:
            messages.say(db, locked(db, code), who, "你好")
        assert stopped() is None
    with session(database) as db:
        messages.say(db, locked(db, code), "worker", "您好", lawyer.staff_id)
    first = stopped()
    assert first
    with session(database) as db:
        messages.say(db, locked(db, code), "worker", "还在吗", lawyer.staff_id)
    assert stopped() == first


def test_the_person_in_charge_and_supervisors_join(database: Engine) -> None:
    lawyer, other = a_person(database), a_person(database)
    supervisor, dispatcher = a_person(database, Role.SUPERVISOR), a_person(database, Role.DISPATCHER)
    code = a_ticket(database).code
    take_step(code, "claim", lawyer, bind=database)
    with session(database) as db:
        ticket = locked(db, code)
        for allowed in (lawyer, supervisor):
            messages.may_join(ticket, allowed)
        for refused in (other, dispatcher, CITIZEN):
            with pytest.raises(NotAllowed):
                messages.may_join(ticket, refused)
    take_step(code, "withdraw", CITIZEN, bind=database)
    with session(database) as db, pytest.raises(IllegalStep, match="已办结"):
        messages.may_join(locked(db, code), lawyer)


def test_joining_and_leaving_are_audited_the_words_are_not(database: Engine) -> None:
    lawyer = a_person(database)
    code = a_ticket(database).code
    take_step(code, "claim", lawyer, bind=database)
    with session(database) as db:
        ticket = locked(db, code)
        messages.join(db, ticket, lawyer, "已加入")
        messages.say(db, ticket, "worker", "您好", lawyer.staff_id)
        messages.leave(db, ticket, lawyer, "已离开")
    with session(database) as db:
        actions = list(db.scalars(select(AuditEntry.action).filter_by(subject=code).order_by(AuditEntry.seq)))
        assert actions == ["receive", "claim", "live_join", "live_leave"]
    assert audit.verify(database).broken is None


def test_ids_grow_in_the_order_in_which_messages_become_visible(database: Engine) -> None:
    """Two speak at once: the second waits for the first, so nobody who saw the later id can have missed the earlier."""
    code = a_ticket(database).code
    holding, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def slow() -> None:
        with session(database) as db:
            messages.say(db, locked(db, code), "citizen", "先")
            holding.set()
            go_on.wait(5)
            order.append("先")

    def quick() -> None:
        holding.wait(5)
        with session(database) as db:
            messages.say(db, locked(db, code), "worker", "后")
            order.append("后")

    threads = [threading.Thread(target=run) for run in (slow, quick)]
    for thread in threads:
        thread.start()
    holding.wait(5)
    threads[1].join(0.3)  # it would be done by now if it did not wait
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert order == ["先", "后"]
    with session(database) as db:
        assert [m.text for m in db.scalars(select(Message).order_by(Message.id))] == ["先", "后"]


def test_a_ticket_handed_on_is_left_by_who_had_it(database: Engine) -> None:
    lawyer, heir = a_person(database), a_person(database)
    dispatcher = a_person(database, Role.DISPATCHER)
    code = a_ticket(database).code
    take_step(code, "claim", lawyer, bind=database)
    take_step(code, "hand_over", dispatcher, Told(assignee=heir.staff_id, reason="请假"), database)
    with session(database) as db:
        messages.may_join(locked(db, code), heir)
        with pytest.raises(NotAllowed):
            messages.may_join(locked(db, code), lawyer)
