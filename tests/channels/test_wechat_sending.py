"""Letters reach citizens in WeChat: within what WeChat allows, in order, each once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select, update

from channels.senders import senders
from channels.settings import Settings
from channels.wechat import api as module
from channels.wechat.render import LIMIT
from channels.wechat.sending import to_wechat
from channels.wechat.store import store
from referrals import messages, outbox, reach
from referrals.models import Outgoing, Reach, Ticket
from referrals.secret_text import digest
from referrals.store import session
from tests.referrals.desk import a_ticket
from tests.wechat_server import SEND_PATH, SILENCE, WeChat, account, serving

CITIZEN = "o-citizen-1"


@pytest.fixture
def wechat(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeChat]:
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.01))
    with serving() as wechat, account(wechat.url):
        yield wechat


def wrote(database: Engine, ago: timedelta = timedelta(), openid: str = CITIZEN) -> None:
    with session(database) as db:
        reach.heard(db, f"conversation of {openid}", "wechat", openid)
        db.execute(update(Reach).values(heard_at=datetime.now(UTC) - ago))


def post(database: Engine, *texts: str, to: str = CITIZEN, **fields: Any) -> None:
    with session(database) as db:
        for text in texts:
            outbox.post(db, "wechat", None, to=to, text=text, **fields)


def deliver(database: Engine) -> int:
    return outbox.deliver({"wechat": lambda letter: to_wechat(letter, database)}, database)


def tomorrow(database: Engine) -> None:
    """What was put off is due."""
    with session(database) as db:
        db.execute(update(Outgoing).values(next_try=datetime.now(UTC)))


def outgoing(database: Engine) -> list[Outgoing]:
    with session(database) as db:
        return list(db.scalars(select(Outgoing).order_by(Outgoing.id)))


def test_a_workers_words_reach_the_citizen_who_wrote_from_wechat(database: Engine, wechat: WeChat) -> None:
    code = a_ticket(database, conversation=f"conversation of {CITIZEN}").code
    wrote(database)
    with session(database) as db:
        ticket = db.scalars(select(Ticket).filter_by(code=code)).one()
        messages.say(db, ticket, messages.WORKER, "请带上劳动合同。")
    assert deliver(database) == 1
    assert wechat.sent() == [{"touser": CITIZEN, "msgtype": "text", "text": {"content": "请带上劳动合同。"}}]


def test_five_messages_answer_one_and_the_sixth_waits_for_the_next_words(database: Engine, wechat: WeChat) -> None:
    wrote(database)
    for n in range(7):
        post(database, f"第{n}条")
        deliver(database)
    assert wechat.texts(CITIZEN) == [f"第{n}条" for n in range(5)]
    assert {row.error for row in outgoing(database)[5:]} == {
        "as many messages as WeChat allows; goes on when the citizen writes (45047)"
    }
    wrote(database)
    tomorrow(database)
    deliver(database)
    assert wechat.texts(CITIZEN)[5:] == ["第5条\n\n第6条"]
    assert all(row.sent_at and not row.dead_at for row in outgoing(database))


def test_what_waits_together_goes_as_few_messages_in_order(database: Engine, wechat: WeChat) -> None:
    wrote(database)
    post(database, *(f"第{n}条" for n in range(40)))
    post(database, "别人的", to="o-citizen-2")
    assert deliver(database) == 1  # the other citizen has not written
    assert wechat.texts(CITIZEN) == ["\n\n".join(f"第{n}条" for n in range(40))]
    assert [bool(row.sent_at) for row in outgoing(database)] == [True] * 40 + [False]


def test_a_long_text_goes_in_parts_and_goes_on_where_it_stopped(database: Engine, wechat: WeChat) -> None:
    wrote(database)
    text = "劳动者可以依法申请支付令。" * 400
    post(database, text)
    assert deliver(database) == 0 and len(wechat.sent()) == 5
    wrote(database)
    tomorrow(database)
    assert deliver(database) == 1
    assert "".join(wechat.texts(CITIZEN)) == text
    assert all(len(part.encode()) <= LIMIT for part in wechat.texts(CITIZEN))


@pytest.mark.parametrize(("ago", "sent"), [(timedelta(hours=47, minutes=59), 1), (timedelta(hours=48), 0)])
def test_after_48_hours_nothing_is_sent_and_the_letter_is_dead_with_its_reason(
    database: Engine, wechat: WeChat, ago: timedelta, sent: int
) -> None:
    wrote(database, ago)
    post(database, "有新答复")
    assert deliver(database) == len(wechat.sent()) == sent
    (row,) = outgoing(database)
    assert bool(row.dead_at) is not bool(sent)
    assert row.error == ("" if sent else "the citizen has not written within 48 hours (45015)")


def test_a_tap_allows_three_messages_within_its_minute(database: Engine, wechat: WeChat) -> None:
    now = datetime.now(UTC).timestamp()
    for n in range(5):
        post(database, f"第{n}条", tapped_at=now)
        deliver(database)
    assert wechat.texts(CITIZEN) == ["第0条", "第1条", "第2条"]
    post(database, "晚了", tapped_at=now - 56)
    assert deliver(database) == 0
    assert len(wechat.sent()) == 3 and outgoing(database)[-1].dead_at


def test_after_words_and_a_tap_both_allowances_are_used_and_no_more(database: Engine, wechat: WeChat) -> None:
    wrote(database)
    now = datetime.now(UTC).timestamp()
    for n in range(10):
        post(database, f"第{n}条", tapped_at=now)
        deliver(database)
    assert len(wechat.sent()) == 8


def test_wechats_own_count_is_believed(database: Engine, wechat: WeChat) -> None:
    """Ours is lost with the process where there is no Redis."""
    wrote(database)
    wechat.script[SEND_PATH] = [45047]
    post(database, "第一条")
    assert deliver(database) == 0
    tomorrow(database)
    assert deliver(database) == 0
    assert not wechat.sent() and wechat.script[SEND_PATH] == []
    assert not outgoing(database)[0].dead_at


@pytest.mark.parametrize("code", [40003, 45015, 43004])
def test_what_can_never_be_sent_is_dead_at_once(database: Engine, wechat: WeChat, code: int) -> None:
    wrote(database)
    wechat.script[SEND_PATH] = [code]
    post(database, "有新答复")
    deliver(database)
    (row,) = outgoing(database)
    assert row.dead_at and f"({code})" in row.error and CITIZEN not in row.error


@pytest.mark.parametrize("planned", [[-1, -1, -1], ["503"] * 3, [45009], [48001]])
def test_what_may_be_sent_later_is_put_off_and_not_counted(
    database: Engine, wechat: WeChat, planned: list[Any]
) -> None:
    wrote(database)
    wechat.script[SEND_PATH] = list(planned)
    post(database, "有新答复")
    assert deliver(database) == 0
    (row,) = outgoing(database)
    assert row.error and not row.dead_at
    for n in range(6):
        tomorrow(database)
        deliver(database)
        post(database, f"第{n}条")
    assert len(wechat.sent()) == 5


def test_a_silent_wechat_is_counted_as_sent(database: Engine, wechat: WeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows; counting it never exceeds what is allowed."""
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    module._made.cache_clear()
    wrote(database)
    wechat.script[SEND_PATH] = [SILENCE]
    post(database, "有新答复")
    assert deliver(database) == 0
    assert outgoing(database)[0].error == httpx.ReadTimeout.__name__
    (count,) = store(Settings()).mget(store(Settings()).keys("fazhu:wechat:sent:*"))
    assert count == "1"


