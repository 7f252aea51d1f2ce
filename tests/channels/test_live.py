"""A worker takes a citizen's conversation over: two gateways, one real Redis, one database."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fakeredis import FakeAsyncRedis
from redis.asyncio import Redis
from sqlalchemy import select

from channels.live import Live
from channels.session import Sessions
from channels.wakes import Wakes
from referrals import passwords, staff
from referrals.errors import IllegalStep, NotAllowed
from referrals.lifecycle import CITIZEN
from referrals.models import Staff, Ticket
from referrals.roles import Role
from referrals.store import engine, migrate, session
from referrals.work import Told, take_step
from tests.referrals.desk import a_person
from tests.services import ROOT, Chat, free_port, listens, wait_until

PASSWORD = "测试口令-correct-horse-7"
REGISTERS = ("转人工", "同意", "老板拖欠我三个月工资", "泰山区", "匿名", "不留电话", "律师", "提交")


@pytest.fixture(scope="module")
def gateways(redis_url: str) -> Iterator[list[str]]:
    """Two gateways on one Redis and one database, Rasa away."""
    migrate()
    nothing = f"http://127.0.0.1:{free_port()}"
    ports = [free_port(), free_port()]
    common = {"FAZHU_REDIS_URL": redis_url, "FAZHU_BOT_URL": nothing, "FAZHU_ACTIONS_URL": nothing}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "channels"],
            cwd=ROOT,
            env={**os.environ, **common, "FAZHU_PORT": str(port), "FAZHU_RATE_LIMIT": "off"},
        )
        for port in ports
    ]
    try:
        for port in ports:
            wait_until(lambda port=port: listens(port), 240, "a gateway")  # type: ignore[misc]
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(15)


@pytest.fixture
async def live(redis_url: str) -> AsyncIterator[Live]:
    redis = Redis.from_url(redis_url, decode_responses=True)
    yield Live(redis, Sessions(redis, 24), Wakes(redis), 10)
    await redis.aclose()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    redis = Redis.from_url(redis_url, decode_responses=True)
    yield redis
    await redis.aclose()


def a_worker(role: Role = Role.WORKER) -> Any:
    actor = a_person(engine(), role)
    with session() as db:
        person = db.get(Staff, actor.staff_id)
        assert person
        return SimpleNamespace(actor=actor, name=person.name, title=person.title)


def a_matter(url: str, lawyer: Any) -> tuple[Chat, str]:
    """A citizen who has just registered with the bot, and the code of the ticket, which is the lawyer's."""
    chat = Chat(url)
    for text in REGISTERS:
        turn = chat.say(text)
    code: str = turn["ticket"]["code"]
    take_step(code, "claim", lawyer.actor)
    return chat, code


class Desk:
    """Somebody signed in at a gateway's desk, with one ticket open."""

    def __init__(self, gateway: str, me: Any, code: str) -> None:
        with session() as db:
            person = db.get(Staff, me.actor.staff_id)
            assert person
            person.password_hash, person.must_change = passwords.hashed(PASSWORD), False
        token = staff.sign_in(me.actor.login, PASSWORD)
        signed_in = staff.signed_in(token)
        assert signed_in
        self.token, self.url = token, f"{gateway}/desk/tickets/{code}/live"
        self._csrf = {"X-CSRF-Token": signed_in.csrf}

    def get(self) -> httpx.Response:
        return self._ask("GET", self.url)

    def post(self, what: str, **fields: str) -> str:
        response = self._ask("POST", f"{self.url}/{what}", data=fields, headers=self._csrf)
        assert response.status_code == 200, response.text
        return response.text

    def _ask(self, method: str, url: str, **how: Any) -> httpx.Response:
        return httpx.request(method, url, cookies={"fazhu_desk": self.token}, timeout=20, trust_env=False, **how)

    def events(self, after: int = 0) -> Any:
        return opened(f"{self.url}/events?after={after}", cookies={"fazhu_desk": self.token})


class Stream:
    """An open event stream, read by a thread of its own."""

    def __init__(self, response: httpx.Response) -> None:
        self.events: list[dict[str, Any]] = []
        self.ended = threading.Event()
        self._response = response
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        event: dict[str, Any] = {}
        try:
            for line in self._response.iter_lines():
                name, _, value = line.partition(": ")
                if line and name:
                    event[name] = f"{event[name]}\n{value}" if name in event else value
                elif event:
                    self.events.append(event)
                    event = {}
        except (httpx.HTTPError, httpx.StreamError):
            pass
        self.ended.set()

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(e["data"]) for e in self.events if "id" in e]

    def texts(self) -> list[str]:
        return [said["text"] for said in self.said()]

    def sights(self) -> list[dict[str, Any]]:
        return [json.loads(e["data"]) for e in self.events if e.get("event") == "presence"]

    def hears(self, text: str) -> None:
        wait_until(lambda: text in self.texts(), 20, f"hearing {text}")


