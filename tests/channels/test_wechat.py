"""A citizen in WeChat: what they send, and what the account answers, over ``/wechat``."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from redis.exceptions import ConnectionError as RedisDown
from sqlalchemy import func, select

from channels.app import create_app
from channels.errors import Busy
from channels.settings import Settings
from channels.wechat import lines
from channels.wechat.sending import to_wechat
from referrals import broadcasts, files, messages, outbox, reach, subscriptions
from referrals.lifecycle import CITIZEN
from referrals.models import Message, Reach, Subscription, Ticket, TicketFile
from referrals.roles import Role
from referrals.secret_text import digest
from referrals.store import engine, migrate, session
from tests.referrals.desk import a_person
from tests.services import free_port
from tests.wechat_server import (
    AES_KEY,
    MEDIA_PATH,
    WeChat,
    account,
    delivery,
    event,
    message,
    serving,
)  # fmt: skip

JPG, PNG = b"\xff\xd8\xff\xe0 picture", b"\x89PNG\r\n\x1a\n picture"


@pytest.fixture(scope="module")
def wechat() -> Iterator[WeChat]:
    with serving() as wechat:
        yield wechat


@pytest.fixture(scope="module")
def client(wechat: WeChat) -> Iterator[TestClient]:
    """The gateway with an account in safe mode."""
    migrate()
    nothing = f"http://127.0.0.1:{free_port()}"
    with account(wechat.url, FAZHU_WECHAT_AES_KEY=AES_KEY, FAZHU_PUBLIC_URL="https://law.example"):
        app = create_app(Settings(bot_url=nothing, actions_url=nothing, messages_per_minute=40))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client


@pytest.fixture
def citizen(request: pytest.FixtureRequest) -> str:
    """Somebody who has never been here."""
    return f"o-{digest(request.node.name)[:20]}"


def take(client: TestClient, xml: str, key: str | None = AES_KEY) -> dict[str, str]:
    sent = delivery(xml, key)
    response = client.post("/wechat", params=sent.params, content=sent.body)
    assert response.status_code == 200, response.text
    return sent.read(response.content)


def say(client: TestClient, openid: str, text: str) -> str:
    return take(client, message("text", openid, Content=text)).get("Content", "")


def in_background(client: TestClient, doing: Any) -> Any:
    assert client.portal
    return client.portal.call(doing)


def a_ticket(client: TestClient, openid: str) -> str:
    """Registered in WeChat, with digits where there are choices. Its code."""
    for text in ("转人工", "1", "老板拖欠我三个月工资不给", "泰山区", "匿名", "不留电话", "法律援助"):
        reply = say(client, openid, text)
    assert "请核对" in reply and "回复数字选择：\n1 提交" in reply
    reply = say(client, openid, "1")
    assert "查询码：" in reply
    return reply.split("工单编号：")[1].split("\n")[0]


# ---- who may call


def test_the_address_is_verified(client: TestClient) -> None:
    sent = delivery("")
    response = client.get("/wechat", params={**sent.params, "echostr": "7194518249<b>"})
    assert (response.status_code, response.text) == (200, "7194518249<b>")
    assert response.headers["content-type"].startswith("text/plain")
    for wrong in ({"signature": "f" * 40}, {"timestamp": "1"}, {"nonce": "other"}):
        assert client.get("/wechat", params={**sent.params, **wrong, "echostr": "1"}).status_code == 403
    assert client.get("/wechat").status_code == 403


@contextmanager
def another(**settings: str | None) -> Iterator[TestClient]:
    """A gateway that is set up otherwise."""
    nothing = f"http://127.0.0.1:{free_port()}"
    config = Settings(bot_url=nothing, actions_url=nothing, **settings)  # type: ignore[arg-type]
    with TestClient(create_app(config), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("missing", ["wechat_app_id", "wechat_token"])
def test_where_wechat_is_not_set_up_there_is_nothing(client: TestClient, missing: str) -> None:
    sent = delivery(message("text", Content="你好"), AES_KEY)
    with another(**{missing: None}) as other:
        assert other.post("/wechat", params=sent.params, content=sent.body).status_code == 404
        assert other.get("/wechat", params=sent.params).status_code == 404


def test_forged_expired_replayed_and_plain_messages_are_refused(
    client: TestClient, citizen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hello = message("text", citizen, Content="你好")
    good, old, plain = delivery(hello, AES_KEY), delivery(hello, AES_KEY, at=time.time() - 400), delivery(hello)
    forged = {**good.params, "msg_signature": "0" * 40}
    for params, body in ((forged, good.body), (old.params, old.body), (plain.params, plain.body), ({}, good.body)):
        response = client.post("/wechat", params=params, content=body)
        assert response.status_code == 403 and response.json()["error"]["code"] == "not_signed"
    assert client.post("/wechat", params=good.params, content=good.body).status_code == 200
    later = time.time() + 21
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.post("/wechat", params=good.params, content=good.body).status_code == 403


def test_in_plain_mode_a_signature_overheard_signs_nothing_else(citizen: str) -> None:
    with another(wechat_aes_key=None) as other:
        sent = delivery(message("text", citizen, Content="你好"))
        assert other.post("/wechat", params=sent.params, content=sent.body).status_code == 200
        words = message("text", citizen, Content="转人工")
        assert other.post("/wechat", params=sent.params, content=words).status_code == 403


@pytest.mark.parametrize("body", ["", "<xml>", "<xml/>", "not xml", "<xml><MsgType>text</MsgType></xml>"])
def test_a_signed_message_that_is_none_is_told(client: TestClient, body: str) -> None:
    sent = delivery(body, AES_KEY)
    response = client.post("/wechat", params=sent.params, content=sent.body)
    assert response.status_code == 400 and response.json()["error"]["code"] == "bad_message"


def test_too_much_is_refused(client: TestClient) -> None:
    sent = delivery(message("text", Content="长" * 30000), AES_KEY)
    assert client.post("/wechat", params=sent.params, content=sent.body).status_code == 413


def test_plain_mode_serves_where_there_is_no_key(client: TestClient) -> None:
    with another(wechat_aes_key=None) as other:
        assert "您好" in take(other, message("text", "o-plain", Content="你好"), None)["Content"]


# ---- what they say


def test_a_question_is_answered_with_links_to_its_articles_and_numbered_choices(
    client: TestClient, citizen: str
) -> None:
    reply = say(client, citizen, "离婚冷静期是多少天")
    assert "三十" in reply or "30" in reply
    assert "《民法典》第一千零七十七条 https://law.example/s/jep4b-1077" in reply.split("\n依据：\n")[1]
    assert "回复数字选择：\n1 " in reply and len(reply.encode()) <= 2048
    assert say(client, citizen, "转人工").endswith("您同意登记吗？\n\n回复数字选择：\n1 同意\n2 不同意")
    assert "是这件事吗" in say(client, citizen, "1")


def test_a_conversation_goes_on_and_others_are_not_in_it(client: TestClient, citizen: str) -> None:
    assert "哪个区县" in [say(client, citizen, text) for text in ("转人工", "同意", "老板拖欠我三个月工资不给")][-1]
    assert "哪个区县" not in say(client, f"{citizen}2", "泰山区")
    assert "称呼" in say(client, citizen, "泰山区")


def test_what_wechat_delivers_again_makes_no_second_ticket(client: TestClient, citizen: str) -> None:
    a_ticket(client, citizen)
    with session() as db:
        before = db.scalar(select(func.count()).select_from(Ticket))
    for text in ("转人工", "同意", "邻居漏水泡了我家墙，要求赔偿", "泰山区", "匿名", "不留电话", "律师咨询"):
        say(client, citizen, text)
    last = message("text", citizen, Content="提交")
    replies = {take(client, last)["Content"] for _ in range(3)}
    assert len(replies) == 1 and "查询码：" in replies.pop()
    with session() as db:
        assert db.scalar(select(func.count()).select_from(Ticket)) == (before or 0) + 1


def test_a_ticket_of_wechat_is_looked_at_by_the_button_and_its_worker_can_write(client: TestClient, wechat: WeChat, citizen: str) -> None:  # fmt: skip
    code = a_ticket(client, citizen)
    assert f"工单 {code}\n状态：" in say(client, citizen, "1")
    lawyer = a_person(engine(), Role.WORKER)
    with session() as db:
        ticket = db.scalars(select(Ticket).filter_by(code=code)).one()
        assert ticket.channel == "wechat"
        messages.say(db, ticket, messages.WORKER, "请带上劳动合同来。", lawyer.staff_id)
    assert outbox.deliver({"wechat": to_wechat}) >= 1
    assert wechat.texts(citizen) == ["请带上劳动合同来。"]


def test_a_tapped_choice_says_what_was_meant(client: TestClient, citizen: str) -> None:
    code = a_ticket(client, citizen)
    with session() as db:
        pin = db.scalars(select(Ticket).filter_by(code=code)).one().pin
    tapped = message("text", citizen, Content="查工单", bizmsgmenuid=f"查工单 {code} {pin}")
    assert f"工单 {code}\n状态：" in take(client, tapped)["Content"]
    assert "工单编号" in take(client, message("text", citizen, Content="查工单", bizmsgmenuid="3"))["Content"]


def test_danger_comes_first(client: TestClient, citizen: str) -> None:
    assert "110" in say(client, citizen, "我老公正在打我，救命").split("\n")[0]


def test_voice_is_taken_where_wechat_has_written_it_down(client: TestClient, citizen: str) -> None:
    heard = take(client, message("voice", citizen, MediaId="m", Format="amr", Recognition="离婚冷静期是多少天。"))
    assert "冷静期" in heard["Content"]
    assert take(client, message("voice", citizen, MediaId="m"))["Content"] == lines.PLEASE_TYPE


@pytest.mark.parametrize("kind", ["video", "shortvideo", "link", "file", "miniprogrampage"])
def test_what_cannot_be_read_is_told(client: TestClient, citizen: str, kind: str) -> None:
    assert take(client, message(kind, citizen, MediaId="m", Title="t"))["Content"] == lines.ONLY_WORDS


@pytest.mark.parametrize("text", ["", None, " ", "[微笑]", "\u200b"])
def test_a_message_without_words_gets_an_answer_all_the_same(client: TestClient, citizen: str, text: str) -> None:
    assert take(client, message("text", citizen, Content=text))["Content"]


def test_what_is_too_long_is_told(client: TestClient, citizen: str) -> None:
    assert "缩短到 4000 字" in say(client, citizen, "长" * 4001)


def test_a_place_gets_the_nearest_institutions(client: TestClient, citizen: str) -> None:
    reply = take(client, message("location", citizen, Location_X="36.19", Location_Y="117.12", Label="泰山区"))[
        "Content"
    ]
    assert reply.startswith("离您最近的法律服务机构：\n1. ") and "公里" in reply and "电话" in reply
    for x, y in (("117.12", "36.19"), ("99999", "1"), ("north", "1")):
        assert take(client, message("location", citizen, Location_X=x, Location_Y=y))["Content"] == lines.BAD_PLACE


# ---- events


def test_who_follows_is_welcomed_with_the_notices(client: TestClient, citizen: str) -> None:
    now, administrator = datetime.now(UTC), a_person(engine(), Role.ADMINISTRATOR)
    with session() as db:
        notice = broadcasts.publish(db, administrator, "明天放假", now - timedelta(hours=1), now + timedelta(hours=1))
    in_background(client, client.app.state.bulletin.look)  # type: ignore[attr-defined]
    reply = take(client, event("subscribe", citizen))["Content"]
    assert reply == f"{lines.WELCOME}\n\n【公告】明天放假"
    assert "【公告】明天放假" in say(client, citizen, "你好")
    assert "【公告】明天放假" not in say(client, citizen, "你好")
    with session() as db:
        broadcasts.withdraw(db, administrator, notice.id)
    in_background(client, client.app.state.bulletin.look)  # type: ignore[attr-defined]


def test_a_scanned_code_may_carry_a_ticket(client: TestClient, citizen: str) -> None:
    code = a_ticket(client, f"{citizen}2")
    told = lines.SCANNED.format(code=code)
    assert take(client, event("SCAN", citizen, EventKey=code))["Content"] == told
    assert told in take(client, event("subscribe", citizen, EventKey=f"qrscene_{code}"))["Content"]
    assert take(client, event("SCAN", citizen, EventKey="370900-1"))["Content"] == lines.SCANNED_OTHER


def test_a_menu_key_is_as_if_it_had_been_said_but_gives_no_leave_to_write(client: TestClient, citizen: str) -> None:
    assert "您同意登记吗" in take(client, event("CLICK", citizen, EventKey="human"))["Content"]
    with session() as db:
        assert reach.conversation_of(db, "wechat", citizen) is None
    assert "一两句话" in say(client, citizen, "1")
    with session() as db:
        assert reach.conversation_of(db, "wechat", citizen)
    assert take(client, event("CLICK", citizen, EventKey="gone"))["Content"] == lines.OLD_MENU


@pytest.mark.parametrize("name", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "view_miniprogram", "unheard_of"])
def test_what_is_only_told_to_us_gets_no_reply(client: TestClient, citizen: str, name: str) -> None:
    assert take(client, event(name, citizen, EventKey="https://x.example/")) == {}


def test_an_unknown_kind_of_message_gets_no_reply(client: TestClient, citizen: str) -> None:
    assert take(client, message("hologram", citizen)) == {}


def test_who_leaves_is_forgotten(client: TestClient, citizen: str) -> None:
    code = a_ticket(client, citizen)
    assert "已订阅" in say(client, citizen, "订阅普法")
    take(client, message("image", citizen, MediaId="m1"))
    with session() as db:
        conversation = db.scalars(select(Ticket).filter_by(code=code)).one().conversation
    assert client.get(f"/api/v1/chat/sessions/{conversation}").status_code == 200
    assert take(client, event("unsubscribe", citizen)) == {}
    assert client.get(f"/api/v1/chat/sessions/{conversation}").status_code == 404
    with session() as db:
        assert reach.conversation_of(db, "wechat", citizen) is None
        assert db.get(Reach, conversation) is None
        assert not any(one.address == citizen for one in db.scalars(select(Subscription)))
        assert not reach.tell(db, conversation, "还在吗")
    redis = client.app.state.redis  # type: ignore[attr-defined]
    assert not [key for key in in_background(client, redis.keys) if digest(citizen) in key and "rate" not in key]


def test_tips_are_subscribed_to_by_text(client: TestClient, citizen: str) -> None:
    assert "已订阅普法" in say(client, citizen, "订阅普法")
    assert "已退订" in say(client, citizen, "退订")
    with session() as db:
        assert not subscriptions.unsubscribe(db, citizen)


# ---- pictures


def images_of(code: str) -> list[TicketFile]:
    with session() as db:
        return files.of(db, db.scalars(select(Ticket).filter_by(code=code)).one())


def test_a_picture_without_a_ticket_is_not_taken(client: TestClient, wechat: WeChat, citizen: str) -> None:
    assert take(client, message("image", citizen, MediaId="m1"))["Content"] == lines.IMAGE_LATER
    assert not [one for one in wechat.sent(MEDIA_PATH) if one["media_id"] == "m1"]


def test_a_picture_goes_into_the_ticket_once_the_citizen_agrees(
    client: TestClient, wechat: WeChat, citizen: str
) -> None:
    code = a_ticket(client, citizen)
    wechat.media |= {f"{citizen}-1": JPG, f"{citizen}-2": PNG}
    asked = take(client, message("image", citizen, MediaId=f"{citizen}-1"))["Content"]
    assert "收到 1 张图片" in asked and asked.endswith(f"回复数字选择：\n1 放进工单 {code}\n2 不放")
    assert "收到 2 张图片" in take(client, message("image", citizen, MediaId=f"{citizen}-2"))["Content"]
    assert not images_of(code) and not [one for one in wechat.sent(MEDIA_PATH) if citizen in one["media_id"]]
    agreed = message("text", citizen, Content="1")
    assert {take(client, agreed)["Content"] for _ in range(2)} == {lines.IMAGE_KEPT.format(count=2, code=code)}
    kept = images_of(code)
    assert [(one.media_type, one.staff_id) for one in kept] == [("image/jpeg", None), ("image/png", None)]
    with session() as db:
        assert [db.scalars(select(TicketFile.content).filter_by(id=one.id)).one() for one in kept] == [JPG, PNG]
        said = db.scalars(select(Message.text).where(Message.ticket_id == kept[0].ticket_id)).all()
        assert [text for text in said if kept[0].name in text and kept[1].name in text]
    assert "查询码" not in say(client, citizen, "1")  # nothing waits any longer


@pytest.mark.parametrize(("word", "reply"), [("2", lines.IMAGE_LEFT), ("不放", lines.IMAGE_LEFT), ("怎么离婚", "")])
def test_without_agreement_nothing_is_fetched(client: TestClient, wechat: WeChat, citizen: str, word: str, reply: str) -> None:  # fmt: skip
    code = a_ticket(client, citizen)
    take(client, message("image", citizen, MediaId="refused"))
    told = say(client, citizen, word)
    assert told == reply if reply else told
    say(client, citizen, "1")
    assert not images_of(code) and not [one for one in wechat.sent(MEDIA_PATH) if one["media_id"] == "refused"]


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, lines.IMAGE_NOT_FETCHED), (b"GIF89a", "对不上"), (b"\xff\xd8\xff" + bytes(files.LIMIT), "太大")],
)
def test_a_picture_that_cannot_be_kept_is_told(client: TestClient, wechat: WeChat, citizen: str, content: bytes | None, why: str) -> None:  # fmt: skip
    code = a_ticket(client, citizen)
    if content is not None:
        wechat.media[citizen] = content
    take(client, message("image", citizen, MediaId=citizen))
    assert why in say(client, citizen, f"放进工单 {code}")
    assert not images_of(code)


def test_a_picture_is_kept_once_however_often_it_is_tried(client: TestClient, wechat: WeChat, citizen: str) -> None:
    code = a_ticket(client, citizen)
    wechat.media[citizen] = JPG
    for _ in range(2):
        take(client, message("image", citizen, MediaId=citizen))
        say(client, citizen, "1")
    assert len(images_of(code)) == 1
    with session() as db:
        ticket = db.scalars(select(Ticket).filter_by(code=code)).one()
        files.put(db, ticket, CITIZEN, "别的.jpg", JPG)


# ---- when something is wrong


def test_who_writes_too_fast_is_told(client: TestClient, citizen: str) -> None:
    replies = [say(client, citizen, "你好") for _ in range(42)]
    assert lines.TOO_FAST not in replies[:40] and replies[40:] == [lines.TOO_FAST] * 2
    assert say(client, f"{citizen}2", "你好") != lines.TOO_FAST


class Instead:
    """In the conversation's place: waits, or raises."""

    def __init__(self, real: Any, wait: float = 0, error: Exception | None = None) -> None:
        self._real, self._wait, self._error = real, wait, error

    async def handle(self, said: Any) -> Any:
        await asyncio.sleep(self._wait)
        if self._error:
            raise self._error
        return await self._real.handle(said)


