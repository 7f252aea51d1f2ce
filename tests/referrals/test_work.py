"""A ticket's way, step by step, on SQLite and PostgreSQL."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from referrals import audit
from referrals.errors import IllegalStep, NotAllowed, TicketNotFound
from referrals.lifecycle import CITIZEN, STEPS, SYSTEM, Actor, check, open_to
from referrals.models import Clock, Note, Outgoing, Status, Ticket
from referrals.roles import Role
from referrals.store import session
from referrals.tickets import look_up
from referrals.work import Told, locked, note, take_step
from tests.referrals.desk import a_person, a_ticket


def test_the_whole_way(database: Engine) -> None:
    lawyer, reception = a_person(database), a_person(database, Role.RECEPTION)
    receipt = a_ticket(database)
    take_step(receipt.code, "assign", SYSTEM, Told(assignee=lawyer.staff_id), database)
    take_step(receipt.code, "accept", lawyer, bind=database)
    take_step(receipt.code, "start", lawyer, bind=database)
    take_step(receipt.code, "reply", lawyer, Told(note="可以先申请劳动仲裁。"), database)
    take_step(receipt.code, "call_back", reception, Told(reason="群众说清楚了"), database)
    take_step(receipt.code, "close", reception, bind=database)
    assert take_step(receipt.code, "archive", SYSTEM, bind=database) is Status.ARCHIVED
    seen = look_up(receipt.code, receipt.pin, database)
    assert seen.result == "可以先申请劳动仲裁。"
    assert not any("群众说清楚了" in note for _, _, note in seen.events)  # staff's words are not the citizen's
    assert audit.verify(database).broken is None


def test_only_the_assignee_works_on_a_ticket(database: Engine) -> None:
    lawyer, other = a_person(database), a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    with pytest.raises(NotAllowed, match="不在您名下"):
        take_step(receipt.code, "reply", other, Told(note="我来答"), database)
    with pytest.raises(IllegalStep, match="已签收"):
        take_step(receipt.code, "claim", other, bind=database)


def test_a_claim_needs_the_service(database: Engine) -> None:
    mediator = a_person(database, service="mediation")
    with pytest.raises(NotAllowed, match="律师咨询"):
        take_step(a_ticket(database).code, "claim", mediator, bind=database)


def test_what_is_missing_is_named_and_nothing_changes(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    with pytest.raises(IllegalStep, match="理由"):
        take_step(receipt.code, "return", lawyer, bind=database)
    assert look_up(receipt.code, receipt.pin, database).status is Status.ACCEPTED
    with pytest.raises(TicketNotFound):
        take_step("370900-20261123-L9999-0", "claim", lawyer, bind=database)


def test_who_gave_it_back_is_remembered(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "return", lawyer, Told(reason="不是我的专长"), database)
    with session(database) as db:
        ticket = db.scalar(select(Ticket))
        assert ticket and (ticket.status, ticket.assignee_id, ticket.declined) == ("received", None, [lawyer.staff_id])


def test_waiting_for_the_citizen_stops_the_clocks(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "ask_citizen", lawyer, Told(note="请说一下哪天入职"), database)
    with session(database) as db:
        resolution = db.scalar(select(Clock).filter_by(kind="resolution"))
        assert resolution and resolution.remaining and resolution.remaining > 0
    take_step(receipt.code, "supplement", CITIZEN, bind=database)
    with session(database) as db:
        resolution = db.scalar(select(Clock).filter_by(kind="resolution"))
        assert resolution and resolution.remaining is None and resolution.due_at > datetime.now(UTC)


def test_a_transfer_carries_the_resolution_on(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)

    def due() -> datetime:
        with session(database) as db:
            clock = db.scalar(select(Clock).filter_by(kind="resolution"))
            assert clock
            return clock.due_at

    before = due()
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "transfer", lawyer, Told(service="mediation", reason="更适合调解"), database)
    assert due() == before


def test_an_extension_is_asked_and_granted(database: Engine) -> None:
    lawyer, supervisor = a_person(database), a_person(database, Role.SUPERVISOR)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    with pytest.raises(IllegalStep, match="没有待批准"):
        take_step(receipt.code, "grant_extension", supervisor, bind=database)
    with pytest.raises(IllegalStep, match="工作日"):
        take_step(receipt.code, "ask_extension", lawyer, Told(days=99, reason="等鉴定"), database)
    take_step(receipt.code, "ask_extension", lawyer, Told(days=5, reason="等鉴定"), database)
    take_step(receipt.code, "grant_extension", supervisor, bind=database)
    assert any("延长 5 个工作日" in note for _, _, note in look_up(receipt.code, receipt.pin, database).events)


def test_a_merged_ticket_points_to_the_other(database: Engine) -> None:
    dispatcher = a_person(database, Role.DISPATCHER)
    first, second = a_ticket(database), a_ticket(database, urgent=True)
    take_step(second.code, "merge", dispatcher, Told(other=first.code, reason="同一个人同一件事"), database)
    seen = look_up(second.code, second.pin, database)
    assert seen.status is Status.CLOSED and first.code in seen.events[-1][2]
    with session(database) as db:
        ticket = db.scalar(select(Ticket).filter_by(code=first.code))
        assert ticket and ticket.urgent
    with pytest.raises(IllegalStep):
        take_step(second.code, "merge", dispatcher, Told(other=second.code, reason="自己"), database)


def test_a_second_matter_gets_a_ticket_of_its_own(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "split", lawyer, Told(note="另外还想离婚", service="mediation"), database)
    with session(database) as db:
        part = db.scalar(select(Ticket).where(Ticket.parent_id.is_not(None)))
        assert part and part.matter == "另外还想离婚" and part.service == "mediation"
    assert look_up(part.code, receipt.pin, database).status is Status.RECEIVED


def test_a_citizen_who_is_not_helped_has_it_done_again(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "reply", lawyer, Told(note="看法条"), database)
    assert take_step(receipt.code, "reopen", CITIZEN, Told(reason="没说清楚"), database) is Status.IN_PROGRESS


def test_every_step_leaves_its_notice_in_the_same_transaction(database: Engine) -> None:
    lawyer = a_person(database)
    receipt = a_ticket(database)
    take_step(receipt.code, "claim", lawyer, bind=database)
    take_step(receipt.code, "reply", lawyer, Told(note="可以申请仲裁。"), database)
    with session(database) as db:
        assert [row.kind for row in db.scalars(select(Outgoing).order_by(Outgoing.id))] == ["citizen", "citizen"]


def test_nothing_is_noted_on_a_ticket_whose_contents_are_deleted(database: Engine) -> None:
    lawyer, code = a_person(database), a_ticket(database).code
    with session(database) as db:
        ticket = locked(db, code)
        note(db, ticket, lawyer, " 问过 12333 ")
        for said in ("", " \n"):
            with pytest.raises(IllegalStep, match="请写下备注"):
                note(db, ticket, lawyer, said)
        ticket.purged_at = datetime.now(UTC)
        with pytest.raises(IllegalStep, match="内容已删除"):
            note(db, ticket, lawyer, "王女士又来过")
    with session(database) as db:
        assert list(db.scalars(select(Note.text))) == ["问过 12333"]


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("role", list(Role))
def test_no_illegal_step_passes(status: Status, role: Role) -> None:
    """Every state × role × step: `check` passes exactly what the table allows."""
    ticket = Ticket(status=status, assignee_id=1, waiting=False, declined=[])
    actor = Actor(role, 1)
    may = {step.name for step in open_to(ticket, actor)}
    for step in STEPS.values():
        allowed = role in step.by and status in step.origins and step.waiting is not True
        assert (step.name in may) is allowed
        if not allowed:
            with pytest.raises((NotAllowed, IllegalStep)):
                check(step, ticket, actor, step.needs)
