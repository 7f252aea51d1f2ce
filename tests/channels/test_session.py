import asyncio

import pytest
from redis.asyncio import Redis

from channels.errors import Busy
from channels.session import ROTATE_AFTER, Session, Sessions
from channels.settings import Settings
from channels.shared_state import allow, connect


@pytest.fixture(params=["embedded", "redis"])
async def redis(request: pytest.FixtureRequest) -> Redis:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    connected = connect(Settings(redis_url=url))
    await connected.flushall()
    yield connected
    await connected.aclose()


async def test_a_session_comes_back_as_it_was_left(redis: Redis) -> None:
    sessions, session = Sessions(redis, 24), Session.new()
    session.note("citizen", {"text": "老板不给钱"})
    session.form = {"name": "referral", "requested": "phone", "draft": {"consent": True}}
    await sessions.save(session)
    assert await sessions.exists(session.id)
    assert await sessions.load(session.id) == session


async def test_what_was_said_is_not_readable_in_the_store(redis: Redis) -> None:
    session = Session.new()
    session.note("citizen", {"text": "13000000000"})
    await Sessions(redis, 24).save(session)
    for key in await redis.keys():
        assert "13000000000" not in await redis.get(key)
        assert 0 < await redis.ttl(key) <= 24 * 3600


async def test_a_forgotten_session_is_gone(redis: Redis) -> None:
    sessions, session = Sessions(redis, 24), Session.new()
    await sessions.save(session)
    await sessions.forget(session.id)
    assert await sessions.load(session.id) is None


async def test_messages_of_one_conversation_wait_for_each_other(redis: Redis) -> None:
    sessions, order = Sessions(redis, 24), []

    async def turn(name: str) -> None:
        async with sessions.one_at_a_time("s"):
            order.append(f"{name} in")
            await asyncio.sleep(0.05)
            order.append(f"{name} out")

    await asyncio.gather(turn("a"), turn("b"))
    assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])


async def test_a_message_that_would_wait_too_long_is_told_so(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.session.PATIENCE", 0.1)
    sessions = Sessions(redis, 24)
    async with sessions.one_at_a_time("s"):
        with pytest.raises(Busy):
            async with sessions.one_at_a_time("s"):
                pass


async def test_a_rate_is_counted_by_name(redis: Redis) -> None:
    assert [await allow(redis, "a", 2) for _ in range(3)] == [True, True, False]
    assert await allow(redis, "b", 2)


def test_rasa_gets_a_fresh_conversation_now_and_then_but_not_in_a_form() -> None:
    session = Session.new()
    first = session.sender
    for _ in range(ROTATE_AFTER):
        session.begin_turn()
    assert session.sender == first
    session.form = {"name": "referral"}
    session.begin_turn()
    assert session.sender == first
    session.form = None
    session.begin_turn()
    assert session.sender != first


def test_a_follow_up_is_read_with_its_question_and_a_new_subject_is_not() -> None:
    session = Session.new()
    assert session.understand("那要多久") == "那要多久"  # nothing was said before
    session.question, session.answered = "协议离婚怎么办？", "divorce-how"
    assert session.understand("那要多久") == "协议离婚怎么办，那要多久"
    assert (session.given, session.other_than) == (None, "divorce-how")
    assert session.understand("孩子才一岁") == "协议离婚怎么办，孩子才一岁"
    assert (session.given, session.other_than) == ("divorce-how", None)
    assert session.understand("换个问题，老板拖欠工资怎么办") == "换个问题，老板拖欠工资怎么办"
    assert (session.given, session.other_than) == (None, None)
    session.form = {"name": "referral", "requested": "phone", "draft": {}}
    assert session.understand("那要多久") == "那要多久"  # what is said in a form answers the form
