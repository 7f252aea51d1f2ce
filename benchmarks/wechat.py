"""WeChat under load: ``python -m benchmarks.wechat [MESSAGES]``. Results go to ``benchmarks/wechat.json``.

A gateway on a socket, a real Redis, a worker's loop and WeChat's side of both; three messages in ten are delivered
twice, one in ten is slow to answer. Every reply bears its message's mark, so that one that is missing or comes twice is
seen.
"""

import asyncio
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from benchmarks.__main__ import milliseconds, questions
from benchmarks.understanding import ROOT
from channels.app import create_app
from channels.conversation import Conversation, Incoming, TurnOut
from channels.settings import Settings
from channels.wechat.sending import to_wechat
from referrals import outbox
from referrals.store import migrate
from tests.services import free_port, listens, wait_until
from tests.wechat_server import AES_KEY, WeChat, account, delivery, message, serving

RESULTS = Path(__file__).parent / "wechat.json"
CITIZENS_AT_ONCE = 8
REPEATED, SLOWED = 0.3, 0.1
_MARK = re.compile(r"〔(wx-\d+)〕")


@dataclass
class Load:
    """``in_time``: seconds the gateway waits for an answer; a slow one takes half as long again. ``slow`` are marks."""

    messages: int
    in_time: float
    slow: set[str] = field(default_factory=set)
    acknowledged: list[float] = field(default_factory=list)  # seconds, of those that were not slowed
    passive: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # mark -> texts


@dataclass
class Marking:
    """In the conversation's place: slow for some, and marks every reply."""

    real: Conversation
    load: Load

    async def handle(self, said: Incoming) -> TurnOut:
        if said.message_id in self.load.slow:
            await asyncio.sleep(self.load.in_time * 1.5)
        turn = await self.real.handle(said)
        first, *others = turn.replies
        marked = first.model_copy(update={"text": f"〔{said.message_id}〕{first.text}"})
        return turn.model_copy(update={"replies": [marked, *others]})


@contextmanager
def serving_gateway(load: Load) -> Iterator[str]:
    """The gateway by the environment, without Rasa. Its address."""
    port, nothing = free_port(), f"http://127.0.0.1:{free_port()}"
    app = create_app(Settings(bot_url=nothing, actions_url=nothing, rate_limit="off"))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, 90, "the gateway")
        inbox = app.state.wechat
        inbox.in_time = load.in_time
        house = inbox._answer.__self__.house
        house.conversation = Marking(house.conversation, load)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def delivering() -> Iterator[None]:
    """A worker's loop; at the end it goes on until nothing is due."""
    over = threading.Event()

    def loop() -> None:
        while not over.wait(0.2):
            outbox.deliver({"wechat": to_wechat})
        outbox.deliver({"wechat": to_wechat}, limit=1000)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


async def drive(url: str, load: Load, asked: list[str]) -> None:
    """``asked`` by citizens who each wait for their last message to be acknowledged."""
    dice = random.Random(7)
    xmls = [message("text", f"o-citizen-{n // 10}", id=n + 1, Content=text) for n, text in enumerate(asked)]
    load.slow |= {f"wx-{n + 1}" for n in dice.sample(range(len(xmls)), round(SLOWED * len(xmls)))}
    twice = set(dice.sample(range(len(xmls)), round(REPEATED * len(xmls))))
    citizens = asyncio.Semaphore(CITIZENS_AT_ONCE)
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:

        async def one(first: int) -> None:
            async with citizens:
                for n in range(first, min(first + 10, len(xmls))):
                    deliveries = [_deliver(http, load, n, xmls[n])]
                    if n in twice:
                        deliveries.append(_deliver(http, load, n, xmls[n], dice.random() * load.in_time))
                    await asyncio.gather(*deliveries)

        await asyncio.gather(*(one(first) for first in range(0, len(xmls), 10)))


async def _deliver(http: httpx.AsyncClient, load: Load, n: int, xml: str, after: float = 0) -> None:
    await asyncio.sleep(after)
    sent, mark = delivery(xml, AES_KEY), f"wx-{n + 1}"
    started = time.perf_counter()
    response = await http.post("/wechat", params=sent.params, content=sent.body)
    if not after and mark not in load.slow:
        load.acknowledged.append(time.perf_counter() - started)
    assert response.status_code == 200, response.text
    if reply := sent.read(response.content):
        load.passive[mark].add(reply["Content"])


def outcome(load: Load, wechat: WeChat) -> dict[str, Any]:
    """What citizens got, and how soon WeChat was answered."""
    bodies = [json.dumps(body, ensure_ascii=False) for body in wechat.sent()]
    replies = Counter(mark for body in bodies for mark in _MARK.findall(body))
    replies.update({mark: len(texts) for mark, texts in load.passive.items()})
    marks = {f"wx-{n + 1}" for n in range(load.messages)}
    return {
        "messages": load.messages,
        "delivered_twice": round(REPEATED * load.messages),
        "slowed": len(load.slow),
        "answered_at_once": len(load.passive),
        "messages_sent_later": len(bodies),
        "lost": len(marks - replies.keys()),
        "answered_twice": sum(count > 1 for count in replies.values()),
        "acknowledgement": milliseconds(load.acknowledged),
    }


def measure(messages: int, in_time: float) -> dict[str, Any]:
    """Under the environment that is set: its Redis, its database, WeChat's API."""
    known = questions()
    load = Load(messages, in_time)
    with serving() as wechat, account(wechat.url, FAZHU_WECHAT_AES_KEY=AES_KEY, FAZHU_PUBLIC_URL="https://law.example"):
        with delivering(), serving_gateway(load) as url:
            started = time.perf_counter()
            asyncio.run(drive(url, load, [known[n % len(known)] for n in range(messages)]))
            seconds = time.perf_counter() - started
        return {**outcome(load, wechat), "seconds": round(seconds, 1)}


@contextmanager
def redis_server() -> Iterator[str]:
    program, port = shutil.which("redis-server"), free_port()
    assert program, "redis-server is missing: ops/test-packages installs it"
    command = [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        wait_until(lambda: listens(port), 10, "redis-server")
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


def main(arguments: list[str]) -> int:
    messages = int(arguments[0]) if arguments else 1000
    with tempfile.TemporaryDirectory() as var, redis_server() as url:
        os.environ |= {"FAZHU_VAR": var, "FAZHU_CACHE": str(ROOT / "var" / "cache"), "FAZHU_REDIS_URL": url}
        migrate()
        found = measure(messages, 4.3)
    print(json.dumps(found, indent=2))
    if messages == 1000:
        RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 1 if found["lost"] or found["answered_twice"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
