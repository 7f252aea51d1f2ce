"""The steps both Rasa's forms and the gateway without Rasa go through."""

from datetime import datetime

import pytest

from actions import referral_steps as steps
from referrals.codes import make_pin, read_code
from referrals.intake import Suggestion
from referrals.store import migrate
from referrals.tickets import Origin
from referrals.worktime import PLACE_TIME

KNOWN = Suggestion("老板拖欠工资三个月", "legal_aid")


def test_from_the_wish_for_a_person_to_the_tickets_status() -> None:
    migrate()
    turn = steps.begin_referral(KNOWN)
    for said in ("同意", "就用刚才说的", "泰山区", "匿名", "不留电话", "法律援助", "提交"):
        assert turn.form is not None
        turn = steps.continue_referral(turn.form, said, KNOWN)
    assert turn.complete and turn.form is None
    reply, ticket = steps.submit(turn.draft, Origin("steps", "1"))
    assert ticket["code"] in reply.text and ticket["status"] == "已受理"
    look = steps.begin_ticket(reply.buttons[0].payload)
    assert look.complete
    status, seen = steps.ticket_status(look.draft, "steps")
    assert seen == ticket
    assert "已受理" in status.text and not status.buttons


def test_a_sure_answer_is_given_in_mid_form_without_leaving_it() -> None:
    turn = steps.begin_referral(KNOWN)
    assert turn.form is not None
    turn = steps.continue_referral(turn.form, "高空抛物砸到人找不到是谁怎么办？", KNOWN)
    assert turn.form is not None and turn.form["requested"] == "consent"
    assert turn.replies[-1].type == "form"
    assert all(not reply.buttons for reply in turn.replies[:-1])


def test_a_question_without_a_sure_answer_waits() -> None:
    turn = steps.begin_referral(KNOWN)
    assert turn.form is not None
    turn = steps.continue_referral(turn.form, "怎么这么麻烦呀？", KNOWN)
    assert turn.replies[0] == steps.LATER


def test_code_and_pin_may_come_one_after_the_other() -> None:
    code = "370900-20261124-L0001-L"
    assert read_code(code)
    turn = steps.begin_ticket("查工单")
    assert turn.form is not None
    turn = steps.continue_ticket(turn.form, code)
    assert turn.form is not None and turn.form["requested"] == "ticket_pin"
    assert steps.continue_ticket(turn.form, make_pin()).complete


def test_a_mistyped_code_is_told_apart_from_none() -> None:
    turn = steps.begin_ticket("370900-20261124-L0001-K")
    assert "抄错" in turn.replies[-1].text


def test_looking_up_can_be_given_up() -> None:
    turn = steps.begin_ticket("查工单")
    assert turn.form is not None
    assert steps.continue_ticket(turn.form, "算了").form is None


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-11-26 09:00", "现在是上班时间"),
        ("2026-11-26 12:30", "预计今天14:00后联系您"),
        ("2026-11-26 20:00", "预计明天08:30后联系您"),
        ("2026-11-27 20:00", "预计11月30日（周一）08:30后联系您"),
    ],
)
def test_the_citizen_is_told_whether_somebody_is_on_duty(now: str, said: str) -> None:
    assert said in steps.when_answered("lawyer", datetime.fromisoformat(now).replace(tzinfo=PLACE_TIME))