def test_choices_are_tapped_where_there_are_up_to_ten(database: Engine, wechat: WeChat) -> None:
    wrote(database)
    buttons = [{"title": "转人工", "payload": "转人工"}, {"title": "查工单", "payload": "查工单 37 1"}]
    post(database, "登记好了。", buttons=buttons)
    post(database, "还有什么？", buttons=[{"title": f"第{n}", "payload": f"第{n}"} for n in range(11)], to="o-2")
    wrote(database, openid="o-2")
    wrote(database)
    assert deliver(database) == 2
    menu, text = wechat.sent()
    assert menu["msgmenu"] == {
        "head_content": "登记好了。", "tail_content": "",
        "list": [{"id": "0", "content": "转人工"}, {"id": "查工单 37 1", "content": "查工单"}],
    }  # fmt: skip
    assert "9 第8\n也可以回复：第9、第10" in text["text"]["content"]


def test_an_account_without_menus_gets_them_as_text(database: Engine, wechat: WeChat) -> None:
    wrote(database)
    wechat.script[SEND_PATH] = [40200]
    post(database, "登记好了。", buttons=[{"title": "转人工", "payload": "转人工"}])
    assert deliver(database) == 1
    assert wechat.texts(CITIZEN) == ["登记好了。\n\n也可以回复：转人工"]


def test_of_two_letters_with_the_same_words_one_is_sent(database: Engine, wechat: WeChat) -> None:
    wrote(database)
    post(database, "您的答复", key="wx-1:late")
    deliver(database)
    post(database, "您的答复", key="wx-1:late")
    assert deliver(database) == 1
    post(database, "别的", "别的")
    deliver(database)
    assert wechat.texts(CITIZEN) == ["您的答复", "别的\n\n别的"]


def test_tips_that_may_not_be_sent_are_dropped(database: Engine, wechat: WeChat) -> None:
    post(database, "【普法】一", bulk=True)
    wrote(database, timedelta(hours=49))
    assert deliver(database) == 1 and not wechat.sent()
    wrote(database)
    post(database, "【普法】二", bulk=True)
    assert deliver(database) == 1 and wechat.texts(CITIZEN) == ["【普法】二"]
    for _ in range(4):
        post(database, "回复")
        deliver(database)
    post(database, "【普法】三", bulk=True)
    assert deliver(database) == 1 and len(wechat.sent()) == 5
    assert not any(row.dead_at for row in outgoing(database))


def test_the_worker_sends_for_wechat_where_it_is_set_up(database: Engine, wechat: WeChat) -> None:
    wrote(database)
    post(database, "有新答复")
    assert outbox.deliver({"wechat": senders(database)["wechat"]}, database) == 1
    assert wechat.texts(CITIZEN) == ["有新答复"]


def test_two_workers_do_not_send_to_one_citizen_at_once(
    database: Engine, wechat: WeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.wechat.sending.TURN", 0.1)
    wrote(database)
    post(database, "有新答复")
    with store(Settings()).lock(f"fazhu:wechat:sending:{digest(CITIZEN)}", timeout=20):
        assert deliver(database) == 0
    assert outgoing(database)[0].error == "another worker is sending to the same citizen"
    tomorrow(database)
    assert deliver(database) == 1
