from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from referrals import tickets
from referrals.codes import read_code
from referrals.errors import IncompleteDraft, TicketNotFound, TooManyTries
from referrals.intake import NO_PHONE, Draft
from referrals.models import Base, Status, Ticket
from referrals.store import session
from referrals.tickets import Origin, create, look_up

DRAFT = Draft(True, "老板拖欠工资三个月", "泰山区", "王女士", "13000000000", "legal_aid", True)
ORIGIN = Origin("conversation-1", "turn-7", topic="劳动纠纷", transcript="群众：老板不给钱")


def test_a_ticket_is_found_by_code_and_pin(database: Engine) -> None:
    receipt = create(DRAFT, ORIGIN, database)
    assert read_code(receipt.code) == receipt.code
    found = look_up(receipt.code, receipt.pin, database)
    assert (found.status, found.service, found.district) == (Status.RECEIVED, "legal_aid", "泰山区")
    assert [status for _, status, _ in found.events] == [Status.RECEIVED]


def test_the_same_turn_makes_one_ticket(database: Engine) -> None:
    assert create(DRAFT, ORIGIN, database) == create(DRAFT, ORIGIN, database)
    assert create(DRAFT, replace(ORIGIN, turn="turn-8"), database).code != create(DRAFT, ORIGIN, database).code


def test_many_at_once_each_get_a_ticket_of_their_own(database: Engine) -> None:
    origins = [Origin(f"c{i % 12}", "t") for i in range(24)]  # every conversation tries twice
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda origin: create(DRAFT, origin, database), origins))
    assert len({receipt.code for receipt in receipts}) == 12
    assert all(receipts[i] == receipts[i + 12] for i in range(12))


@pytest.mark.parametrize("missing", ["consent", "confirmed", "matter", "phone"])
def test_without_agreement_or_answers_there_is_no_ticket(database: Engine, missing: str) -> None:
    with pytest.raises(IncompleteDraft):
        create(replace(DRAFT, **{missing: None}), ORIGIN, database)


def test_what_identifies_a_citizen_is_encrypted_at_rest(database: Engine) -> None:
    receipt = create(DRAFT, ORIGIN, database)
    with database.connect() as db:
        row = " ".join(map(str, db.exec_driver_sql("SELECT * FROM tickets").one()))
    for secret in ("王女士", "13000000000", "拖欠", "群众", receipt.pin):
        assert secret not in row
    with session(database) as db:
        ticket = db.query(Ticket).one()
        assert (ticket.contact_name, ticket.phone, ticket.matter) == ("王女士", "13000000000", "老板拖欠工资三个月")


def test_a_phone_that_was_not_given_is_not_kept(database: Engine) -> None:
    create(replace(DRAFT, phone=NO_PHONE), ORIGIN, database)
    with session(database) as db:
        assert db.query(Ticket).one().phone is None


def test_a_wrong_pin_or_code_tells_nothing(database: Engine) -> None:
    receipt = create(DRAFT, ORIGIN, database)
    wrong = "000000" if receipt.pin != "000000" else "000001"
    for code, pin in ((receipt.code, wrong), ("370900-20200101-L0001-X", receipt.pin), (receipt.code, "")):
        with pytest.raises(TicketNotFound, match="no ticket has this code and PIN"):
            look_up(code, pin, database)


def test_five_wrong_pins_lock_the_ticket_for_a_while(database: Engine) -> None:
    receipt = create(DRAFT, ORIGIN, database)
    wrong = "000000" if receipt.pin != "000000" else "000001"
    for _ in range(tickets.WRONG_PINS):
        with pytest.raises(TicketNotFound):
            look_up(receipt.code, wrong, database)
    with pytest.raises(TooManyTries):
        look_up(receipt.code, receipt.pin, database)
    with session(database) as db:
        db.query(Ticket).one().locked_until = datetime.now(UTC) - timedelta(seconds=1)
    assert look_up(receipt.code, receipt.pin, database).code == receipt.code


def test_the_migrations_make_the_tables_the_models_describe(database: Engine) -> None:
    with database.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), Base.metadata) == []
