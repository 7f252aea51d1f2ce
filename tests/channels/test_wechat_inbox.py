"""A message is answered once and in time, whatever is slow, repeated, or dies."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime

import pytest
from redis.asyncio import Redis
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError

from channels.conversation import ButtonOut
from channels.tally import counted
from channels.wechat import inbox as module
from channels.wechat import lines
from channels.wechat.contract import Outbound
from channels.wechat.inbox import TAKEN, Inbox
from channels.wechat.incoming import Received, read
from channels.wechat.render import LIMIT
from referrals.models import Outgoing
from referrals.store import migrate, session
from referrals.worktime import PLACE_TIME
from tests.wechat_server import event, message

HELLO = read(message("text", Content="老板不发工资"))


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    migrate()
    with session() as db:
        db.execute(delete(Outgoing).where(Outgoing.kind == "wechat"))
    async with Redis.from_url(redis_url, decode_responses=True) as redis:
        await redis.flushdb()
        yield redis
        await redis.flushdb()


def letters() -> list[dict]:  # type: ignore[type-arg]
    with session() as db:
        found = db.scalars(select(Outgoing).where(Outgoing.kind == "wechat").order_by(Outgoing.id))
        return [json.loads(row.payload) for row in found]


class Answers:
    """Gives ``out`` when it is ``ready``; ``asked`` is what was asked for."""

    def __init__(self, out: Outbound, slow: bool = False) -> None:
        self.out, self.ready = out, asyncio.Event()
        self.asked: list[Received] = []
        if not slow:
            self.ready.set()

    async def __call__(self, message: Received) -> Outbound:
        self.asked.append(message)
        await self.ready.wait()
        return self.out


def an_inbox(redis: Redis, answers: Answers, in_time: float = 0.3) -> Inbox:
    inbox = Inbox(redis, answers)
    inbox.in_time = in_time
    return inbox


async def settled(inbox: Inbox) -> None:
    await inbox.stop()
    assert not inbox._running and not inbox._late


async def test_an_answer_in_time_is_the_reply_and_nothing_is_sent_after_it(redis: Redis) -> None:
    inbox = an_inbox(redis, Answers(Outbound("可以申请劳动仲裁。")))
    assert await inbox.take(HELLO) == "可以申请劳动仲裁。"
    assert letters() == [] and await redis.zcard(TAKEN) == 0
    assert HELLO.text not in str(
        [await redis.get(key) for key in await redis.keys() if await redis.type(key) == "string"]
    )


async def test_a_second_delivery_gets_the_same_reply_and_does_nothing(redis: Redis) -> None:
    answers = Answers(Outbound("登记好了。"))
    inbox = an_inbox(redis, answers)
    assert [await inbox.take(HELLO) for _ in range(3)] == ["登记好了。"] * 3
    assert await an_inbox(redis, Answers(Outbound("别的"))).take(HELLO) == "登记好了。"
    assert answers.asked == [HELLO] and letters() == []
    assert await counted(redis, "wechat", datetime.now(PLACE_TIME).date()) == {"in": 1, "out": 1}


async def test_deliveries_at_once_are_answered_once(redis: Redis) -> None:
    answers = Answers(Outbound("登记好了。"), slow=True)
    gateways = [an_inbox(redis, answers, 2) for _ in range(4)]
    taking = [asyncio.create_task(one.take(HELLO)) for one in gateways]
    await asyncio.sleep(0.2)
    answers.ready.set()
    assert await asyncio.gather(*taking) == ["登记好了。"] * 4
    assert len(answers.asked) == 1 and letters() == []


async def test_a_late_answer_is_acknowledged_and_sent_after_it(redis: Redis) -> None:
    buttons = (ButtonOut(title="转人工", payload="转人工"),)
    answers = Answers(Outbound("可以申请劳动仲裁。" * 300, buttons), slow=True)
    inbox = an_inbox(redis, answers)
    assert await inbox.take(HELLO) == ""
    assert await inbox.take(HELLO) == await an_inbox(redis, answers).take(HELLO) == ""
    assert letters() == [] and await redis.zcard(TAKEN) == 1
    answers.ready.set()
    await settled(inbox)
    (letter,) = letters()
    assert letter == {
        "to": HELLO.openid, "text": "可以申请劳动仲裁。" * 300, "key": f"{HELLO.key}:late", "by_number": 9,
        "buttons": [{"title": "转人工", "payload": "转人工"}],
    }  # fmt: skip
    assert await inbox.take(HELLO) == "" and len(letters()) == len(answers.asked) == 1
    assert await redis.zcard(TAKEN) == 0


async def test_what_does_not_fit_into_the_reply_is_sent_after_it(redis: Redis) -> None:
    inbox = an_inbox(redis, Answers(Outbound("可以申请劳动仲裁。" * 100)))
    now = await inbox.take(HELLO)
    (letter,) = letters()
    assert len(now.encode()) <= LIMIT and now + letter["text"] == "可以申请劳动仲裁。" * 100
    assert letter["key"] == f"{HELLO.key}:rest"


async def test_nothing_to_say_is_nothing(redis: Redis) -> None:
    answers = Answers(Outbound(), slow=True)
    inbox = an_inbox(redis, answers)
    assert await inbox.take(HELLO) == ""
    answers.ready.set()
    await settled(inbox)
    assert await an_inbox(redis, answers).take(read(event("VIEW", EventKey="https://x"))) == ""
    assert letters() == [] and await redis.zcard(TAKEN) == 0


async def test_a_late_answer_to_a_tap_says_when_it_was(redis: Redis) -> None:
    answers = Answers(Outbound("好的。"), slow=True)
    inbox = an_inbox(redis, answers)
    tap = read(event("CLICK", EventKey="human"))
    await inbox.take(tap)
    answers.ready.set()
    await settled(inbox)
    assert letters()[0]["tapped_at"] == tap.at


async def test_an_error_is_told_in_friendly_words_and_leaves_nothing_personal(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(message: Received) -> Outbound:
        raise ValueError(message.text + message.openid)

    assert await Inbox(redis, fails).take(HELLO) == lines.AWAY
    assert "ValueError" in caplog.text
    assert HELLO.text not in caplog.text and HELLO.openid not in caplog.text


async def test_an_answer_that_never_comes_ends_in_friendly_words(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 0.1)
    assert await an_inbox(redis, Answers(Outbound("?"), slow=True)).take(HELLO) == lines.AWAY


async def killed(inbox: Inbox) -> None:
    """As its process is: whatever it was doing ends here."""
    for task in list(inbox._running.values()):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def later(redis: Redis) -> None:
    """Half a minute passes."""
    for key in await redis.zrange(TAKEN, 0, -1):
        await redis.zadd(TAKEN, {key: time.time() - module.DIED - 1})


async def test_what_a_killed_gateway_acknowledged_another_answers(redis: Redis) -> None:
    dying = an_inbox(redis, Answers(Outbound("?"), slow=True))
    assert await dying.take(HELLO) == ""
    await killed(dying)
    assert HELLO.text not in str(await redis.get(f"fazhu:wechat:message:{HELLO.key}"))
    answers = Answers(Outbound("可以申请劳动仲裁。"))
    others = [an_inbox(redis, answers) for _ in range(3)]
    await others[0].look()
    assert not answers.asked  # it might still be alive
    await later(redis)
    await asyncio.gather(*(one.look() for one in others))
    assert answers.asked == [HELLO]
    assert [letter["text"] for letter in letters()] == ["可以申请劳动仲裁。"]
    assert await redis.zcard(TAKEN) == 0 and await others[1].take(HELLO) == ""
    await later(redis)
    await others[2].look()
    assert len(letters()) == 1


async def test_a_gateway_killed_before_it_acknowledged_is_answered_for_as_well(redis: Redis) -> None:
    """WeChat delivers again, and the other gateway waits for a reply that never comes."""
    dying = an_inbox(redis, Answers(Outbound("?"), slow=True), 9)
    taking = asyncio.create_task(dying.take(HELLO))
    await asyncio.sleep(0.1)
    await killed(dying)
    taking.cancel()
    await redis.zrem(TAKEN, HELLO.key)  # it died in the middle of noting the message
    other = an_inbox(redis, Answers(Outbound("可以申请劳动仲裁。")), 0.2)
    assert await other.take(HELLO) == ""
    await later(redis)
    await other.look()
    assert len(letters()) == 1


async def test_who_is_still_at_it_is_not_taken_over(redis: Redis) -> None:
    answers = Answers(Outbound("好的。"), slow=True)
    inbox = an_inbox(redis, answers)
    await inbox.take(HELLO)
    await later(redis)
    await inbox.look()
    assert len(answers.asked) == 1
    answers.ready.set()
    await settled(inbox)
    assert len(letters()) == 1


async def test_without_the_database_a_late_answer_waits_for_it(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(Outbound("好的。" * 400))
    inbox = an_inbox(redis, answers)

    def down(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("down"))

    with monkeypatch.context() as patch:
        patch.setattr(module, "_post", down)
        assert await inbox.take(HELLO) == ""
    await later(redis)
    await inbox.look()
    assert [letter["text"] for letter in letters()] == ["好的。" * 400]


async def test_what_cannot_be_read_any_more_is_given_up(redis: Redis) -> None:
    await redis.zadd(TAKEN, {"wx-1": 1, "wx-2": 1})
    await redis.set("fazhu:wechat:message:wx-2", "not encrypted")
    await an_inbox(redis, Answers(Outbound("?"))).look()
    assert await redis.zcard(TAKEN) == 0 and letters() == []
