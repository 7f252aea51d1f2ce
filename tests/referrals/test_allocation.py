"""Who gets a ticket, on SQLite and PostgreSQL."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from referrals import allocation, audit
from referrals.allocation import Allocated, Tried, allocate, give_each, suggest, try_each_again, weigh
from referrals.lifecycle import SYSTEM, Actor
from referrals.models import AuditEntry, Client, Leave, Outgoing, Staff, Status, Ticket, TicketEvent
from referrals.roles import Role
from referrals.store import session
from referrals.work import Told, locked, take_step
from referrals.worktime import PLACE_TIME
from tests.referrals.desk import a_person, a_ticket
from tests.services import ROOT

THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=PLACE_TIME)
EVENING = datetime(2026, 11, 26, 21, 0, tzinfo=PLACE_TIME)


def change(database: Engine, code: str, **fields: Any) -> None:
    with session(database) as db:
        db.execute(update(Ticket).filter_by(code=code).values(**fields))


def against(database: Engine, code: str, person: Actor, now: datetime = THURSDAY) -> tuple[str, ...]:
    with session(database) as db:
        everybody = weigh(db, locked(db, code), now)
        return next(w.reasons_against for w in everybody if w.person.id == person.staff_id)


def test_who_suits_in_everything_has_nothing_against_them(database: Engine) -> None:
    lawyer = a_person(
        database, districts=["泰山区"], languages=["手语"], certificates=["律师执业证"], topics=["刑事辩护"]
    )
    code = a_ticket(database, topic="刑事辩护").code
    change(database, code, language="手语")
    assert against(database, code, lawyer) == ()
    assert allocate(database, THURSDAY) == Allocated(code, lawyer.staff_id)


@pytest.mark.parametrize(
    ("person", "ticket", "reason"),
    [
        ({"service": "mediation"}, {}, "服务类别不是律师咨询"),
        ({"active": False}, {}, "账号已停用"),
        ({"role": Role.DISPATCHER, "service": "lawyer"}, {}, "不是承办人"),
        ({"districts": ["新泰市", "宁阳县"]}, {}, "不负责泰山区"),
        ({"languages": ["维吾尔语"]}, {"language": "手语"}, "不会手语"),
        ({"languages": []}, {"language": "手语"}, "不会手语"),
        ({"certificates": ["法律职业资格证"]}, {"topic": "刑事辩护"}, "没有律师执业证"),
        ({"capacity": 0}, {}, "在办工单已满"),
    ],
)
def test_one_thing_against_somebody_rules_them_out(
    database: Engine, person: dict[str, Any], ticket: dict[str, Any], reason: str
) -> None:
    somebody = a_person(database, **person)
    code = a_ticket(database).code
    if ticket:
        change(database, code, **ticket)
    assert against(database, code, somebody) == (reason,)
    assert allocate(database, THURSDAY) == Allocated(code, None)


def test_citizens_from_elsewhere_are_everybodys(database: Engine) -> None:
    lawyer = a_person(database, districts=["新泰市"])
    code = a_ticket(database).code
    change(database, code, district="外地")
    assert against(database, code, lawyer) == ()


def test_a_certificate_rule_for_no_topic_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "allocation.yml").write_text("certificates: [{topic: 刑事, needs: 律师执业证}]", encoding="utf-8")
    monkeypatch.setattr(allocation, "SETTINGS", tmp_path / "allocation.yml")
    with pytest.raises(ValueError, match=r"allocation\.yml.*刑事.*slug"):
        allocation._rules.__wrapped__()


@pytest.mark.parametrize(("first", "last", "away"), [(25, 27, True), (26, 26, True), (27, 30, False), (20, 25, False)])
def test_nobody_on_leave_gets_a_ticket(database: Engine, first: int, last: int, away: bool) -> None:
    lawyer = a_person(database)
    with session(database) as db:
        db.add(Leave(staff_id=lawyer.staff_id, first=date(2026, 11, first), last=date(2026, 11, last)))
    assert against(database, a_ticket(database).code, lawyer) == (("当天休假",) if away else ())


def test_a_leave_ends_with_the_places_day_not_with_utcs(database: Engine) -> None:
    lawyer = a_person(database)
    with session(database) as db:
        db.add(Leave(staff_id=lawyer.staff_id, first=date(2026, 11, 26), last=date(2026, 11, 26)))
    code = a_ticket(database).code
    assert against(database, code, lawyer, datetime(2026, 11, 25, 17, 0, tzinfo=UTC)) == ("当天休假",)
    assert against(database, code, lawyer, datetime(2026, 11, 26, 17, 0, tzinfo=UTC)) == ()


def test_who_gave_it_back_does_not_get_it_again(database: Engine) -> None:
    lawyer, other = a_person(database), a_person(database)
    code = a_ticket(database).code
    take_step(code, "assign", SYSTEM, Told(assignee=lawyer.staff_id), database)
    take_step(code, "return", lawyer, Told(reason="不是我的专长"), database)
    assert against(database, code, lawyer) == ("退回过这个工单",)
    assert allocate(database, THURSDAY) == Allocated(code, other.staff_id)


@pytest.mark.parametrize("where", ["opponent", "matter", "transcript"])
@pytest.mark.parametrize(
    ("client", "words", "conflict"),
    [
        ("测试甲公司", "告测试甲公司拖欠工资", True),
        ("TEST 公司", "和 test公司 签的合同", True),  # spaces and case are written as one likes
        ("测", "测试一下", False),  # one character is no name
        ("测试乙公司", "告测试甲公司", False),
    ],
)
def test_nobody_works_against_their_own_client(
    database: Engine, where: str, client: str, words: str, conflict: bool
) -> None:
    lawyer = a_person(database)
    with session(database) as db:
        db.add(Client(staff_id=lawyer.staff_id, name=client))
    code = a_ticket(database).code
    change(database, code, **{where: words})
    assert against(database, code, lawyer) == (("可能有利益冲突",) if conflict else ())


def test_answered_tickets_take_no_room(database: Engine) -> None:
    lawyer = a_person(database, capacity=1)
    first = a_ticket(database).code
    assert allocate(database, THURSDAY) == Allocated(first, lawyer.staff_id)
    second = a_ticket(database).code
    assert against(database, second, lawyer) == ("在办工单已满",)
    take_step(first, "accept", lawyer, bind=database)
    take_step(first, "reply", lawyer, Told(note="请看法条"), database)
    assert allocate(database, THURSDAY) == Allocated(second, lawyer.staff_id)


def test_urgent_tickets_go_first_and_the_oldest_of_them(database: Engine) -> None:
    a_person(database)
    codes = [a_ticket(database).code, a_ticket(database, urgent=True).code, a_ticket(database, urgent=True).code]
    change(database, codes[2], created_at=THURSDAY - timedelta(days=1))
    given = [allocate(database, THURSDAY) for _ in range(4)]
    assert [done.code if done else None for done in given] == [codes[2], codes[1], codes[0], None]


def test_after_hours_only_urgent_tickets_are_given(database: Engine) -> None:
    lawyer = a_person(database)
    ordinary, urgent = a_ticket(database).code, a_ticket(database, urgent=True).code
    assert allocate(database, EVENING) == Allocated(urgent, lawyer.staff_id)
    assert allocate(database, EVENING) is None
    assert allocate(database, THURSDAY) == Allocated(ordinary, lawyer.staff_id)


def test_nobody_fits_is_told_once_with_the_reasons(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_SMTP_URL", "smtp://mail.example?from=fazhu@mail.example")
    a_person(database, Role.DISPATCHER, email="dispatcher@mail.example")
    a_person(database, capacity=0), a_person(database, capacity=0, districts=["宁阳县"])
    code = a_ticket(database).code
    assert allocate(database, THURSDAY) == Allocated(code, None)
    assert allocate(database, THURSDAY) is None
    with session(database) as db:
        ticket = db.scalar(select(Ticket))
        assert ticket and ticket.needs_dispatcher and ticket.status == Status.RECEIVED
        said = ticket.events[-1]
        assert said.remark == "律师咨询 2 人都不合适，请人工分派：在办工单已满 2 人、不负责泰山区 1 人。"
        assert said.note == ""  # not the citizen's business
        (mail,) = db.scalars(select(Outgoing).filter_by(kind="email"))
        assert code in json.loads(mail.payload)["subject"]


def chosen(database: Engine, **ticket: Any) -> int | None:
    a_ticket(database, **ticket)
    done = allocate(database, THURSDAY)
    return done.staff_id if done else None


def test_skill_comes_before_load(database: Engine) -> None:
    a_person(database, topics=["债权债务"])
    skilled = a_person(database, topics=["劳动纠纷"])
    given = [chosen(database, topic="劳动纠纷") for _ in range(3)]
    assert given == [skilled.staff_id] * 3


def test_then_the_lower_load_by_capacity(database: Engine) -> None:
    small, large = a_person(database, capacity=2), a_person(database, capacity=8)
    given = Counter(chosen(database) for _ in range(5))
    assert given == {small.staff_id: 1, large.staff_id: 4}


def test_then_fewer_in_the_last_thirty_days(database: Engine) -> None:
    busy, idle = a_person(database), a_person(database)
    done = a_ticket(database).code
    change(database, done, status=Status.REPLIED, assignee_id=busy.staff_id, assigned_at=THURSDAY - timedelta(days=29))
    assert chosen(database) == idle.staff_id
    change(database, done, assigned_at=THURSDAY - timedelta(days=31))
    with session(database) as db:  # long ago counts no more: now the other one has more
        db.execute(update(Ticket).values(status=Status.REPLIED))
    assert chosen(database) == busy.staff_id


def test_then_who_waited_longest_then_the_first(database: Engine) -> None:
    first, second = a_person(database), a_person(database)
    with session(database) as db:
        db.execute(update(Staff).filter_by(id=first.staff_id).values(last_assigned_at=THURSDAY - timedelta(days=40)))
    assert chosen(database) == second.staff_id  # never given anything
    with session(database) as db:
        db.execute(update(Ticket).values(status=Status.CLOSED))
        db.execute(update(Ticket).values(assigned_at=THURSDAY - timedelta(days=60)))
        db.execute(update(Staff).values(last_assigned_at=THURSDAY))
    assert chosen(database) == first.staff_id


def test_the_choice_explains_itself_to_staff_and_in_the_audit_trail(database: Engine) -> None:
    lawyer = a_person(database, name="测试律师", topics=["劳动纠纷"], capacity=4)
    a_person(database)
    a_ticket(database, topic="劳动纠纷"), a_ticket(database, topic="劳动纠纷")
    allocate(database, THURSDAY)
    allocate(database, THURSDAY)
    with session(database) as db:
        event = db.scalars(select(TicketEvent).filter_by(step="assign").order_by(TicketEvent.id)).all()[-1]
        assert event.remark == (
            "系统分派给测试律师：擅长劳动纠纷，在办 1/4 件，近 30 天 1 件；可办的 2 人里按专长、负荷、轮次排在最前。"
        )
        assert "测试律师" not in event.note
        entry = db.scalars(select(AuditEntry).filter_by(action="allocate").order_by(AuditEntry.seq)).all()[-1]
        assert json.loads(entry.details) == {
            "staff": lawyer.staff_id, "skilled": True, "load": 1, "recent": 1, "capacity": 4, "fitting": 2,
        }  # fmt: skip
    assert audit.verify(database).broken is None


def test_a_dispatcher_sees_everybody_with_the_reasons_and_nothing_is_written(database: Engine) -> None:
    full, fits, mediator = a_person(database, capacity=0), a_person(database), a_person(database, service="mediation")
    a_person(database, Role.RECEPTION), a_person(database, active=False)
    code = a_ticket(database).code
    with session(database) as db:
        before = db.scalar(select(func.count()).select_from(AuditEntry))
        seen = suggest(db, locked(db, code))
        assert not db.dirty and not db.new
        assert db.scalar(select(func.count()).select_from(AuditEntry)) == before
    assert [(w.person.id, w.reasons_against) for w in seen] == [
        (fits.staff_id, ()), (full.staff_id, ("在办工单已满",)), (mediator.staff_id, ("服务类别不是律师咨询",)),
    ]  # fmt: skip


def said(tried: list[Tried]) -> list[str]:
    return [one.refused for one in tried]


def test_several_tickets_are_given_to_one_person_and_each_refusal_says_why(database: Engine) -> None:
    dispatcher, lawyer, other = a_person(database, Role.DISPATCHER), a_person(database, capacity=2), a_person(database)
    free, second, third, taken = (a_ticket(database).code for _ in range(4))
    foreign = a_ticket(database, service="mediation").code
    take_step(taken, "claim", other, bind=database)
    told = Told(assignee=lawyer.staff_id)
    tried = give_each([free, taken, foreign, "370900-1", second, third, free], dispatcher, told, database)
    assert said(tried) == [
        "", "请写明理由。", "服务类别不是人民调解。确要这样分派，请打开工单办理。", "没有这个工单。", "",
        "在办工单已满。确要这样分派，请打开工单办理。", "已经在这位承办人名下。",
    ]  # fmt: skip
    with session(database) as db:
        held = set(db.scalars(select(Ticket.code).filter_by(assignee_id=lawyer.staff_id)))
    assert held == {free, second}
    assert audit.verify(database).broken is None


def test_what_somebody_has_is_handed_over_with_a_reason(database: Engine) -> None:
    supervisor, lawyer, other = a_person(database, Role.SUPERVISOR), a_person(database), a_person(database)
    code = a_ticket(database).code
    take_step(code, "claim", other, bind=database)
    told = Told(assignee=lawyer.staff_id, reason="去培训了")
    assert said(give_each([code], supervisor, told, database)) == [""]
    with session(database) as db:
        ticket = locked(db, code)
        assert (ticket.status, ticket.assignee_id, ticket.events[-1].remark) == (
            "assigned",
            lawyer.staff_id,
            "去培训了",
        )


def test_only_dispatchers_and_supervisors_give_tickets_out(database: Engine) -> None:
    lawyer = a_person(database)
    stuck = a_ticket(database).code
    change(database, stuck, needs_dispatcher=True)
    for role in (Role.WORKER, Role.RECEPTION):
        somebody = a_person(database, role)
        assert (
            "由分派员、督办、系统办理"
            in said(give_each([stuck], somebody, Told(assignee=lawyer.staff_id), database))[0]
        )
        assert "由分派员、督办、系统办理" in said(try_each_again([stuck], somebody, database))[0]


def test_the_system_tries_again_what_a_dispatcher_picks(database: Engine) -> None:
    dispatcher, code, never_tried = (
        a_person(database, Role.DISPATCHER),
        a_ticket(database).code,
        a_ticket(database).code,
    )
    change(database, code, needs_dispatcher=True)
    assert said(try_each_again([code, never_tried], dispatcher, database)) == [
        "还是没有合适的承办人。",
        "没有在等人工分派。",
    ]
    lawyer = a_person(database)
    assert said(try_each_again([code], dispatcher, database)) == [""]
    with session(database) as db:
        assert locked(db, code).assignee_id == lawyer.staff_id
        actions = list(db.scalars(select(AuditEntry.action).filter_by(subject=code).order_by(AuditEntry.seq)))
    assert actions[-3:] == ["assign", "allocate", "ask_allocation"]


def answer(database: Engine, code: str) -> None:
    change(database, code, status=Status.REPLIED)


def leave_open(database: Engine, code: str) -> None:
    """Nobody gets round to it."""


@pytest.mark.parametrize("then", [leave_open, answer])
def test_two_hundred_tickets_are_shared_out_by_capacity(database: Engine, then: Callable[[Engine, str], None]) -> None:
    """Whether they pile up or are answered at once: a fair share is one's part of all the capacity."""
    people = {a_person(database, capacity=capacity).staff_id: capacity for capacity in (20, 40, 60, 80, 200)}
    for _ in range(200):
        a_ticket(database)
    given: Counter[int] = Counter()
    while done := allocate(database, THURSDAY):
        assert done.staff_id is not None
        given[done.staff_id] += 1
        then(database, done.code)
    assert given.total() == 200
    for id, capacity in people.items():
        assert id is not None and abs(given[id] - capacity / 2) <= 1


