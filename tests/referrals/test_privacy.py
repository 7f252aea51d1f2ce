"""What a citizen may know and have deleted, and the record of who looked."""

import json

import pytest
from sqlalchemy import Engine, inspect, select

from referrals import audit, privacy
from referrals.errors import IllegalStep, TicketNotFound, TooManyTries
from referrals.models import OPEN, AuditEntry, Outgoing, Rating, Status, Ticket
from referrals.roles import Role
from referrals.store import session
from referrals.tickets import look_up, rate
from referrals.work import Told, take_step
from tests.referrals.desk import a_person, a_ticket
from tests.referrals.full import WORDS, a_full_ticket, anywhere, archive, undeletable


def test_every_look_is_recorded(database: Engine) -> None:
    receipt, supervisor = a_ticket(database), a_person(database, Role.SUPERVISOR)
    with session(database) as db:
        ticket = db.scalar(select(Ticket))
        assert ticket
        privacy.looked(db, supervisor, ticket, "ticket")
    with session(database) as db:
        entry = db.scalar(select(AuditEntry).filter_by(action="look"))
        assert entry and (entry.actor, entry.subject) == (str(supervisor), receipt.code)
        assert json.loads(entry.details) == {"what": "ticket"}


def test_the_export_holds_everything_and_is_json(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    told = json.loads(json.dumps(privacy.export(receipt.code, receipt.pin, database)))
    for title in ("称呼", "事情经过", "对方", "机器整理的摘要", "法律援助预审", "登记前的对话", "答复"):
        assert told["工单"][title] == WORDS
    assert told["工单"]["电话"] == "13000000000" and told["工单"]["状态"] == "已回复"
    assert [line["谁"] for line in told["消息"]] == ["您", "工作人员"]
    assert told["材料"][0]["文件名"] == f"{WORDS}.txt" and told["材料"][0]["字节"] == len(WORDS.encode())
    assert told["评价"]["评价"] == "非常不满意" and told["评价"]["留言"] == WORDS
    assert told["内部备注条数"] == 1
    assert len(told["经过"]) == 5
    assert receipt.pin not in json.dumps(told)


def test_every_column_of_a_ticket_is_told_or_left_out_on_purpose() -> None:
    """A column added later fails here until somebody decides."""
    columns = {column.name for column in inspect(Ticket).columns}
    assert columns == privacy.FIELDS.keys() | privacy._NOT_TOLD
    assert privacy.BLANK.keys() <= columns


def test_a_wrong_pin_gets_and_deletes_nothing_and_is_counted(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    wrong = "000000" if receipt.pin != "000000" else "000001"
    before = anywhere(database)
    for call in (privacy.export, privacy.erase, privacy.export, privacy.erase, privacy.export):
        with pytest.raises(TicketNotFound):
            call(receipt.code, wrong, database)
    with pytest.raises(TooManyTries):
        privacy.erase(receipt.code, receipt.pin, database)
    assert anywhere(database) == before


@pytest.mark.parametrize("answered", [False, True], ids=["open", "answered"])
def test_nothing_personal_is_left_after_deletion(database: Engine, answered: bool) -> None:
    receipt, _ = a_full_ticket(database, answered)
    other, _ = a_full_ticket(database, answered)
    assert {"tickets", "messages", "notes", "ticket_files", "ticket_events", "outbox"} <= anywhere(database)
    privacy.erase(other.code, other.pin, database)
    privacy.erase(receipt.code, receipt.pin, database)
    assert anywhere(database) == set()
    assert anywhere(database, "13000000000") == set()
    assert audit.verify(database).broken is None


def test_another_ticket_keeps_its_contents(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    other, _ = a_full_ticket(database)
    with session(database) as db:
        id = db.scalar(select(Ticket.id).filter_by(code=other.code)) or 0
        before = privacy.held(db, [id])
    privacy.erase(receipt.code, receipt.pin, database)
    with session(database) as db:
        assert privacy.held(db, [id]) == before and before["messages"] == 2


def test_figures_stay_and_the_citizen_sees_what_happened(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    with session(database) as db:
        before = db.execute(select(Ticket.topic, Ticket.service, Ticket.created_at, Ticket.replied_at)).one()
    privacy.erase(receipt.code, receipt.pin, database)
    with session(database) as db:
        assert db.execute(select(Ticket.topic, Ticket.service, Ticket.created_at, Ticket.replied_at)).one() == before
        assert db.scalar(select(Rating.grade)) == 1
        ticket = db.scalar(select(Ticket))
        assert ticket and ticket.purged_at and ticket.contact_name == "已删除" and ticket.phone_key is None
    seen = look_up(receipt.code, receipt.pin, database)
    assert [note for _, _, note in seen.events] == ["内容已按您的要求删除。"]


@pytest.mark.parametrize("answered", [False, True], ids=["open", "answered"])
def test_a_deleted_ticket_is_over_for_good(database: Engine, answered: bool) -> None:
    receipt, _ = a_full_ticket(database, answered)
    privacy.erase(receipt.code, receipt.pin, database)
    privacy.erase(receipt.code, receipt.pin, database)  # asked twice
    assert look_up(receipt.code, receipt.pin, database).status is Status.ARCHIVED
    with pytest.raises(IllegalStep):
        take_step(receipt.code, "reopen", a_person(database, Role.SUPERVISOR), Told(reason="再办"), database)
    with pytest.raises(IllegalStep):
        rate(receipt.code, 5, "很好", database)
    with session(database) as db:
        assert len(db.scalars(select(AuditEntry).filter_by(action="erase")).all()) == 1
        withdrawn = db.scalar(select(AuditEntry).filter_by(action="withdraw"))
        assert bool(withdrawn) is not answered


def test_other_systems_still_hear_of_the_withdrawal(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_WEBHOOK", "http://127.0.0.1:9/")
    receipt, _ = a_full_ticket(database, answered=False)
    privacy.erase(receipt.code, receipt.pin, database)
    with session(database) as db:
        rows = db.scalars(select(Outgoing).order_by(Outgoing.id)).all()
        assert {row.kind for row in rows} == {"webhook"}
        assert "withdraw" in [json.loads(row.payload)["event"] for row in rows]


def test_an_archived_ticket_can_be_deleted_too(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    archive(database, receipt.code)
    privacy.erase(receipt.code, receipt.pin, database)
    assert anywhere(database) == set()


def test_what_cannot_be_deleted_is_an_error_and_nothing_changes(database: Engine) -> None:
    receipt, _ = a_full_ticket(database)
    with undeletable(database, "messages"):
        with pytest.raises(privacy.NotErased, match="messages"):
            privacy.erase(receipt.code, receipt.pin, database)
        assert look_up(receipt.code, receipt.pin, database).status not in OPEN
        assert "tickets" in anywhere(database)