@pytest.fixture
def house(client: TestClient) -> Iterator[Any]:
    inbox = client.app.state.wechat  # type: ignore[attr-defined]
    house = inbox._answer.__self__.house
    conversation, in_time = house.conversation, inbox.in_time
    yield house
    house.conversation, inbox.in_time = conversation, in_time


@pytest.mark.parametrize(
    ("error", "reply"), [(Busy(), lines.BUSY), (RedisDown(), lines.AWAY), (KeyError("x"), lines.AWAY)]
)
def test_what_goes_wrong_ends_in_friendly_words(client: TestClient, house: Any, citizen: str, error: Exception, reply: str) -> None:  # fmt: skip
    house.conversation = Instead(house.conversation, error=error)
    assert say(client, citizen, "你好") == reply


def test_without_redis_there_is_a_friendly_reply(client: TestClient, citizen: str, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    async def down(*_: object, **__: object) -> None:
        raise RedisDown

    monkeypatch.setattr(client.app.state.wechat, "take", down)  # type: ignore[attr-defined]
    assert say(client, citizen, "你好") == lines.AWAY


def test_a_slow_answer_is_acknowledged_and_arrives_by_message(client: TestClient, wechat: WeChat, house: Any, citizen: str) -> None:  # fmt: skip
    inbox = client.app.state.wechat  # type: ignore[attr-defined]
    house.conversation, inbox.in_time = Instead(house.conversation, wait=0.3), 0.1
    asked = message("text", citizen, Content="离婚冷静期是多少天")
    assert [take(client, asked) for _ in range(3)] == [{}] * 3
    in_background(client, inbox.stop)
    outbox.deliver({"wechat": to_wechat})
    (sent,) = [one for one in wechat.sent() if one["touser"] == citizen]
    assert "https://law.example/s/jep4b-1077" in sent["msgmenu"]["head_content"]
    assert "转人工" in [choice["content"] for choice in sent["msgmenu"]["list"]]


def test_words_of_a_worker_who_is_there_are_waited_for_in_silence(client: TestClient, house: Any, citizen: str) -> None:
    code = a_ticket(client, citizen)
    me = a_person(engine(), Role.SUPERVISOR)

    class SignedIn:
        actor, name, title = me, "李", "律师"

    live = client.app.state.live  # type: ignore[attr-defined]
    in_background(client, lambda: live.join(code, SignedIn()))
    assert "已加入" in say(client, citizen, "在吗")
    assert take(client, message("text", citizen, Content="材料带齐了")) == {}