def at_once(database: Engine, number: int) -> list[list[tuple[str, int | None]]]:
    """What the first and then each of so many processes gave out that began together."""
    url = database.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", "tests.referrals.allocators", url, str(number), THURSDAY.isoformat()]
    ran = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found: list[list[tuple[str, int | None]]] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_fifty_processes_at_once_assign_nothing_twice_and_overfill_nobody(database: Engine) -> None:
    capacities = {a_person(database, capacity=capacity).staff_id: capacity for capacity in range(1, 8)}
    tickets = sum(capacities.values()) + 5
    for _ in range(tickets):
        a_ticket(database)
    given = at_once(database, 50)
    done = [one for found in given for one in found]
    assert len(given) == 51 and sum(map(bool, given)) > 10  # they were at it together
    assert len({code for code, _ in done}) == len(done) == tickets
    assert Counter(staff_id for _, staff_id in done) == {**capacities, None: 5}
    with session(database) as db:
        once = select(TicketEvent.ticket_id).filter_by(step="assign").group_by(TicketEvent.ticket_id)
        assert set(db.scalars(once.with_only_columns(func.count()))) == {1}
        loads = db.execute(select(Ticket.assignee_id, func.count()).group_by(Ticket.assignee_id)).all()
        assert {id: number for id, number in loads if id} == capacities
    assert audit.verify(database).broken is None
