"""Notifications: written with their change, sent at least once, on SQLite and PostgreSQL, to a real server."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from channels import senders
from referrals import outbox
from referrals.models import Outgoing, Ticket
from referrals.outbox import FIRST_PAUSE, LEASE, LONGEST_PAUSE, TRIES, Letter, NeverDelivered, NotDelivered, deliver
from referrals.store import session
from tests.receiver import SILENCE, Receiver, receiving
from tests.referrals.desk import a_ticket


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as receiver:
        monkeypatch.setenv("FAZHU_WEBHOOK", receiver.url)
        monkeypatch.setenv("FAZHU_HOOK_SECRET", "secret")
        yield receiver


HOOK = {"webhook": partial(senders.to_hook, "FAZHU_WEBHOOK")}


def write(database: Engine, **payload: Any) -> None:
    with session(database) as db:
        outbox.post(db, "webhook", None, **payload)


def the_letter(database: Engine) -> Outgoing:
    with session(database) as db:
        return db.scalars(select(Outgoing)).one()


def make_due(database: Engine) -> None:
    """As if the pause were over."""
    with session(database) as db:
        db.execute(update(Outgoing).values(next_try=datetime.now(UTC) - timedelta(seconds=1)))


def test_a_letter_is_sent_once_and_kept_as_sent(database: Engine, receiver: Receiver) -> None:
    write(database, event="received")
    assert deliver(HOOK, database) == 1
    assert deliver(HOOK, database) == 0
    letter = the_letter(database)
    assert letter.sent_at and letter.tries == 1 and letter.error == ""
    assert [json.loads(body)["id"] for _, body in receiver.received] == [letter.id]


def test_what_is_rolled_back_is_never_sent(database: Engine, receiver: Receiver) -> None:
    with pytest.raises(RuntimeError), session(database) as db:
        outbox.post(db, "webhook", None, event="received")
        raise RuntimeError
    assert deliver(HOOK, database) == 0 and not receiver.received


def test_letters_go_out_in_order_and_only_of_the_kinds_there_are_senders_for(
    database: Engine, receiver: Receiver
) -> None:
    for number in range(3):
        write(database, number=number)
    with session(database) as db:
        outbox.post(db, "sms", None, text="另一种")
    assert deliver(HOOK, database) == 3
    assert [json.loads(body)["number"] for _, body in receiver.received] == [0, 1, 2]
    with session(database) as db:
        assert outbox.waiting(db) == 1


def test_a_sender_learns_which_ticket_a_letter_is_of(database: Engine) -> None:
    code = a_ticket(database).code
    with session(database) as db:
        ticket = db.scalars(select(Ticket).filter_by(code=code)).one()
        outbox.post(db, "webhook", ticket, event="received")
    letters: list[Letter] = []
    deliver({"webhook": letters.append}, database)
    assert [letter.ticket_id for letter in letters] == [ticket.id]


def test_a_failed_letter_is_tried_again_later_with_the_same_id(database: Engine, receiver: Receiver) -> None:
    receiver.answers = [500]
    write(database, event="received")
    before = datetime.now(UTC)
    assert deliver(HOOK, database) == 0
    letter = the_letter(database)
    assert letter.error == "HTTP 500" and letter.sent_at is None and letter.next_try >= before + FIRST_PAUSE
    assert deliver(HOOK, database) == 0 and len(receiver.received) == 1  # not before its time
    make_due(database)
    assert deliver(HOOK, database) == 1
    first, second = (json.loads(body) for _, body in receiver.received)
    assert first == second
    assert the_letter(database).error == ""


def test_a_receiver_that_does_not_answer_is_given_up(
    database: Engine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "HOOK_PATIENCE", 0.3)
    receiver.answers = [SILENCE]
    write(database, event="received")
    assert deliver(HOOK, database) == 0
    assert the_letter(database).error == "ReadTimeout"
    make_due(database)
    assert deliver(HOOK, database) == 1


def test_one_bad_letter_does_not_hold_up_the_others(database: Engine, receiver: Receiver) -> None:
    receiver.answers = [503]
    write(database, number=0)
    write(database, number=1)
    assert deliver(HOOK, database) == 1


def test_what_can_never_be_delivered_is_dead_at_once_and_says_why(database: Engine) -> None:
    def refuses(_: Letter) -> None:
        raise NeverDelivered("nobody there")

    write(database, event="received")
    assert deliver({"webhook": refuses}, database) == 0
    with session(database) as db:
        assert [(row.error, row.tries) for row in outbox.dead(db)] == [("nobody there", 1)]


def test_pauses_double_up_to_an_hour_then_the_letter_is_dead_and_can_be_sent_again(
    database: Engine, receiver: Receiver
) -> None:
    receiver.answers = [500] * TRIES
    write(database, event="received")
    pauses = []
    for _ in range(TRIES):
        make_due(database)
        before = datetime.now(UTC)
        deliver(HOOK, database)
        pauses.append((the_letter(database).next_try - before) // timedelta(seconds=15))
    assert pauses == [min(2**tried, LONGEST_PAUSE // FIRST_PAUSE) for tried in range(TRIES)]
    make_due(database)
    assert deliver(HOOK, database) == 0 and len(receiver.received) == TRIES
    with session(database) as db:
        assert [row.error for row in outbox.dead(db)] == ["HTTP 500"] and outbox.waiting(db) == 0
        assert outbox.given_up(db) == 1
        outbox.send_again(db, outbox.dead(db)[0].id)
    with session(database) as db:
        assert not outbox.dead(db) and outbox.given_up(db) == 0 and outbox.waiting(db) == 1
    assert deliver(HOOK, database) == 1
    assert len({json.loads(body)["id"] for _, body in receiver.received}) == 1


def test_only_dead_letters_are_sent_again(database: Engine, receiver: Receiver) -> None:
    write(database, event="received")
    deliver(HOOK, database)
    with session(database) as db:
        outbox.send_again(db, the_letter_id := db.scalars(select(Outgoing.id)).one())
        outbox.send_again(db, the_letter_id + 1)  # nor any that are not there
    assert deliver(HOOK, database) == 0


def test_a_sender_that_died_loses_nothing(database: Engine, receiver: Receiver) -> None:
    """Its letter is leased for a while, then somebody else sends it."""

    def dies(letter: Letter) -> None:
        raise KeyboardInterrupt

    write(database, event="received")
    before = datetime.now(UTC)
    with pytest.raises(KeyboardInterrupt):
        deliver({"webhook": dies}, database)
    letter = the_letter(database)
    assert letter.sent_at is None and letter.next_try >= before + LEASE
    assert deliver(HOOK, database) == 0
    make_due(database)
    assert deliver(HOOK, database) == 1


@pytest.mark.parametrize(
    ("error", "kept"), [(ValueError("13000000000"), "ValueError"), (NotDelivered("HTTP 400"), "HTTP 400")]
)
def test_nothing_personal_is_kept_of_an_error(database: Engine, error: Exception, kept: str) -> None:
    def fails(letter: Letter) -> None:
        raise error

    write(database, phone="13000000000")
    deliver({"webhook": fails}, database)
    assert the_letter(database).error == kept


def test_several_deliverers_at_once_send_each_letter_once(database: Engine, receiver: Receiver) -> None:
    for number in range(20):
        write(database, number=number)
    threads = [threading.Thread(target=deliver, args=(HOOK, database)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deliver(HOOK, database)  # who found its turn taken stopped early
    assert sorted(json.loads(body)["number"] for _, body in receiver.received) == list(range(20))


def test_the_words_of_a_letter_are_not_readable_in_the_database(database: Engine) -> None:
    write(database, phone="13000000000")
    with database.connect() as raw:
        assert "13000000000" not in str(raw.exec_driver_sql("SELECT * FROM outbox").all())