def listening(url: str, chat: Chat, after: int = 0, headers: dict[str, str] | None = None) -> Any:
    return opened(f"{url}/api/v1/chat/sessions/{chat.session_id}/events?after={after}", headers=headers)


@contextmanager
def opened(address: str, **how: Any) -> Iterator[Stream]:
    with httpx.stream("GET", address, timeout=40, trust_env=False, **how) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        yield stream
        # A socket that a thread is reading from is not closed by closing it.
        with suppress(OSError):
            response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        stream.ended.wait(10)


async def test_the_bot_is_silent_while_a_worker_is_there(gateways: list[str], live: Live) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    await live.join(code, lawyer)
    first = chat.say("诉讼时效是几年")
    assert [r["text"] for r in first["replies"]] == [f"工作人员 律师{lawyer.name} 已加入，正在看您的消息。"]
    assert first["live"] == {"name": lawyer.name, "title": "律师"}
    assert chat.say("诉讼时效是几年")["replies"] == []
    assert chat.say("👍")["replies"] == []


async def test_danger_is_answered_whoever_is_there(gateways: list[str], live: Live) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    await live.join(code, lawyer)
    chat.say("在吗")
    [reply] = chat.say("他现在拿刀要杀我")["replies"]
    assert (reply["type"], "110" in reply["text"]) == ("urgent", True)


async def test_words_go_both_ways_across_gateways(gateways: list[str], live: Live) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    with listening(gateways[1], chat) as stream:
        await live.join(code, lawyer)
        chat.say("我有工资条")
        await live.say(code, lawyer, "好的，\n请拍照留好。")
        stream.hears("好的，\n请拍照留好。")
        assert stream.texts() == [
            f"工作人员 律师{lawyer.name} 已加入，正在看您的消息。",
            "我有工资条",
            "好的，\n请拍照留好。",
        ]
        worker = stream.said()[-1]
        assert (worker["who"], worker["name"], worker["title"]) == ("worker", lawyer.name, "律师")
        assert stream.sights()[-1]["live"] == {"name": lawyer.name, "title": "律师"}


async def test_handed_back_the_bot_answers_and_says_so(gateways: list[str], live: Live) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    await live.join(code, lawyer)
    chat.say("在吗")
    await live.leave(code, lawyer)
    turn = chat.say("诉讼时效是几年")
    assert turn["live"] is None
    assert "法助（机器）继续" in turn["replies"][0]["text"]
    assert len(turn["replies"]) > 1
    assert "继续为您解答" not in chat.say("诉讼时效是几年")["replies"][0]["text"]


async def test_who_keeps_writing_to_nobody_gets_the_bot_back(gateways: list[str], live: Live, redis: Redis) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    await live.join(code, lawyer)
    key = f"fazhu:live:{chat.session_id}"
    await redis.expire(key, 100)
    chat.say("在吗")
    assert await redis.ttl(key) > 500  # a word to answer gives the worker ten minutes
    await redis.expire(key, 100)
    chat.say("还在吗")
    assert await redis.ttl(key) <= 100  # a second one does not
    await live.say(code, lawyer, "在的")
    assert await redis.ttl(key) > 500
    await redis.pexpire(key, 1)
    wait_until(lambda: "法助（机器）继续" in "".join(r["text"] for r in chat.say("你好")["replies"]), 10, "the bot")
    with pytest.raises(IllegalStep, match="请先加入"):
        await live.say(code, lawyer, "我回来了")


async def test_two_cannot_both_join(gateways: list[str], live: Live) -> None:
    lawyer, supervisor = a_worker(), a_worker(Role.SUPERVISOR)
    _, code = a_matter(gateways[0], lawyer)
    first = await live.join(code, lawyer)
    with pytest.raises(IllegalStep, match=f"律师{lawyer.name}正在这段对话里"):
        await live.join(code, supervisor)
    assert (await live.join(code, lawyer)).since == first.since  # once more is no second time
    await live.leave(code, supervisor)  # nobody is put out by somebody else
    await live.say(code, lawyer, "我在")
    await live.leave(code, lawyer)
    assert (await live.join(code, supervisor)).staff_id == supervisor.actor.staff_id


async def test_strangers_and_ended_conversations_are_not_joined(gateways: list[str], live: Live) -> None:
    lawyer, other = a_worker(), a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    with pytest.raises(NotAllowed):
        await live.join(code, other)
    httpx.delete(f"{gateways[0]}/api/v1/chat/sessions/{chat.session_id}", trust_env=False)
    with pytest.raises(IllegalStep, match="已经结束"):
        await live.join(code, lawyer)
    assert await live.current(chat.session_id or "") is None


