"""The hotline's contract: signed, once however often it is sent, never without an answer."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from channels.hotline import lines
from channels.hotline.call import Phone
from channels.hotline.calls import Calls, CallState
from channels.hotline.contract import CallReply
from channels.hotline.signature import HEADER, WINDOW, Signed
from channels.hotline.wording import spoken
from channels.session import Session
from referrals.models import Ticket
from referrals.store import session
from tests.channels.hotline import CALLER, SECRET, a_gateway, a_phone, centre, phone, sent
from tests.services import free_port

__all__ = ["centre", "phone"]

START = b'{"seq": 0, "event": "start"}'


def a_path(call: str) -> str:
    return f"/api/v1/calls/{call}/turns"


def state_of(centre: TestClient, phone: Phone) -> CallState | None:
    calls = Calls(centre.app.state.redis)  # type: ignore[attr-defined]
    return centre.portal.call(calls.load, phone.call_id)  # type: ignore[union-attr]


def session_of(centre: TestClient, id: str) -> Session | None:
    return centre.portal.call(centre.app.state.sessions.load, id)  # type: ignore[attr-defined, union-attr]


def test_who_signs_as_the_documentation_says_is_answered(centre: TestClient) -> None:
    import hashlib
    import hmac

    at, path = int(time.time()), a_path("by-the-docs")
    said = f"{at}.POST.{path}.".encode() + START
    header = f"t={at},v1={hmac.new(SECRET.encode(), said, hashlib.sha256).hexdigest()}"
    reply = sent(centre, path, START, header)
    assert reply.status_code == 200
    listen = reply.json()["listen"]
    assert listen == {
        "speech": True, "dtmf": {"max_digits": 1, "end_key": "#"}, "silence_ms": 800, "wait_s": 5, "longest_s": 20,
    }  # fmt: skip


def test_forged_expired_misplaced_and_missing_signatures_are_refused(centre: TestClient) -> None:
    path, now = a_path("forged"), int(time.time())
    right = Signed("POST", path.encode(), START)
    for header in (
        "", "t=1,v1=00", right.by("other", now), right.by(SECRET, now - WINDOW - 5), right.by(SECRET, now + WINDOW + 5),
        Signed("POST", b"/api/v1/calls/another/turns", START).by(SECRET, now),
        Signed("PUT", path.encode(), START).by(SECRET, now), Signed("POST", path.encode(), START + b" ").by(SECRET, now),
        right.by(SECRET, now).replace("t=", "t= "), right.by(SECRET, now).upper(),
    ):  # fmt: skip
        reply = sent(centre, path, START, header)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "not_signed"), header


def test_an_unsigned_body_is_not_even_judged(centre: TestClient) -> None:
    assert sent(centre, a_path("unsigned"), b'{"seq": -1}', "").status_code == 401


def test_without_a_secret_there_is_no_hotline() -> None:
    with a_gateway(hotline_secret=None) as closed:
        assert sent(closed, a_path("closed"), START).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"{", b'{"seq": 0}', b'{"seq": -1, "event": "start"}', b'{"seq": 0, "event": "dance"}',
        b'{"seq": 0, "event": "dtmf", "digits": "A"}', b'{"seq": 0, "event": "start", "unknown": 1}',
        b'{"seq": 0, "event": "speech", "text": "' + b"x" * 1001 + b'"}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_told_so(centre: TestClient, body: bytes) -> None:
    reply = sent(centre, a_path("shapes"), body)
    assert reply.status_code in (400, 422) and reply.json()["error"]["message"]


def test_the_same_event_again_gets_the_same_answer_and_does_nothing_twice(centre: TestClient) -> None:
    path = a_path("again")
    sent(centre, path, START)
    asked = json.dumps({"seq": 1, "event": "speech", "text": "老板拖欠工资怎么办"}).encode()
    first = sent(centre, path, asked)
    assert sent(centre, path, asked).json() == first.json()
    assert sent(centre, path, START).status_code == 200, "an earlier one is remembered too"
    phone = a_phone(centre, call_id="again")
    state = state_of(centre, phone)
    assert state
    kept = session_of(centre, state.session_id)
    assert kept and [entry["text"] for entry in kept.transcript if entry["who"] == "citizen"] == ["老板拖欠工资怎么办"]


def test_a_number_used_for_another_event_and_one_that_comes_late_are_refused(centre: TestClient) -> None:
    path = a_path("order")
    for seq in (0, 5):
        assert sent(centre, path, json.dumps({"seq": seq, "event": "start"}).encode()).status_code == 200
    for body, code in (
        ({"seq": 5, "event": "silence"}, "seq_reused"),
        ({"seq": 3, "event": "silence"}, "seq_late"),
    ):
        reply = sent(centre, path, json.dumps(body).encode())
        assert (reply.status_code, reply.json()["error"]["code"]) == (409, code)


def test_two_of_the_same_at_once_are_one_turn(centre: TestClient) -> None:
    path = a_path("twins")
    sent(centre, path, START)
    asked = json.dumps({"seq": 1, "event": "speech", "text": "离婚要冷静多久"}).encode()
    with ThreadPoolExecutor(4) as both:
        replies = [done.json() for done in both.map(lambda _: sent(centre, path, asked), range(4))]
    assert all(reply == replies[0] for reply in replies)
    state = state_of(centre, a_phone(centre, call_id="twins"))
    assert state
    kept = session_of(centre, state.session_id)
    assert kept and kept.turns == 1


def test_what_a_call_leaves_in_shared_state_is_unreadable_and_ends(centre: TestClient, phone: Phone) -> None:
    phone.send("start")
    phone.send("speech", text="老板拖欠工资怎么办")
    redis = centre.app.state.redis  # type: ignore[attr-defined]

    async def everything() -> list[tuple[str, Any, int]]:
        found = []
        async for key in redis.scan_iter("fazhu:call*"):
            kind = await redis.type(key)
            value = await (redis.get(key) if kind == "string" else redis.hgetall(key))
            found.append((key, str(value), await redis.ttl(key)))
        return found

    kept = centre.portal.call(everything)  # type: ignore[union-attr]
    assert kept and all(0 < ttl <= 2 * 3600 for _, _, ttl in kept)
    for key, value, _ in kept:
        assert phone.call_id not in key and "工资" not in value and CALLER not in value


def test_after_hanging_up_the_conversation_is_forgotten(centre: TestClient, phone: Phone) -> None:
    phone.send("start")
    phone.send("speech", text="老板拖欠工资怎么办")
    state = state_of(centre, phone)
    assert state and session_of(centre, state.session_id)
    assert phone.send("hangup") == CallReply(hangup=True)
    assert state_of(centre, phone) is None and session_of(centre, state.session_id) is None


def test_a_conversation_with_a_ticket_stays_for_its_hours(centre: TestClient, phone: Phone) -> None:
    phone.send("start")
    for key in "3113":
        phone.send("dtmf", digits=key)
    state = state_of(centre, phone)
    assert state and state.receipt
    phone.send("hangup")
    assert state_of(centre, phone) is None and session_of(centre, state.session_id)


def test_every_call_is_a_conversation_of_its_own(centre: TestClient, phone: Phone) -> None:
    other = a_phone(centre)
    phone.send("start"), other.send("start")
    one, two = state_of(centre, phone), state_of(centre, other)
    assert one and two and one.session_id != two.session_id


def test_without_shared_state_the_caller_is_put_through() -> None:
    with a_gateway(redis_url=f"redis://127.0.0.1:{free_port()}/0") as broken:
        reply = a_phone(broken).send("start")
    assert reply.say == lines.BROKEN and reply.transfer and reply.transfer.to == "agent" and not reply.hangup


@pytest.fixture(scope="module")
def slow() -> Iterator[TestClient]:
    """Where an answer may take longer than a turn."""
    with a_gateway(hotline_turn_limit=0.3) as client:
        yield client


def test_the_caller_is_told_to_wait_and_gets_the_answer_by_itself(slow: TestClient) -> None:
    phone = a_phone(slow)
    phone.send("start")
    with busy(slow, phone):
        reply = phone.send("speech", text="老板拖欠工资怎么办")
        assert reply.say == lines.FILLER and reply.listen and reply.listen.wait_s == 1
    time.sleep(0.5)
    assert "工资" in phone.send("silence").say
    assert "我在听" in phone.send("silence").say, "it is told once"


def test_after_waiting_long_enough_they_are_put_through(slow: TestClient) -> None:
    phone = a_phone(slow)
    phone.send("start")
    with busy(slow, phone):
        phone.send("speech", text="老板拖欠工资怎么办")
        assert phone.send("silence").say == lines.FILLER
        reply = phone.send("silence")
    assert spoken(lines.BROKEN) == reply.say and reply.transfer and reply.transfer.to == "agent"


def test_who_agreed_to_be_called_back_is_registered_instead(slow: TestClient) -> None:
    phone = a_phone(slow)
    phone.send("start")
    for key in "311":
        phone.send("dtmf", digits=key)
    with busy(slow, phone):
        for event in ({"event": "speech", "text": "老板拖欠工资怎么办"}, {"event": "silence"}, {"event": "silence"}):
            reply = phone.send(**event)
    assert reply.say == spoken(lines.BROKEN_CALLBACK) and reply.hangup
    with session() as db:
        newest = db.scalar(select(Ticket).order_by(Ticket.id.desc()))
        assert newest and newest.phone == CALLER and newest.channel == "hotline"


def busy(centre: TestClient, phone: Phone) -> Any:
    """The conversation's lock held, as by a message still being handled."""
    state = state_of(centre, phone)
    assert state and centre.portal
    held = centre.app.state.sessions.one_at_a_time(state.session_id)  # type: ignore[attr-defined]
    return centre.portal.wrap_async_context_manager(held)


def test_one_ticket_is_made_however_often_its_key_is_sent(centre: TestClient) -> None:
    path = a_path("ticket-twice")
    events = [{"event": "start", "caller": CALLER}, *({"event": "dtmf", "digits": key} for key in "3113")]
    bodies = [json.dumps({"seq": seq, **event}).encode() for seq, event in enumerate(events)]
    with session() as db:
        before = db.scalar(select(func.count()).select_from(Ticket)) or 0
    for body in (*bodies, bodies[-1], bodies[-1]):
        last = sent(centre, path, body)
    assert "登记好了" in last.json()["say"]
    with session() as db:
        assert db.scalar(select(func.count()).select_from(Ticket)) == before + 1


def test_the_contract_is_in_the_open_description(centre: TestClient) -> None:
    described = centre.get("/openapi.json").json()
    operation = described["paths"]["/api/v1/calls/{call_id}/turns"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/CallEvent")
    assert any(parameter["name"] == HEADER for parameter in operation["parameters"])
    assert described["components"]["schemas"]["CallReply"]["properties"].keys() == {
        "say",
        "listen",
        "transfer",
        "hangup",
    }
