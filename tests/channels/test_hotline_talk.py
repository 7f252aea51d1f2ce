"""Calls as callers make them, in words and by keys, against the gateway without Rasa."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from channels.hotline import lines
from channels.hotline.call import Phone
from channels.hotline.look_up import code_of
from channels.hotline.numerals import heard_digits, one_by_one
from channels.hotline.wording import spoken
from referrals import broadcasts
from referrals.models import Outgoing, Ticket
from referrals.roles import Role
from referrals.store import engine, session
from tests.channels.hotline import CALLER, a_phone, centre, phone
from tests.referrals.desk import a_person, a_ticket

__all__ = ["centre", "phone"]

BUSY = {"waiting": 3, "seconds": 290, "agent_free": False}
FREE = {"waiting": 0, "seconds": 0, "agent_free": True}
WAGES = "老板拖欠我三个月工资不给怎么办"


def pressed(phone: Phone, keys: str) -> str:
    """One after another; what the last one is answered."""
    for key in keys:
        reply = phone.send("dtmf", digits=key)
    return reply.say


def said(phone: Phone, text: str) -> str:
    return phone.send("speech", text=text, confidence=0.9).say


def newest() -> Ticket:
    with session() as db:
        ticket = db.scalar(select(Ticket).order_by(Ticket.id.desc()))
        assert ticket
        return ticket


class TestStart:
    def test_the_greeting_says_whose_line_it_is_that_a_machine_answers_and_every_key(self, phone: Phone) -> None:
        heard = phone.send("start").say
        for words in ("幺二三四八", "是机器", "查工单按二", "登记回电按三", "转人工按零", "重听按九", "返回按星号"):
            assert words in heard
        assert "排队" not in heard and "等" not in heard, "the platform says nothing of a queue"

    def test_the_queue_is_told_at_once_and_again_when_it_has_changed(self, phone: Phone) -> None:
        assert "大约还要等五分钟" in phone.send("start", queue=BUSY).say
        assert "等" not in phone.send("silence", queue={**BUSY, "seconds": 281}).say
        assert phone.send("silence", queue={**BUSY, "seconds": 170}).say.startswith("人工还在忙，大约还要等三分钟")

    def test_a_free_agent_takes_the_call_at_once_with_what_was_said(self, phone: Phone) -> None:
        phone.send("start", queue=BUSY)
        reply = phone.send("speech", text=WAGES, queue=FREE)
        assert "工资" in reply.say and reply.say.endswith(spoken(lines.AGENT_FREE))
        assert reply.transfer and reply.transfer.to == "agent" and WAGES in reply.transfer.summary
        assert reply.listen is None and not reply.hangup

    def test_notices_are_read_out(self, phone: Phone) -> None:
        person, now = a_person(engine(), Role.SUPERVISOR), datetime.now(UTC)
        with session() as db:
            notice = broadcasts.publish(
                db, person, "元旦1月1日照常值班", now - timedelta(1), now + timedelta(1), ["hotline"]
            )
        try:
            assert "元旦一月一日照常值班。" in phone.send("start").say
        finally:
            with session() as db:
                broadcasts.withdraw(db, person, notice.id)


class TestAnswers:
    @pytest.fixture(autouse=True)
    def begun(self, phone: Phone) -> None:
        phone.send("start")

    def test_an_answer_is_the_one_written_for_a_voice(self, phone: Phone) -> None:
        heard = said(phone, WAGES)
        assert "劳动仲裁" in heard and "幺二三三三" in heard
        assert not re.search(r"[0-9【】·《》（）]|http|点一下", heard)

    def test_choices_are_keys_and_the_key_asks_what_was_read_out(self, phone: Phone) -> None:
        heard = said(phone, "经济补偿金计算")
        first = re.search(r"[。？]([^。？]+)，按一。", heard)
        assert first and "按二" in heard and "转人工按零" in heard
        by_key = phone.send("dtmf", digits="1").say
        said(phone, "经济补偿金计算")
        assert phone.send("speech", text="第一个").say == by_key

    def test_a_long_answer_is_said_in_portions(self, phone: Phone) -> None:
        first = said(phone, "民法典第一千零七十九条怎么说")
        assert len(first) < 240 and first.endswith(spoken(lines.MORE))
        rest = said(phone, "继续")
        assert rest and rest not in first
        assert said(phone, "你继续说吧") == spoken(lines.NOTHING_MORE)

    def test_whether_to_go_on_is_answered_by_yes_or_no(self, phone: Phone) -> None:
        first = said(phone, "民法典第一千零七十九条怎么说")
        assert said(phone, "好的") not in (first, "")
        said(phone, "民法典第一千零七十九条怎么说")
        assert said(phone, "不用了") == spoken(lines.GO_ON)
        assert said(phone, "继续") == spoken(lines.NOTHING_MORE)

    def test_again_and_slower(self, phone: Phone) -> None:
        heard = said(phone, WAGES)
        assert pressed(phone, "9") == heard
        assert said(phone, "我没听清楚") == heard
        slow = said(phone, "你说慢一点")
        assert slow.startswith("好的。我慢一点说。") and "，" not in slow.replace("，", "", 2)

    def test_interrupted_it_listens(self, phone: Phone) -> None:
        said(phone, WAGES)
        reply = phone.send("barge_in")
        assert reply.say == "" and reply.listen and reply.listen.speech
        assert "彩礼" in phone.send("barge_in", text="彩礼能要回来吗").say

    def test_danger_is_answered_in_one_go_and_a_person_is_one_key_away(self, phone: Phone) -> None:
        phone.send("silence", queue=BUSY)
        heard = said(phone, "我老公正在打我，救命")
        assert "幺幺零" in heard and heard.endswith(spoken(lines.URGENT_END))
        reply = phone.send("dtmf", digits="0")
        assert reply.transfer, "who is in danger is not asked whether they would rather wait"

    def test_what_another_number_takes_is_offered_to_be_transferred(self, phone: Phone) -> None:
        assert "幺二三四五" in said(phone, "我们小区停水三天了谁管")
        reply = phone.send("speech", text="好的")
        assert reply.transfer and reply.transfer.to == "12345"

    def test_the_offer_is_not_forced_nor_repeated(self, phone: Phone) -> None:
        said(phone, "我们小区停水三天了谁管")
        assert said(phone, "不用了") == spoken(lines.GO_ON)
        assert "幺二三四五政务" not in said(phone, "路灯坏了谁管")

    def test_goodbye_ends_the_call(self, phone: Phone) -> None:
        reply = phone.send("speech", text="好的谢谢再见")
        assert reply.hangup and reply.say == spoken(lines.GOODBYE)

    def test_an_interview_is_answered_by_keys_and_its_choices_are_never_cut(self, phone: Phone) -> None:
        first = said(phone, "我能不能申请法律援助")
        assert first.endswith(spoken(lines.MORE))
        choices = pressed(phone, "1")
        assert "按一。" in choices and "按四。" in choices
        assert "第二问" in pressed(phone, "1")
        assert "第一问" in said(phone, "返回"), "inside a form 返回 is one step back"
        assert pressed(phone, "*") == spoken(lines.MAIN_MENU)

    def test_a_calculation_is_told_by_voice_and_keys_where_a_digit_is_a_digit(self, phone: Phone) -> None:
        assert said(phone, "算经济补偿、赔偿金").endswith(spoken(lines.MORE))
        assert "八位数字" in pressed(phone, "1")
        assert "第二问" in phone.send("dtmf", digits="20200301").say
        assert "第三问" in said(phone, "二零二六年十月三十号")
        assert "第四问" in phone.send("dtmf", digits="9000").say
        assert "跳过" in phone.send("silence").say
        heard = phone.send("dtmf", digits="0").say
        assert "转人工" not in heard.split("不填了")[0], "0 is a sum here"
        assert said(phone, "我不填了") or pressed(phone, "*") == spoken(lines.MAIN_MENU)


class TestHuman:
    def test_a_person_is_put_through_where_one_may_be_free(self, phone: Phone) -> None:
        phone.send("start")
        said(phone, WAGES)
        reply = phone.send("speech", text="给我转人工吧")
        assert reply.transfer and reply.transfer.to == "agent" and WAGES in reply.transfer.summary

    def test_else_the_wait_is_told_with_what_can_be_done_meanwhile(self, phone: Phone) -> None:
        phone.send("start", queue=BUSY)
        heard = pressed(phone, "0")
        assert "大约还要等五分钟" in heard and all(f"按{key}" in heard for key in "一二三")
        assert said(phone, "一") == spoken(lines.GO_ON)
        pressed(phone, "0")
        assert phone.send("dtmf", digits="2").transfer

    def test_a_failed_transfer_comes_back(self, phone: Phone) -> None:
        phone.send("start")
        phone.send("dtmf", digits="0")
        assert phone.send("transfer_result", result="failed").say == spoken(lines.NOT_CONNECTED)
        assert spoken(lines.AGREE) in pressed(phone, "3")

    def test_it_is_not_tried_again_at_once_though_an_agent_seems_free(self, phone: Phone) -> None:
        phone.send("start")
        phone.send("dtmf", digits="0", queue=FREE)
        reply = phone.send("transfer_result", result="failed", queue=FREE)
        assert reply.transfer is None and reply.listen

    def test_a_transfer_that_worked_ends_the_call_here(self, phone: Phone) -> None:
        phone.send("start")
        phone.send("dtmf", digits="0")
        assert phone.send("transfer_result", result="connected").listen is None

    @pytest.mark.parametrize("matter", ["人工流产手术失败怎么赔", "人工智能侵权找谁", "结婚登记要带什么"])
    def test_words_that_only_sound_like_a_command_are_a_matter(self, phone: Phone, matter: str) -> None:
        phone.send("start", queue=BUSY)
        heard = said(phone, matter)
        assert "等人工" not in heard and spoken(lines.AGREE) not in heard


class TestNotHeard:
    def test_silence_reminds_then_names_keys_then_offers_a_callback_then_ends(self, phone: Phone) -> None:
        phone.send("start", queue=BUSY)
        heard = [phone.send("silence", queue=BUSY) for _ in range(4)]
        assert heard[0].say.startswith(lines.STILL_THERE) and "按键" in heard[0].say
        assert heard[1].say == spoken(lines.BY_KEYS + lines.MAIN_MENU)
        assert heard[2].say == spoken(lines.OFFER_CALLBACK)
        assert heard[3].hangup and heard[3].say == spoken(lines.HANG_UP)

    def test_with_an_agent_perhaps_free_silence_ends_with_them(self, phone: Phone) -> None:
        phone.send("start")
        for _ in range(4):
            reply = phone.send("silence")
        assert reply.transfer and not reply.hangup

    def test_any_key_begins_the_count_anew(self, phone: Phone) -> None:
        phone.send("start", queue=BUSY)
        for _ in range(3):
            phone.send("silence")
        pressed(phone, "1")
        assert phone.send("silence").say.startswith(lines.STILL_THERE)

    def test_what_was_hardly_understood_is_said_back(self, phone: Phone) -> None:
        phone.send("start")
        heard = phone.send("speech", text=WAGES, confidence=0.2).say
        assert WAGES in heard and "对吗" in heard
        assert "劳动仲裁" in said(phone, "对")

    def test_after_a_no_it_is_said_again(self, phone: Phone) -> None:
        phone.send("start")
        phone.send("speech", text="嗯那个", confidence=0.1)
        assert said(phone, "不对") == spoken(lines.SAY_AGAIN)

    def test_nothing_understood_twice_leads_to_keys(self, phone: Phone) -> None:
        phone.send("start")
        assert phone.send("speech", text="").say == spoken(lines.SAY_AGAIN)
        assert phone.send("speech", text="").say == spoken(lines.NOT_HEARD + lines.MAIN_MENU)

    def test_a_key_that_does_nothing_is_said_so(self, phone: Phone) -> None:
        heard = phone.send("start").say
        assert pressed(phone, "7") == spoken(lines.NO_SUCH_KEY) + heard


class TestTickets:
    @pytest.fixture(autouse=True)
    def begun(self, phone: Phone) -> None:
        phone.send("start")

    def test_a_callback_takes_three_keys(self, phone: Phone) -> None:
        assert "加密保存" in pressed(phone, "3") and "尾号是零零零幺" in pressed(phone, "1")
        assert one_by_one(CALLER) in pressed(phone, "1"), "number and matter are said once more before it is registered"
        heard = pressed(phone, "3")
        ticket = newest()
        assert (ticket.channel, ticket.phone, ticket.service, ticket.district) == (
            "hotline",
            CALLER,
            "legal_aid",
            "未说明",
        )
        assert heard.count(one_by_one(ticket.pin)) == 2, "the PIN is said twice"
        letter, serial = ticket.code.split("-")[2][0], ticket.code.split("-")[2][1:]
        assert heard.count(f"字母{letter}，{one_by_one(serial)}") == 2, "the code is said twice"

    def test_a_callback_knows_what_was_asked_before(self, phone: Phone) -> None:
        said(phone, WAGES)
        assert "三个月工资" in pressed(phone, "311")
        pressed(phone, "3")
        ticket = newest()
        assert ticket.matter == WAGES and "群众（热线）" in ticket.transcript and ticket.summary

    def test_without_consent_nothing_is_registered(self, phone: Phone) -> None:
        before = newest().code if _any() else None
        pressed(phone, "3")
        assert said(phone, "不同意") == spoken(lines.REFUSED)
        assert (newest().code if _any() else None) == before

    def test_a_caller_without_a_number_keys_one_in(self, centre: TestClient) -> None:
        phone = a_phone(centre, caller="")
        phone.send("start")
        pressed(phone, "3")
        reply = phone.send("dtmf", digits="1")
        assert reply.listen and reply.listen.dtmf and reply.listen.dtmf.max_digits == 12
        assert phone.send("dtmf", digits="123").say == spoken(lines.NUMBER_WRONG)
        assert "选好就登记" in said(phone, "幺三零零零零零零零零二")
        pressed(phone, "1")
        assert newest().phone == "13000000002"

    def test_a_second_callback_tells_the_first_ones_code(self, phone: Phone) -> None:
        pressed(phone, "3111")
        first = newest()
        assert one_by_one(first.pin) in pressed(phone, "3")
        assert newest().id == first.id

    def test_the_referral_form_goes_by_voice_and_keys(self, phone: Phone) -> None:
        said(phone, WAGES)
        assert "您同意登记吗？同意请按一" in said(phone, "我要登记回电")
        assert "三个月工资" in said(phone, "同意")
        assert "泰山区，按一" in pressed(phone, "1")
        assert "怎么称呼您" in said(phone, "我在岱岳区")
        assert "尾号是零零零幺" in said(phone, "我姓王")
        assert "律师咨询，按" in pressed(phone, "1")
        heard = pressed(phone, "1")
        for words in ("您说的是，老板拖欠", "岱岳区", "称呼，王", one_by_one(CALLER), "对吗？对请按一"):
            assert words in heard
        assert "登记好了" in said(phone, "对")
        ticket = newest()
        assert (ticket.channel, ticket.district, ticket.phone) == ("hotline", "岱岳区", CALLER)

    def test_the_form_goes_by_keys_alone_once_the_matter_is_told(self, phone: Phone) -> None:
        said(phone, WAGES)
        said(phone, "登记")
        for key in ("1", "1", "2", "1", "13000000003", "1", "1"):
            heard = phone.send("dtmf", digits=key).say
        assert "登记好了" in heard
        assert (newest().district, newest().phone, newest().contact_name) == ("岱岳区", "13000000003", "匿名")

    def test_no_at_the_end_asks_what_to_change(self, phone: Phone) -> None:
        said(phone, WAGES)
        said(phone, "登记")
        for key in ("1", "1", "2", "1", "1", "1"):
            phone.send("dtmf", digits=key)
        assert "要改请说哪一项" in said(phone, "不对")
        assert "哪个区县" in pressed(phone, "3"), "key 3 changes the district"

    def test_what_was_wrong_is_one_sentence_and_the_step_is_asked_again(self, phone: Phone) -> None:
        said(phone, WAGES)
        said(phone, "登记")
        pressed(phone, "11")
        heard = said(phone, "月亮上")
        assert heard.startswith("没认出区县。") and "泰山区，按一" in heard

    def test_a_menu_in_mid_form_leads_back_into_it(self, phone: Phone) -> None:
        said(phone, WAGES)
        said(phone, "登记")
        asked = pressed(phone, "1")
        phone.send("dtmf", digits="0", queue=BUSY)
        assert pressed(phone, "1") == asked

    def test_danger_in_mid_form_comes_first_and_the_form_can_be_gone_on_with(self, phone: Phone) -> None:
        said(phone, WAGES)
        said(phone, "登记")
        asked = pressed(phone, "11")
        heard = said(phone, "救命，他拿刀砍我")
        assert "幺幺零" in heard and "哪个区县" not in heard
        assert pressed(phone, "1") == asked

    def test_a_sound_in_mid_form_asks_the_step_again(self, phone: Phone) -> None:
        said(phone, WAGES)
        said(phone, "登记")
        assert spoken(lines.AGREE) in said(phone, "？！……？")

    def test_the_code_is_sent_by_sms_once_and_only_where_sms_are_sent(
        self, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FAZHU_SMS_HOOK", "http://127.0.0.1:9/")
        assert "发到您手机吗" in pressed(phone, "3111")
        assert said(phone, "要") == spoken(lines.SMS_SENT)
        with session() as db:
            letters = db.scalars(select(Outgoing).filter_by(kind="sms").order_by(Outgoing.id)).all()
            payload = json.loads(letters[-1].payload)
        ticket = newest()
        assert payload["phone"] == CALLER and ticket.code in payload["text"] and ticket.pin in payload["text"]

    def test_without_sms_none_is_offered(self, phone: Phone) -> None:
        assert "手机" not in pressed(phone, "3111")


class TestWorker:
    def test_a_worker_who_joins_is_heard_on_the_phone(self, centre: TestClient, phone: Phone) -> None:
        phone.send("start")
        pressed(phone, "3113")
        actor = a_person(engine(), Role.SUPERVISOR)
        me, code = SimpleNamespace(actor=actor, name="测试李明", title="督办"), newest().code
        live, portal = centre.app.state.live, centre.portal  # type: ignore[attr-defined]
        assert portal
        portal.call(live.join, code, me)
        assert "测试李明" in said(phone, "请问有人在看吗")
        assert said(phone, "合同我这里有一份") == spoken(lines.WITH_WORKER)
        portal.call(live.say, code, me, "您好，请把合同第3条念一下。")
        assert phone.send("silence").say == "工作人员说，您好，请把合同第三条念一下。"
        assert phone.send("silence").say == spoken(lines.WITH_WORKER), "nothing is told twice, and there is no silence"
        portal.call(live.leave, code, me)
        assert "法助" in said(phone, "谢谢，劳动仲裁怎么申请")


def _any() -> bool:
    with session() as db:
        return db.scalar(select(Ticket.id).limit(1)) is not None


class TestLookUp:
    @pytest.fixture(autouse=True)
    def begun(self, phone: Phone) -> Iterator[None]:
        self.ticket = a_ticket(engine(), service="notary")
        phone.send("start")
        yield

    @property
    def digits(self) -> str:
        return re.sub(r"\D", "", self.ticket.code[:21])

    @pytest.mark.parametrize("leave_out", [0, 6], ids=["with the region", "without it"])
    def test_a_ticket_is_found_by_digits_letter_and_pin(self, phone: Phone, leave_out: int) -> None:
        pressed(phone, "2")
        assert "N，按四" in phone.send("dtmf", digits=self.digits[leave_out:]).say
        assert pressed(phone, "4") == spoken(lines.ASK_PIN)
        heard = phone.send("dtmf", digits=self.ticket.pin).say
        assert "状态" in heard and "公证" in heard and "别处" not in heard

    def test_a_ticket_is_found_by_voice(self, phone: Phone) -> None:
        said(phone, "我想查一下工单")
        assert said(phone, spoken(self.ticket.code)) == spoken(lines.ASK_PIN)
        assert "状态" in said(phone, one_by_one(self.ticket.pin))

    def test_another_letter_is_another_ticket(self, phone: Phone) -> None:
        pressed(phone, "2")
        phone.send("dtmf", digits=self.digits)
        pressed(phone, "1")
        assert phone.send("dtmf", digits=self.ticket.pin).say == spoken(lines.NOT_FOUND)

    def test_three_that_are_not_found_are_enough_for_one_call(self, phone: Phone) -> None:
        for _ in range(3):
            pressed(phone, "2")
            phone.send("dtmf", digits=self.digits)
            pressed(phone, "4")
            heard = phone.send("dtmf", digits="000000" if self.ticket.pin != "000000" else "111111").say
        assert heard == spoken(lines.TOO_OFTEN) == pressed(phone, "2")

    def test_who_is_asked_for_a_code_may_ask_something_else(self, phone: Phone) -> None:
        pressed(phone, "2")
        assert "劳动仲裁" in said(phone, WAGES)

    def test_wrong_lengths_are_told(self, phone: Phone) -> None:
        pressed(phone, "2")
        assert phone.send("dtmf", digits="2026").say == spoken(lines.CODE_WRONG)
        phone.send("dtmf", digits=self.digits)
        pressed(phone, "4")
        assert phone.send("dtmf", digits="12345").say == spoken(lines.PIN_WRONG)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("202612010001", "370900-20261201-L0001-S"),
        ("370900202612010001", "370900-20261201-L0001-S"),
        ("2026120112345", "370900-20261201-L12345"),  # a busy day
        ("2026120100019", None),  # no such check digit
        ("202613010001", None),
        ("20261201001", None),
    ],
)
def test_digits_become_a_code_or_none(keys: str, code: str | None) -> None:
    found = code_of(keys, "lawyer")
    assert (found and found.startswith(code)) if code else found is None


def test_a_check_digit_keyed_in_with_the_rest_is_no_part_of_the_serial() -> None:
    from datetime import date

    from referrals.codes import make_code

    serial = next(n for n in range(1, 99) if make_code("370900", date(2026, 12, 1), "lawyer", n)[-1].isdigit())
    code = make_code("370900", date(2026, 12, 1), "lawyer", serial)
    assert code_of(heard_digits(re.sub(r"\D", "", code)), "lawyer") == code