async def test_a_closed_ticket_is_not_joined(gateways: list[str], live: Live) -> None:
    lawyer = a_worker()
    _, code = a_matter(gateways[0], lawyer)
    take_step(code, "withdraw", CITIZEN)
    with pytest.raises(IllegalStep, match="已办结"):
        await live.join(code, lawyer)


async def test_a_reconnect_misses_nothing(gateways: list[str], live: Live) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    await live.join(code, lawyer)
    with listening(gateways[0], chat) as stream:
        await live.say(code, lawyer, "一")
        stream.hears("一")
        last = stream.said()[-1]["id"]
    await live.say(code, lawyer, "二")
    await live.say(code, lawyer, "三")
    with listening(gateways[1], chat, headers={"Last-Event-ID": str(last)}) as stream:
        stream.hears("三")
        assert stream.texts() == ["二", "三"]
    with listening(gateways[1], chat, after=last) as stream:
        stream.hears("三")
        assert stream.texts() == ["二", "三"]


async def test_a_stream_opened_before_there_is_a_ticket_waits(gateways: list[str], live: Live) -> None:
    lawyer, chat = a_worker(), Chat(gateways[0])
    chat.say("你好")
    with listening(gateways[1], chat) as stream:
        for text in REGISTERS:
            turn = chat.say(text)
        code = turn["ticket"]["code"]
        take_step(code, "claim", lawyer.actor)
        await live.join(code, lawyer)
        await live.say(code, lawyer, "您好")
        stream.hears("您好")


async def test_presence_is_seen_by_the_citizen(gateways: list[str], live: Live) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    await live.join(code, lawyer)
    with listening(gateways[0], chat) as stream:
        wait_until(lambda: bool(stream.sights()), 10, "a first sight")
        assert stream.sights()[0]["present"] is False
        await live.appear(chat.session_id or "", [code], "worker")
        wait_until(lambda: stream.sights()[-1]["present"], 10, "presence")
        assert await live.is_present(code, "citizen")


async def test_an_erased_conversation_ends_its_streams(gateways: list[str]) -> None:
    chat, _ = a_matter(gateways[0], a_worker())
    with listening(gateways[1], chat) as stream:
        wait_until(lambda: bool(stream.sights()), 10, "a first sight")
        httpx.delete(f"{gateways[0]}/api/v1/chat/sessions/{chat.session_id}", trust_env=False)
        assert stream.ended.wait(10)
    address = f"{gateways[1]}/api/v1/chat/sessions/{chat.session_id}/events"
    assert httpx.get(address, trust_env=False).status_code == 404


def test_a_conversation_has_five_streams_and_a_closed_one_makes_room(gateways: list[str]) -> None:
    chat = Chat(gateways[0])
    chat.say("你好")
    address = f"{gateways[0]}/api/v1/chat/sessions/{chat.session_id}/events"

    def status() -> int:
        with httpx.stream("GET", address, timeout=10, trust_env=False) as response:
            return response.status_code

    with ExitStack() as all_of_them:
        streams = [all_of_them.enter_context(listening(gateways[0], chat)) for _ in range(5)]
        wait_until(lambda: all(stream.events for stream in streams), 10, "five streams")
        assert status() == 429
    wait_until(lambda: status() == 200, 10, "room")


async def test_what_the_worker_said_stays_in_the_conversation(gateways: list[str], live: Live) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    await live.join(code, lawyer)
    chat.say("在吗")
    await live.say(code, lawyer, "在的，请说")
    address = f"{gateways[1]}/api/v1/chat/sessions/{chat.session_id}"
    last = httpx.get(address, trust_env=False).json()["entries"][-1]
    assert (last["who"], last["text"], last["name"]) == ("worker", "在的，请说", lawyer.name)
    assert httpx.get(f"{address}/report.docx", trust_env=False).status_code == 200


async def test_with_redis_away_nobody_is_there() -> None:
    nowhere = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0", decode_responses=True)
    live = Live(nowhere, Sessions(nowhere, 24), Wakes(nowhere), 10)
    assert await live.current("any") is None
    await nowhere.aclose()


def test_streams_are_not_timed(gateways: list[str]) -> None:
    chat = Chat(gateways[1])

    def timed(route: str) -> list[str]:
        lines = httpx.get(f"{gateways[1]}/metrics", trust_env=False).text.splitlines()
        return [line for line in lines if line.startswith("fazhu_request_seconds_count") and route in line]

    before = timed("/events")
    chat.say("你好")
    with listening(gateways[1], chat) as stream:
        wait_until(lambda: bool(stream.sights()), 10, "a first sight")
    assert timed("/chat/messages")
    assert timed("/events") == before


