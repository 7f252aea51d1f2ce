"""The chat contract and bad input, with Rasa away: nothing here may depend on it."""

import json
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.app import create_app
from channels.middleware import BODY_LIMIT
from channels.settings import Settings
from referrals.store import engine
from referrals.work import take_step
from tests.channels.gateway import gateway, say
from tests.referrals.desk import a_person

__all__ = ["gateway"]

KEYS = {"session_id", "replies", "intent", "topic", "confidence", "ticket", "degraded", "live"}
REPLY_KEYS = {"type", "text", "citations", "buttons"}


def test_a_turn_has_the_contracts_shape(gateway: TestClient) -> None:
    turn = say(gateway, "诉讼时效是几年")
    assert turn.keys() >= KEYS
    assert turn["degraded"] is True
    for reply in turn["replies"]:
        assert reply.keys() >= REPLY_KEYS
        for citation in reply["citations"]:
            assert isinstance(citation["article"], int) and citation["law"].startswith("中华人民共和国")


def refused(gateway: TestClient, content: bytes | str, status: int, code: str) -> None:
    response = gateway.post("/api/v1/chat/messages", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert error["code"] == code
    assert error["message"]


@pytest.mark.parametrize("body", ["", "{", '{"text": ', "老板", "{'text': 1}"])
def test_broken_json_is_refused(gateway: TestClient, body: str) -> None:
    refused(gateway, body.encode(), 422 if body == "" else 400, "invalid" if body == "" else "not_json")


@pytest.mark.parametrize(
    "body",
    [
        {}, [], "text", 1, None, {"text": None}, {"text": 5}, {"text": ["a"]}, {"text": {"a": 1}},
        {"text": "a", "session_id": 7}, {"text": "a", "session_id": "x" * 65}, {"text": "a", "session_id": "../etc"},
        {"text": "a", "message_id": "a b"},
    ],
)  # fmt: skip
def test_wrong_types_are_refused(gateway: TestClient, body: object) -> None:
    refused(gateway, json.dumps(body), 422, "invalid")


def test_bytes_that_are_no_text_are_refused(gateway: TestClient) -> None:
    response = gateway.post(
        "/api/v1/chat/messages", content=b'{"text": "\xff\xfe"}', headers={"Content-Type": "application/json"}
    )
    assert 400 <= response.status_code < 500


def test_ten_thousand_characters_get_a_clear_answer(gateway: TestClient) -> None:
    refused(gateway, json.dumps({"text": "工资" * 5000}), 422, "text_too_long")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "😀😀😀", "？？？", "\u200b", "\x00\x01", "\ud800"])
def test_nothing_said_is_answered_with_what_to_do(gateway: TestClient, text: str) -> None:
    [reply] = say(gateway, text)["replies"]
    assert reply["type"] == "notice"
    assert "文字" in reply["text"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> 老板不给钱", "'; DROP TABLE tickets; --", "{{7*7}} ${jndi:ldap://x}",
        "/restart", "/session_start", '/ask_human{"a": "b"}', "a\x00b\x07老板", "[老板](relation)", "a" * 4000,
    ],
)  # fmt: skip
def test_hostile_text_is_only_text(gateway: TestClient, text: str) -> None:
    turn = say(gateway, text)
    assert turn["replies"]
    entries = gateway.get(f"/api/v1/chat/sessions/{turn['session_id']}").json()["entries"]
    assert entries[0]["text"] == "".join(c for c in text if c not in "\x00\x07")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=120))
def test_any_text_gets_a_reply(gateway: TestClient, text: str) -> None:
    assert say(gateway, text)["replies"]


def test_a_body_beyond_the_limit_is_refused_unread(gateway: TestClient) -> None:
    refused(gateway, b"x" * (BODY_LIMIT + 1), 413, "body_too_large")


def test_an_unknown_session_starts_anew_and_says_so(gateway: TestClient) -> None:
    turn = say(gateway, "老板不给钱", "no-such-session")
    assert turn["session_id"] != "no-such-session"
    assert "过期" in turn["replies"][0]["text"]


def test_a_repeated_message_gets_the_same_reply_and_is_not_noted_twice(gateway: TestClient) -> None:
    session = say(gateway, "你好")["session_id"]
    first = say(gateway, "查工单", session, message_id="m1")
    assert say(gateway, "查工单", session, message_id="m1") == first
    entries = gateway.get(f"/api/v1/chat/sessions/{session}").json()["entries"]
    assert [e["text"] for e in entries if e["who"] == "citizen"] == ["你好", "查工单"]


def test_a_retried_confirmation_makes_one_ticket(gateway: TestClient) -> None:
    session = say(gateway, "转人工")["session_id"]
    for text in ("同意", "老板拖欠我三个月工资", "泰山区", "匿名", "不留电话", "法律援助"):
        assert say(gateway, text, session)["replies"][-1]["type"] == "form"
    first = say(gateway, "提交", session, message_id="submit")
    again = say(gateway, "提交", session, message_id="submit")
    assert first["ticket"]["code"] == again["ticket"]["code"]
    assert first["ticket"]["code"] in first["replies"][-1]["text"]


def test_a_worker_takes_over_and_hands_back_within_one_process(gateway: TestClient) -> None:
    """As in `test_live`, with Redis inside the gateway."""
    session = say(gateway, "转人工")["session_id"]
    for text in ("同意", "老板拖欠我三个月工资", "泰山区", "匿名", "不留电话", "律师", "提交"):
        turn = say(gateway, text, session)
    code, lawyer = turn["ticket"]["code"], a_person(engine(), name="李测试")
    take_step(code, "claim", lawyer)
    me = SimpleNamespace(actor=lawyer, name="李测试", title="律师")
    live, call = gateway.app.state.live, gateway.portal.call  # type: ignore[attr-defined, union-attr]
    call(live.join, code, me)
    assert say(gateway, "诉讼时效是几年", session)["live"] == {"name": "李测试", "title": "律师"}
    assert say(gateway, "诉讼时效是几年", session)["replies"] == []
    call(live.leave, code, me)
    assert len(say(gateway, "诉讼时效是几年", session)["replies"]) == 2


def test_an_ended_conversation_is_forgotten(gateway: TestClient) -> None:
    session = say(gateway, "老板不给钱")["session_id"]
    assert gateway.delete(f"/api/v1/chat/sessions/{session}").status_code == 204
    response = gateway.get(f"/api/v1/chat/sessions/{session}")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "session_not_found")


def test_a_digit_after_buttons_chooses_one(gateway: TestClient) -> None:
    turn = say(gateway, "你好")
    payload = turn["replies"][0]["buttons"][1]["payload"]
    assert say(gateway, "2", turn["session_id"])["replies"] == say(gateway, payload)["replies"]


def test_too_many_messages_a_minute_are_slowed_down() -> None:
    limited = Settings(
        rate_limit="on", messages_per_minute=3, bot_url="http://127.0.0.1:9", actions_url="http://127.0.0.1:9"
    )
    with TestClient(create_app(limited)) as client:
        codes = [client.post("/api/v1/chat/messages", json={"text": "你好"}).status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        response = client.post("/api/v1/chat/messages", json={"text": "你好"})
        assert response.headers["Retry-After"]
        assert "12348" in response.json()["error"]["message"]
