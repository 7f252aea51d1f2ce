"""What the gateway gives a kiosk: its page, its conversation, and nothing to machines that are not registered."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from channels.kiosk.answers import packed
from channels.kiosk.pads import pad_for
from channels.settings import Settings
from knowledge_base.interviews.model import interviews
from knowledge_base.search import answer_search
from referrals import broadcasts, devices
from referrals.intake import Field
from referrals.lifecycle import SYSTEM
from referrals.models import Device
from referrals.roles import Role
from referrals.store import engine, session
from tests.channels.gateway import gateway
from tests.referrals.desk import a_person

__all__ = ["gateway"]


@pytest.fixture
def token(gateway: TestClient, request: pytest.FixtureRequest) -> str:
    """Of a kiosk that stands in the hall; ``gateway`` has made the database."""
    with session() as db:
        return devices.add(db, SYSTEM, f"一楼大厅 {request.node.name[:40]}")


def say(gateway: TestClient, token: str, text: str, session_id: str | None = None, **fields: str):  # type: ignore[no-untyped-def]
    body = {"session_id": session_id, "text": text, **fields}
    return gateway.post("/api/v1/kiosk/messages", json=body, headers={"X-Kiosk-Token": token})


def beat(gateway: TestClient, token: str, state: str):  # type: ignore[no-untyped-def]
    return gateway.post("/api/v1/kiosk/heartbeat", json={"state": state}, headers={"X-Kiosk-Token": token})


def exists(gateway: TestClient, session_id: str) -> bool:
    return gateway.get(f"/api/v1/chat/sessions/{session_id}").status_code == 200


# ---- registered machines only


@pytest.mark.parametrize("given", ["", "wrong", "错" * 3])
def test_a_machine_that_is_not_registered_gets_no_answer(gateway: TestClient, given: str) -> None:
    headers = {"X-Kiosk-Token": given.encode()}
    response = gateway.post("/api/v1/kiosk/messages", json={"text": "你好"}, headers=headers)
    assert response.status_code == 401
    assert "还没有登记" in response.json()["error"]["message"]
    assert gateway.post("/api/v1/kiosk/heartbeat", json={"state": "idle"}, headers=headers).status_code == 401


def test_a_machine_that_is_switched_off_gets_no_answer(gateway: TestClient, token: str) -> None:
    known = devices.known(token)
    assert known
    with session() as db:
        devices.switch_off(db, SYSTEM, known.id)
    assert say(gateway, token, "你好").status_code == 401


# ---- the conversation


def test_what_is_said_is_said_at_a_kiosk(gateway: TestClient, token: str) -> None:
    turn = say(gateway, token, "离婚冷静期是多少天").json()
    assert turn["replies"][0]["citations"]
    said = gateway.get(f"/api/v1/chat/sessions/{turn['session_id']}").json()["entries"][0]
    assert said["channel"] == "kiosk"


def test_the_same_message_twice_is_answered_once(gateway: TestClient, token: str) -> None:
    first = say(gateway, token, "你好").json()
    again = [say(gateway, token, "谢谢", first["session_id"], message_id="m1").json() for _ in range(2)]
    assert again[0] == again[1]
    assert len(gateway.get(f"/api/v1/chat/sessions/{first['session_id']}").json()["entries"]) == 4


def test_a_message_that_is_too_long_is_refused_with_the_limit(gateway: TestClient, token: str) -> None:
    response = say(gateway, token, "字" * 4001)
    assert response.status_code == 422 and "4000" in response.json()["error"]["message"]


def test_the_operators_see_messages_and_errors_counted(gateway: TestClient, token: str) -> None:
    say(gateway, token, "你好")
    say(gateway, token, "字" * 4001)
    assert gateway.portal
    keys = gateway.portal.call(gateway.app.state.redis.keys, "fazhu:tally:kiosk:*")  # type: ignore[attr-defined]
    counted = gateway.portal.call(gateway.app.state.redis.hgetall, keys[0])  # type: ignore[attr-defined]
    assert {"in", "out", "text_too_long"} <= counted.keys()


def test_every_step_of_a_referral_can_be_pressed(gateway: TestClient, token: str) -> None:
    turn = say(gateway, token, "转人工").json()
    pads = []
    for text in ("同意", "老板拖欠我三个月工资", "泰山区", "王女士", "13000000000", "法律援助", "提交"):
        pads.append(turn["pad"])
        turn = say(gateway, token, text, turn["session_id"]).json()
    assert pads == [None, "matter", None, "name", "phone", None, None]
    assert turn["ticket"]["code"]


def test_code_and_pin_can_be_pressed_without_hyphens(gateway: TestClient, token: str) -> None:
    turn = say(gateway, token, "转人工").json()
    for text in ("同意", "老板拖欠我三个月工资", "泰山区", "匿名", "不留电话", "律师", "提交"):
        turn = say(gateway, token, text, turn["session_id"]).json()
    code, pin = turn["ticket"]["code"], re.findall(r"查询码：(\d{6})", turn["replies"][-1]["text"])[0]
    asked = say(gateway, token, "查工单").json()
    assert asked["pad"] == "code"
    asked = say(gateway, token, code.replace("-", ""), asked["session_id"]).json()
    assert asked["pad"] == "pin"
    found = say(gateway, token, pin, asked["session_id"]).json()
    assert "已受理" in found["replies"][-1]["text"] and found["pad"] is None


def test_every_question_of_an_interview_has_buttons_or_a_pad() -> None:
    for interview in interviews().values():
        for step in interview.steps:
            form = {"name": "interview", "requested": step.id, "draft": {"interview": interview.id, "answers": {}}}
            assert (pad_for(form) is None) == (step.kind in ("choice", "yes_no"))
            # Words need a keyboard or a voice, so nobody is held up for want of one.
            assert pad_for(form) != "words" or step.optional


def test_what_needs_no_pad_has_none() -> None:
    assert pad_for(None) is None
    assert pad_for({"name": "referral", "requested": Field.DISTRICT, "draft": {}}) is None
    assert pad_for({"name": "interview", "requested": "check", "draft": {"interview": "overtime"}}) is None
    assert pad_for({"name": "interview", "requested": "gone", "draft": {"interview": "gone"}}) is None


# ---- signs of life


def test_a_sign_of_life_is_noted(gateway: TestClient, token: str) -> None:
    known = devices.known(token)
    assert known
    assert beat(gateway, token, "offline for 75 s").json()["place"] == known.place
    with session() as db:
        device = db.get(Device, known.id)
        assert device and device.state == "offline for 75 s" and not devices.is_away(device, datetime.now(UTC))


@pytest.mark.parametrize("state", ["", "王女士", "offline for x s", "busy\n", "idle" * 20])
def test_other_words_are_no_sign_of_life(gateway: TestClient, token: str, state: str) -> None:
    assert beat(gateway, token, state).status_code == 422


def test_a_sign_of_life_brings_the_notices_for_kiosks(gateway: TestClient, token: str) -> None:
    now = datetime.now(UTC)
    editor = a_person(engine(), Role.ADMINISTRATOR)
    with session() as db:
        told = [
            broadcasts.publish(db, editor, text, now, now + timedelta(hours=1), [channel]).id
            for text, channel in (("周五下午停机检修", "kiosk"), ("公众号改版", "wechat"))
        ]
    assert gateway.portal
    gateway.portal.call(gateway.app.state.bulletin.look)  # type: ignore[attr-defined]
    notices = beat(gateway, token, "idle").json()["notices"]
    with session() as db:
        for id in told:
            broadcasts.withdraw(db, editor, id)
    assert "周五下午停机检修" in notices and "公众号改版" not in notices


def test_what_was_left_at_the_kiosk_is_forgotten_once_nobody_is_there(gateway: TestClient, token: str) -> None:
    left = [say(gateway, token, "你好").json()["session_id"] for _ in range(2)]
    beat(gateway, token, "busy")
    assert all(exists(gateway, one) for one in left)
    beat(gateway, token, "idle")
    assert not any(exists(gateway, one) for one in left)


def test_a_conversation_that_a_phone_has_gone_on_with_is_not_forgotten(gateway: TestClient, token: str) -> None:
    went = say(gateway, token, "你好").json()["session_id"]
    url = gateway.post(f"/api/v1/chat/sessions/{went}/handover").json()["url"]
    gateway.post("/api/v1/chat/handovers", json={"token": urlsplit(url).fragment.removeprefix("continue=")})
    beat(gateway, token, "idle")
    assert exists(gateway, went)


# ---- the page


def test_only_the_kiosk_may_listen(gateway: TestClient) -> None:
    assert "microphone=(self)" in gateway.get("/kiosk").headers["permissions-policy"]
    assert "microphone=()" in gateway.get("/").headers["permissions-policy"]


def test_the_page_has_no_scripts_or_styles_of_its_own(gateway: TestClient) -> None:
    page = gateway.get("/kiosk")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", page.text) == []


def test_the_page_waits_as_long_as_is_set(gateway: TestClient) -> None:
    assert 'data-idle="75"' in gateway.get("/kiosk").text
    for seconds in (59, 91):
        with pytest.raises(ValidationError):
            Settings(kiosk_idle_seconds=seconds)


def test_the_service_worker_keeps_the_page_and_all_its_files(gateway: TestClient) -> None:
    worker = gateway.get("/kiosk/sw.js")
    assert worker.headers["service-worker-allowed"] == "/kiosk"
    kept = json.loads(re.findall(r"const PAGE = (\[.*\]);", worker.text)[0])
    page = gateway.get("/kiosk").text
    assert {"/kiosk", *re.findall(r'(?:href|src)="(/static/[^"]+)"', page)} == set(kept)
    assert all(gateway.get(address).status_code == 200 for address in kept)


def test_a_change_of_the_page_makes_another_service_worker(gateway: TestClient) -> None:
    before = gateway.get("/kiosk/sw.js").text
    settings = gateway.app.state.settings  # type: ignore[attr-defined]
    settings.kiosk_idle_seconds = 80
    try:
        assert gateway.get("/kiosk/sw.js").text != before
    finally:
        settings.kiosk_idle_seconds = 75
    assert gateway.get("/kiosk/sw.js").text == before


# ---- answers to browse


def test_all_answers_can_be_taken_along(gateway: TestClient) -> None:
    found = gateway.get("/kiosk/answers.json").json()
    assert len(found["items"]) == len(answer_search().entries)
    topics = {topic["id"] for topic in found["topics"]}
    for item in found["items"]:
        assert item["topic"] in topics and item["kind"] and item["question"] and item["text"]
        assert all(title.startswith("《") for title in item["citations"])
    assert "没有经过律师审核" in found["drafted"]


def test_answers_that_have_not_changed_are_not_sent_again(gateway: TestClient) -> None:
    tag = gateway.get("/kiosk/answers.json").headers["etag"]
    again = gateway.get("/kiosk/answers.json", headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.content == b""
    assert gateway.get("/kiosk/answers.json", headers={"If-None-Match": '"older"'}).status_code == 200


def test_answers_travel_packed(gateway: TestClient) -> None:
    body = packed().body
    assert len(body) < len(gzip.decompress(body)) / 3
