"""The hotline's own files: transfers, dialects, scripts for the simulator."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from channels.hotline.call import Doing, Script, play, shown
from channels.hotline.contract import CallReply
from channels.hotline.dialects import FIX, Dialect, dialects
from channels.hotline.transfers import load, transfers
from channels.hotline.wording import aloud
from channels.strict_yaml import read
from knowledge_base.errors import ContentError
from tests.channels.hotline import a_phone, centre, sent

__all__ = ["centre"]

EXAMPLES = Path(__file__).parent.parent.parent / "channels" / "hotline" / "examples"
GOOD = """agent: agent
rules:
  - id: government
    to: "12345"
    title: 12345 热线
    about: 这件事由 12345 受理
    keywords: [停水]
"""


class TestTransfers:
    @pytest.mark.parametrize(
        ("was", "becomes", "line", "fault"),
        [
            ('"12345"', '"99999"', 3, "99999 is no number of content/hotlines.yml"),
            ("keywords: [停水]", "topics: [没有的]", 3, "no such topic: 没有的"),
            ("    keywords: [停水]\n", "", 3, "it would never be offered"),
            ("id: government", "id: 政府", 3, "rules.0.id"),
            ("    title: 12345 热线\n", "", 3, "rules.0.title: Field required"),
            ("about:", "abuot:", 6, "rules.0.abuot: Extra inputs"),
            ("agent: agent\n", "", 1, "agent: Field required"),
            ("rules:\n", "rules: [\n", 3, "not YAML"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_told_with_file_line_and_fix(
        self, tmp_path: Path, was: str, becomes: str, line: int, fault: str
    ) -> None:
        assert was in GOOD
        path = tmp_path / "transfers.yml"
        path.write_text(GOOD.replace(was, becomes), encoding="utf-8")
        with pytest.raises(ContentError) as wrong:
            load(path)
        told = "\n".join(map(str, wrong.value.problems))
        assert fault in told and f"{path}:{line}:" in told and "fix:" in told

    def test_a_matter_is_found_by_its_words_unless_others_stand_beside_them(self) -> None:
        found = transfers().fitting("小区停水三天了", None)
        assert found and found.to == "12345"
        assert transfers().fitting("房东停水赶我走", None) is None
        assert transfers().fitting("老板不发工资", "劳动纠纷") is None

    def test_a_matter_is_found_by_its_topic(self, tmp_path: Path) -> None:
        path = tmp_path / "transfers.yml"
        path.write_text(GOOD.replace("keywords: [停水]", "topics: [劳动纠纷]"), encoding="utf-8")
        assert load(path).fitting("随便什么", "劳动纠纷")

    def test_what_is_said_of_them_can_be_said(self) -> None:
        for rule in transfers().rules:
            assert aloud(rule.title) and aloud(rule.about)


class TestDialects:
    def test_aliyun_style_a_call_from_greeting_to_transfer(self, centre: TestClient) -> None:
        def turn(timestamp: int, kind: str, **content: str) -> dict:  # type: ignore[type-arg]
            said = {"call_id": "1^2", "timestamp": timestamp, "content_type": kind, "content": json.dumps(content)}
            reply = sent(centre, "/api/v1/calls/aliyun_vms/1%5E2/turns", json.dumps(said).encode())
            assert reply.status_code == 200, reply.text
            return reply.json()["data"]  # type: ignore[no-any-return]

        greeting = turn(1504174341229, "callin", caller="13000000001")
        assert (greeting["action"], greeting["action_code"], greeting["call_id"]) == ("answer", "$tts$", "1^2")
        assert greeting["mute_time"] == 5000 and "幺二三四八" in json.loads(greeting["action_code_param"])["tts"]
        answer = turn(1504174351229, "normal", words="老板拖欠工资怎么办")
        assert answer["action"] == "play" and "劳动仲裁" in json.loads(answer["action_code_param"])["tts"]
        assert turn(1504174351229, "normal", words="老板拖欠工资怎么办") == answer
        assert turn(1504174361229, "mute")["action"] == "play"
        moved = turn(1504174371229, "dtmf", dtmf="0")
        assert moved["action"] == "transfer" and json.loads(moved["action_params"])["callee"] == "agent"

    def test_it_may_come_as_a_form(self, centre: TestClient) -> None:
        said = {
            "timestamp": "1504174341229",
            "content_type": "callin",
            "content": json.dumps({"caller": "13000000001"}),
        }
        form = "application/x-www-form-urlencoded"
        path = "/api/v1/calls/aliyun_vms/form/turns"
        reply = sent(centre, path, urlencode(said).encode(), **{"Content-Type": form})
        assert reply.json()["data"]["action"] == "answer"

    def test_ncco_style_a_call_from_greeting_to_hanging_up(self, centre: TestClient) -> None:
        path = "/api/v1/calls/ncco/aaaa-bbbb/turns"

        def turn(**said: object) -> list:  # type: ignore[type-arg]
            reply = sent(centre, path, json.dumps({"uuid": "aaaa-bbbb", **said}).encode())
            assert reply.status_code == 200, reply.text
            return reply.json()  # type: ignore[no-any-return]

        def at(second: int) -> str:
            return f"2026-01-01T14:00:{second:02d}.000Z"

        talk, listen = turn(**{"from": "13000000001", "to": "12348"})
        assert "幺二三四八" in talk["text"] and talk["bargeIn"] is True
        assert listen["dtmf"]["maxDigits"] == 1 and listen["speech"]["endOnSilence"] == 0.8
        heard = {
            "results": [{"text": "老板拖欠工资怎么办", "confidence": "0.93"}],
            "timeout_reason": "end_on_silence_timeout",
        }
        assert "劳动仲裁" in turn(timestamp=at(10), speech=heard)[0]["text"]
        assert "我在听" in turn(timestamp=at(20), speech={"timeout_reason": "start_timeout"}, dtmf={})[0]["text"]
        assert turn(timestamp=at(25), status="answered", **{"from": "1"}) == {}, "of no concern"
        *_, connect = turn(timestamp=at(30), dtmf={"digits": "0", "timed_out": False})
        assert connect == {"action": "connect", "endpoint": [{"type": "phone", "number": "agent"}]}
        assert turn(timestamp=at(40), status="completed")[0]["action"] == "talk"

    def test_they_are_signed_like_everything_else(self, centre: TestClient) -> None:
        assert sent(centre, "/api/v1/calls/ncco/a/turns", b"{}", "").status_code == 401

    @pytest.mark.parametrize(
        ("dialect", "body", "status"),
        [
            ("nobody", b"{}", 404), ("ncco", b"{", 400), ("ncco", b"{}", 422), ("ncco", b"[1]", 422),
            ("aliyun_vms", b'{"timestamp": "soon", "content_type": "mute"}', 422),
            ("aliyun_vms", b'{"timestamp": 1, "content_type": "dtmf", "content": "{\\"dtmf\\": \\"A\\"}"}', 422),
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_told(self, centre: TestClient, dialect: str, body: bytes, status: int) -> None:
        reply = sent(centre, f"/api/v1/calls/{dialect}/x/turns", body)
        assert reply.status_code == status and reply.json()["error"]["message"]

    def test_a_broken_table_is_told_with_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / "broken.yml"
        path.write_text(
            "seq: s\nevents:\n  - when: {a: b}\n    event: dance\nspeak: 1\ntransfer: 1\nhangup: 1\n", "utf-8"
        )
        with pytest.raises(ContentError, match=rf"{path}:4: events\.0\.event"):
            read(path, Dialect, FIX)

    def test_every_table_fills_every_kind_of_reply(self) -> None:
        for dialect in dialects().values():
            for reply in (CallReply(say="您好"), CallReply(hangup=True), CallReply.model_validate(
                {"transfer": {"to": "agent", "summary": "事"}}
            )):  # fmt: skip
                for event in ("start", "silence"):
                    from channels.hotline.contract import CallEvent

                    assert dialect.reply("c", CallEvent.model_validate({"seq": 0, "event": event}), reply)


class TestSimulator:
    @pytest.mark.parametrize("name", ["wages.yml", "keys_only.yml"])
    def test_the_examples_end_with_a_ticket(self, centre: TestClient, name: str) -> None:
        script = read(EXAMPLES / name, Script, "")
        printed = [shown(did, reply) for did, reply in play(script, a_phone(centre, script.caller))]
        assert any("工单编号是" in line for line in printed)
        assert printed[-1].endswith("→ 挂机")

    def test_a_call_ends_where_it_is_transferred(self, centre: TestClient) -> None:
        script = Script(turns=[Doing(press="0"), Doing(say="还在吗")])
        (_, _), (did, reply) = play(script, a_phone(centre))
        assert did == "（按键 0）" and reply.transfer and "→ 转接 agent" in shown(did, reply)

    @pytest.mark.parametrize("doing", [{}, {"say": "您好", "press": "1"}, {"press": "A"}, {"shout": True}])
    def test_a_caller_does_one_thing_at_a_time(self, doing: dict) -> None:  # type: ignore[type-arg]
        with pytest.raises(ValueError):
            Doing.model_validate(doing)

    @pytest.mark.parametrize(("secret", "told"), [("", "FAZHU_HOTLINE_SECRET is not set"), ("x", "Connection refused")])
    def test_what_stops_it_is_told(self, secret: str, told: str) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        run = subprocess.run(
            [sys.executable, "-m", "channels.hotline.call", str(EXAMPLES / "wages.yml"), "--url", url],
            env={"FAZHU_HOTLINE_SECRET": secret}, capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        assert run.returncode == 1 and told in run.stderr
