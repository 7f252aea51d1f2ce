"""What each role sees, and what is hidden in free text."""

import pytest

from referrals.lifecycle import CITIZEN, SYSTEM, Actor
from referrals.masking import SHORT, View, masked_name, masked_phone, masked_text, seen_by
from referrals.models import Status, Ticket
from referrals.roles import Role

MATTER = "我叫王丽娟，电话13000000000，身份证370902198001011234，老板拖欠工资三个月不给，去要了好几回都说没钱，还把我拉黑了，现在孩子要交学费。"


@pytest.fixture
def ticket() -> Ticket:
    return Ticket(
        assignee_id=7,
        contact_name="王丽娟女士",
        phone="13000000000",
        matter=MATTER,
        opponent="某某建筑公司",
        summary="王丽娟女士（13000000000）说老板欠薪",
        aid_check="月收入两千元",
        transcript="群众：我是王丽娟女士",
        result="可以申请仲裁",
    )


@pytest.mark.parametrize("actor", [Actor(Role.WORKER, 7), Actor(Role.SUPERVISOR, 1)])
def test_the_person_in_charge_and_supervisors_see_everything(ticket: Ticket, actor: Actor) -> None:
    view = seen_by(ticket, actor)
    assert view.whole
    assert (view.name, view.phone, view.matter) == ("王丽娟女士", "13000000000", MATTER)
    assert (view.transcript, view.aid_check, view.result) == ("群众：我是王丽娟女士", "月收入两千元", "可以申请仲裁")


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.RECEPTION])
def test_who_routes_a_ticket_sees_the_matter_but_not_whose(ticket: Ticket, role: Role) -> None:
    view = seen_by(ticket, Actor(role, 7))
    assert (view.name, view.phone, view.matter) == ("王**", "130****0000", MATTER)
    assert view.summary == "王**（[电话]）说老板欠薪"
    assert not view.whole and not view.transcript and not view.aid_check and not view.result


def test_reception_calls_back_who_was_answered(ticket: Ticket) -> None:
    ticket.status = Status.REPLIED
    view = seen_by(ticket, Actor(Role.RECEPTION, 7))
    assert (view.name, view.phone) == ("王丽娟女士", "13000000000")
    assert not view.whole and not view.transcript
    assert seen_by(ticket, Actor(Role.DISPATCHER, 7)).phone == "130****0000"


def test_other_workers_see_the_beginning_of_the_matter_without_the_person(ticket: Ticket) -> None:
    view = seen_by(ticket, Actor(Role.WORKER, 8))
    assert view == View(matter=view.matter)
    assert (
        view.matter.startswith("我叫王**，电话[电话]，身份证[证件号]，老板拖欠工资") and len(view.matter) == SHORT + 1
    )


def test_a_worker_sees_nothing_more_of_a_ticket_that_is_nobodys(ticket: Ticket) -> None:
    ticket.assignee_id = None
    assert not seen_by(ticket, Actor(Role.WORKER, None)).whole


def test_a_number_at_the_cut_does_not_show_in_part(ticket: Ticket) -> None:
    ticket.matter = "工" * (SHORT - 8) + "13000000000"
    assert "1300" not in seen_by(ticket, Actor(Role.WORKER, 8)).matter


@pytest.mark.parametrize(
    "actor", [Actor(Role.ADMINISTRATOR, 7), Actor(Role.AUDITOR, 7), CITIZEN, SYSTEM], ids=lambda actor: actor.role.value
)
def test_nobody_else_sees_any_contents(ticket: Ticket, actor: Actor) -> None:
    assert seen_by(ticket, actor) == View()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("打13000000000找我", "打[电话]找我"),
        ("打 130 0000 0000 找我", "打 [电话] 找我"),
        ("130-0000-0000", "[电话]"),
        ("+86 13000000000", "[电话]"),
        ("１３０００００００００", "[电话]"),
        ("一三零零零零零零零零零", "[电话]"),
        ("座机0538-6000000", "座机[电话]"),
        ("370902198001011234", "[证件号]"),
        ("37090219800101123x。", "[证件号]。"),
        ("370902 19800101 1234", "[证件号]"),
        ("欠我12000元，2026年1月15日到3月15日", "欠我12000元，2026年1月15日到3月15日"),
        ("合同编号20260115000", "合同编号20260115000"),
        ("三个月一共一万三千元", "三个月一共一万三千元"),
    ],
)
def test_numbers_that_find_a_person_are_hidden_and_others_stay(said: str, shown: str) -> None:
    assert masked_text(said) == shown


def test_the_name_is_hidden_with_and_without_its_title() -> None:
    assert masked_text("王丽娟女士说，王丽娟的孩子", "王丽娟女士") == "王**说，王**的孩子"
    assert masked_text("王某说王女士不在", "王女士") == "王某说王**不在"  # a surname alone is not looked for
    assert masked_text("我想匿名说", "匿名") == "我想匿名说"


@pytest.mark.parametrize(
    ("phone", "shown"), [("05386000000", "053****0000"), ("6000000", "****00"), ("", "")]
)  # fmt: skip
def test_other_phones(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


@pytest.mark.parametrize(("name", "shown"), [("欧阳铁柱", "欧**"), ("匿名", "匿名"), ("已删除", "已删除"), ("", "")])
def test_names(name: str, shown: str) -> None:
    assert masked_name(name) == shown
