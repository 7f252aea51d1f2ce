"""The product as an operator sees it: parts die, hang and return; Ctrl-C ends everything."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.services import Chat, Product, listens, wait_until

QUESTION = "老板拖欠我三个月工资不给怎么办"
BOT, ACTIONS, GATEWAY = "-m bot", "-m actions", "-m channels"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, to be mistreated."""
    running = Product(tmp_path_factory.mktemp("mistreated"))
    wait_until(running.ready, 90, "the product")
    yield running
    running.stop()


def timed(chat: Chat, text: str) -> tuple[dict, float]:  # type: ignore[type-arg]
    started = time.monotonic()
    return chat.say(text), time.monotonic() - started


def refer(chat: Chat) -> dict:  # type: ignore[type-arg]
    """A referral from the wish to the ticket."""
    for text in ("转人工", "同意", "老板拖欠我三个月工资", "泰山区", "匿名", "不留电话", "法律援助"):
        assert chat.say(text)["replies"][-1]["type"] == "form"
    return chat.say("提交")


def test_the_address_is_printed_once_everything_serves(own: Product) -> None:
    wait_until(lambda: f"FaZhu is ready: {own.url}" in own.output(), 15, "the address")


def test_a_hanging_rasa_keeps_no_citizen_waiting(own: Product) -> None:
    chat = own.chat()
    assert chat.say(QUESTION)["degraded"] is False
    own.signal(BOT, signal.SIGSTOP)
    try:
        turn, seconds = timed(chat, "离婚冷静期是多少天，能反悔吗")
        assert turn["degraded"] is True
        assert turn["replies"][0]["citations"]
        assert seconds < 2
    finally:
        own.signal(BOT, signal.SIGCONT)
    wait_until(lambda: chat.say(QUESTION)["degraded"] is False, 30, "Rasa in use again")


def test_a_form_goes_on_when_rasa_hangs_in_the_middle_and_when_it_returns(own: Product) -> None:
    chat = own.chat()
    for text in ("转人工", "同意", "老板拖欠我三个月工资"):
        assert chat.say(text)["degraded"] is False
    own.signal(BOT, signal.SIGSTOP)
    try:
        turn = chat.say("泰山区")
        assert turn["degraded"] is True and "称呼" in turn["replies"][-1]["text"]
        assert "电话" in chat.say("匿名")["replies"][-1]["text"]
    finally:
        own.signal(BOT, signal.SIGCONT)
    wait_until(lambda: own.chat().say("你好")["degraded"] is False, 30, "Rasa in use again")
    turn = chat.say("不留电话")
    assert turn["degraded"] is False and "服务" in turn["replies"][-1]["text"]
    assert "请核对" in chat.say("法律援助")["replies"][-1]["text"]
    assert chat.say("提交")["ticket"]["status"] == "已受理"


def test_a_killed_rasa_is_replaced_restarted_and_used_again(own: Product) -> None:
    chat = own.chat()
    chat.say("你好")
    own.signal(BOT, signal.SIGKILL)
    turn, seconds = timed(chat, QUESTION)
    assert turn["degraded"] is True
    assert turn["replies"][0]["type"] in ("answer", "clarify")
    assert seconds < 2
    ticket = refer(own.chat())
    assert ticket["degraded"] is True and ticket["ticket"]["status"] == "已受理"
    wait_until(lambda: own.chat().say(QUESTION)["degraded"] is False, 60, "Rasa in use again")


def test_a_dead_action_server_is_replaced_and_restarted(own: Product) -> None:
    chat = own.chat()
    chat.say("你好")
    own.signal(ACTIONS, signal.SIGKILL)
    turn, seconds = timed(chat, QUESTION)
    assert turn["degraded"] is True and seconds < 2
    wait_until(lambda: own.chat().say(QUESTION)["degraded"] is False, 60, "actions in use again")


def test_a_killed_gateway_is_restarted_and_tickets_are_still_there(own: Product) -> None:
    chat = own.chat()
    turn = refer(chat)
    button = turn["replies"][-1]["buttons"][0]["payload"]
    own.signal(GATEWAY, signal.SIGKILL)
    wait_until(lambda: not listens(own.ports["FAZHU_PORT"]), 10, "the gateway gone")
    wait_until(own.ready, 60, "the gateway back")
    assert own.chat().say(button)["ticket"] == turn["ticket"]


def test_nothing_a_citizen_said_is_in_the_output_or_the_files(own: Product) -> None:
    chat = own.chat()
    secret = "欧阳铁柱欠我七万零三百"
    chat.say(secret)
    chat.say("电话13000000000")
    for path in Path(own.var).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for words in ("欧阳铁柱", "13000000000"):
                assert words.encode() not in content, path


def test_ctrl_c_ends_every_process(own: Product) -> None:
    processes = psutil.Process(own.process.pid).children(recursive=True)
    assert len(processes) >= 3
    own.stop()
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert not alive
    assert all(not listens(port) for port in own.ports.values())
    assert not os.path.exists(own.var / "supervisord.pid")
