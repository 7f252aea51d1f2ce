"""A ticket on which everything personal that can be is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine, select

from referrals import files, messages, reach
from referrals.lifecycle import CITIZEN, Actor
from referrals.models import Base, Note, Ticket
from referrals.roles import Role
from referrals.store import session
from referrals.tickets import Receipt, rate
from referrals.work import Told, take_step
from tests.referrals.desk import a_person, a_ticket

WORDS = "欧阳铁柱的秘密"  # stands in every field a person writes


def a_full_ticket(database: Engine, answered: bool = True) -> tuple[Receipt, Actor]:
    """The ticket and the lawyer in charge of it; ``answered`` ones are replied to and judged."""
    lawyer = a_person(database)
    receipt = a_ticket(database, transcript=WORDS, summary=WORDS, aid_check=WORDS)
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "ask_citizen", lawyer, Told(note=WORDS), database)
    with session(database) as db:
        ticket = db.scalar(select(Ticket).filter_by(code=receipt.code))
        assert ticket
        ticket.contact_name, ticket.matter, ticket.opponent, ticket.language = WORDS, WORDS, WORDS, "手语"
        ticket.citations = [{"law": "民法典", "article": 1079}]
        reach.heard(db, ticket.conversation, "wechat", WORDS)
        messages.say(db, ticket, messages.CITIZEN, WORDS)
        messages.say(db, ticket, messages.WORKER, WORDS, lawyer.staff_id)
        assert lawyer.staff_id
        db.add(Note(ticket_id=ticket.id, staff_id=lawyer.staff_id, at=datetime.now(UTC), text=WORDS))
        files.put(db, ticket, lawyer, f"{WORDS}.txt", WORDS.encode())
    take_step(receipt.code, "urge", CITIZEN, Told(reason=WORDS), database)
    if answered:
        take_step(receipt.code, "reply", lawyer, Told(note=WORDS), database)
        rate(receipt.code, 1, WORDS, database)
    return receipt, lawyer


def archive(database: Engine, code: str) -> None:
    supervisor = a_person(database, Role.SUPERVISOR)
    take_step(code, "close", a_person(database, Role.RECEPTION), bind=database)
    take_step(code, "archive", supervisor, bind=database)


def anywhere(database: Engine, words: str = WORDS) -> set[str]:
    """The tables in which the words stand, decrypted; staff's own tables are not a citizen's."""
    found = set()
    with session(database) as db:
        for table in Base.metadata.sorted_tables:
            if any(words in _plain(value) for row in db.execute(select(table)) for value in row):
                found.add(table.name)
    return found


def _plain(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@contextmanager
def undeletable(database: Engine, table: str) -> Iterator[None]:
    """The database silently keeps what is deleted from ``table``."""
    make, drop = {
        "sqlite": (
            f"CREATE TRIGGER keeps BEFORE DELETE ON {table} BEGIN SELECT RAISE(IGNORE); END",
            "DROP TRIGGER keeps",
        ),
        "postgresql": (
            f"CREATE RULE keeps AS ON DELETE TO {table} DO INSTEAD NOTHING",
            f"DROP RULE keeps ON {table}",
        ),
    }[database.dialect.name]
    with database.begin() as db:
        db.exec_driver_sql(make)
    try:
        yield
    finally:
        with database.begin() as db:
            db.exec_driver_sql(drop)
