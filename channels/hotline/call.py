"""A call played from a script against a running gateway, both sides printed like a dialogue.

``python -m channels.hotline.call script.yml [--url http://127.0.0.1:8000]`` with ``FAZHU_HOTLINE_SECRET`` set.

A script is YAML: ``caller`` (a number), ``queue``, and ``turns``, each with what the caller does: ``say``, ``press``,
``silent``, ``interrupt``, ``hang_up`` or ``transferred`` (connected, failed); ``confidence`` and ``queue`` beside it.
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
from pydantic import Field, model_validator

from channels.hotline.contract import CallReply, Queue
from channels.hotline.signature import HEADER, Signed
from channels.strict_yaml import Strict, read
from knowledge_base.errors import ContentError

PATIENCE = 15.0  # seconds


class Doing(Strict):
    """One thing the caller does."""

    say: str | None = None
    press: str | None = Field(default=None, pattern=r"^[0-9*#]+$")
    silent: bool = False
    interrupt: bool = False
    hang_up: bool = False
    transferred: Literal["connected", "failed"] | None = None
    confidence: float | None = None
    queue: Queue | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "Doing":
        if (
            sum(
                map(
                    bool,
                    (self.say is not None, self.press, self.silent, self.interrupt, self.hang_up, self.transferred),
                )
            )
            != 1
        ):
            raise ValueError("say, press, silent, interrupt, hang_up or transferred: one of them")
        return self

    def event(self) -> dict[str, Any]:
        if self.say is not None:
            return {"event": "speech", "text": self.say, "confidence": self.confidence}
        if self.press:
            return {"event": "dtmf", "digits": self.press}
        if self.transferred:
            return {"event": "transfer_result", "result": self.transferred}
        return {"event": "silence" if self.silent else "barge_in" if self.interrupt else "hangup"}

    def __str__(self) -> str:
        done = {
            "speech": "（听不清）",
            "silence": "（不说话）",
            "barge_in": "（打断）",
            "hangup": "（挂机）",
            "transfer_result": "（转接结果）",
        }
        return self.say or (self.press and f"（按键 {self.press}）") or done[self.event()["event"]]


class Script(Strict):
    caller: str = ""
    queue: Queue | None = None
    turns: list[Doing] = Field(min_length=1)


Post = Callable[[str, bytes, dict[str, str]], httpx.Response]  # path, body, headers


class Phone:
    """One call; ``post`` sends to a gateway."""

    def __init__(self, post: Post, secret: str, caller: str = "", call_id: str = "") -> None:
        self._post, self._secret, self._caller = post, secret, caller
        self.call_id = call_id or f"sim-{secrets.token_hex(8)}"
        self._seq = -1

    def send(self, event: str, **fields: Any) -> CallReply:
        """
        Raises:
            httpx.HTTPStatusError: the gateway refused the event.
        """
        self._seq += 1
        said = {"seq": self._seq, "event": event, "caller": self._caller, **fields}
        path = f"/api/v1/calls/{self.call_id}/turns"
        body = json.dumps({key: value for key, value in said.items() if value is not None}).encode()
        signed = Signed("POST", path.encode(), body).by(self._secret, int(time.time()))
        response = self._post(path, body, {HEADER: signed, "Content-Type": "application/json"})
        response.raise_for_status()
        return CallReply.model_validate_json(response.content)


def play(script: Script, phone: Phone) -> Iterator[tuple[str, CallReply]]:
    """(what the caller does, what they hear), up to the end of the script or the call."""
    queue = script.queue
    yield "（接通）", phone.send("start", queue=queue and queue.model_dump())
    for doing in script.turns:
        queue = doing.queue or queue
        reply = phone.send(**doing.event(), queue=queue and queue.model_dump())
        yield str(doing), reply
        if reply.hangup or (reply.transfer and not doing.hang_up):
            return


def shown(did: str, reply: CallReply) -> str:
    lines = [f"来电  {did}", f"法助  {reply.say}"]
    if reply.transfer:
        lines.append(f"      → 转接 {reply.transfer.to}｜{reply.transfer.summary!r}")
    if reply.hangup:
        lines.append("      → 挂机")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m channels.hotline.call", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("script", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    asked = parser.parse_args()
    secret = os.environ.get("FAZHU_HOTLINE_SECRET", "")
    if not secret:
        return _fail("FAZHU_HOTLINE_SECRET is not set: it must be the gateway's")
    try:
        script = read(asked.script, Script, "write it as the head of channels/hotline/call.py describes")
        with httpx.Client(base_url=asked.url, timeout=PATIENCE, trust_env=False) as http:
            phone = Phone(
                lambda path, body, headers: http.post(path, content=body, headers=headers), secret, script.caller
            )
            for did, reply in play(script, phone):
                print(shown(did, reply), flush=True)
    except (ContentError, OSError, httpx.HTTPError) as error:
        return _fail(str(error))
    return 0


def _fail(why: str) -> int:
    print(why, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