async def test_a_wake_up_arrives_within_one_process_too() -> None:
    redis = FakeAsyncRedis(decode_responses=True)
    wakes = Wakes(redis)
    listening = asyncio.create_task(wakes.listen())
    with wakes.bell("mine", "citizen") as mine, wakes.bell("other", "citizen") as other:
        async with asyncio.timeout(10):
            while not mine.is_set():
                await wakes.wake("mine")  # until somebody listens
                await asyncio.sleep(0)
        assert not other.is_set()
    assert wakes.streams("mine", "citizen") == 0
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await redis.aclose()


def test_a_worker_at_one_gateway_talks_with_a_citizen_at_the_other(gateways: list[str]) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[1], lawyer)
    desk = Desk(gateways[0], lawyer, code)
    assert "加入对话" in desk.get().text
    assert "离开，交还机器" in desk.post("join")
    with listening(gateways[1], chat) as citizen, desk.events() as worker:
        chat.say("我有<b>工资条</b>")
        desk.post("messages", text="好的，\n请拍照留好。")
        citizen.hears("好的，\n请拍照留好。")

        def shown() -> str:
            return "\n".join(event.get("data", "") for event in worker.events)

        wait_until(lambda: "好的，\n请拍照留好。" in shown(), 20, "the worker's own words")
        assert "我有&lt;b&gt;工资条&lt;/b&gt;" in shown()  # text, never markup
        wait_until(lambda: "群众正在线" in shown(), 20, "the citizen's presence")
        wait_until(lambda: citizen.sights()[-1]["present"], 20, "the worker's presence")
        last = max(int(event["id"]) for event in worker.events if "id" in event)
    chat.say("还有考勤")
    with desk.events(after=last) as worker:
        wait_until(lambda: any("考勤" in event.get("data", "") for event in worker.events), 20, "what was missed")
        assert sum("id" in event for event in worker.events) == 1
    assert "加入对话" in desk.post("leave")
    assert "法助（机器）继续" in chat.say("你好")["replies"][0]["text"]


def test_a_worker_goes_along_when_the_citizen_goes_on_elsewhere(gateways: list[str]) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    desk = Desk(gateways[0], lawyer, code)
    desk.post("join")
    with session() as db:
        pin = db.scalars(select(Ticket.pin).filter_by(code=code)).one()
    elsewhere = Chat(gateways[1])
    assert "接上了" in elsewhere.say(f"接着办 {code} {pin}")["replies"][0]["text"]
    with listening(gateways[1], elsewhere) as citizen:
        desk.post("messages", text="您换到手机上了吧，请接着说。")
        citizen.hears("您换到手机上了吧，请接着说。")
    assert elsewhere.say("我还有一张欠条")["live"]["name"] == lawyer.name
    assert "我还有一张欠条" in desk.get().text
    assert chat.say("离婚冷静期是多少天")["live"] is None  # whoever is left at the first device has the bot


def test_the_desk_says_why_not(gateways: list[str]) -> None:
    lawyer, supervisor, other = a_worker(), a_worker(Role.SUPERVISOR), a_worker()
    _, code = a_matter(gateways[0], lawyer)
    mine, theirs = Desk(gateways[0], lawyer, code), Desk(gateways[1], supervisor, code)
    kept = mine.post("messages", text="没加入就说")
    assert "请先加入" in kept and "没加入就说" in kept  # what was typed is not lost
    mine.post("join")
    assert f"律师{lawyer.name}正在这段对话里" in theirs.post("join")
    assert Desk(gateways[0], other, code).get().status_code == 404
    with pytest.raises(AssertionError):
        mine.post("messages", text="长" * 2001)


def test_the_desks_stream_ends_with_the_sign_in(gateways: list[str]) -> None:
    lawyer = a_worker()
    chat, code = a_matter(gateways[0], lawyer)
    desk = Desk(gateways[0], lawyer, code)
    desk.post("join")
    with desk.events() as worker:
        wait_until(lambda: bool(worker.events), 20, "a first event")
        staff.sign_out(desk.token)
        chat.say("在吗")
        assert worker.ended.wait(20)
        assert not any("在吗" in event.get("data", "") for event in worker.events)


def test_a_ticket_that_went_to_somebody_else_is_not_read_on(gateways: list[str]) -> None:
    lawyer, heir, dispatcher = a_worker(), a_worker(), a_worker(Role.DISPATCHER)
    chat, code = a_matter(gateways[0], lawyer)
    desk = Desk(gateways[0], lawyer, code)
    desk.post("join")
    with desk.events() as worker:
        wait_until(lambda: bool(worker.events), 20, "a first event")
        take_step(code, "hand_over", dispatcher.actor, Told(assignee=heir.actor.staff_id, reason="请假"))
        chat.say("在吗")
        assert worker.ended.wait(20)
