"""One citizen, one conversation: from the kiosk to the phone, and on with a ticket made elsewhere."""

from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from referrals import messages
from referrals.models import AuditEntry, Ticket, TicketEvent
from referrals.store import session
from referrals.tickets import Receipt
from tests.channels.gateway import gateway, say
from tests.referrals.desk import a_ticket

__all__ = ["gateway"]


def offered(gateway: TestClient, conversation: str) -> str:
    """The token in a QR code of the conversation."""
    response = gateway.post(f"/api/v1/chat/sessions/{conversation}/handover")
    assert response.status_code == 200
    return urlsplit(response.json()["url"]).fragment.removeprefix("continue=")


def take(gateway: TestClient, token: str):  # type: ignore[no-untyped-def]
    return gateway.post("/api/v1/chat/handovers", json={"token": token})


@pytest.fixture
def conversation(gateway: TestClient) -> str:
    return say(gateway, "离婚冷静期是多少天")["session_id"]  # type: ignore[no-any-return]


def test_a_phone_goes_on_where_the_kiosk_was(gateway: TestClient, conversation: str) -> None:
    token = offered(gateway, conversation)
    assert gateway.get(f"/api/v1/chat/sessions/{conversation}/handover").json() == {"taken": False}
    assert take(gateway, token).json() == {"session_id": conversation}
    assert gateway.get(f"/api/v1/chat/sessions/{conversation}/handover").json() == {"taken": True}


def test_a_code_is_good_once(gateway: TestClient, conversation: str) -> None:
    token = offered(gateway, conversation)
    take(gateway, token)
    again = take(gateway, token)
    assert again.status_code == 404
    assert "过期" in again.json()["error"]["message"]


def test_a_new_code_makes_the_one_before_void(gateway: TestClient, conversation: str) -> None:
    first, second = offered(gateway, conversation), offered(gateway, conversation)
    assert take(gateway, first).status_code == 404
    assert take(gateway, second).status_code == 200


def test_there_is_no_code_for_a_conversation_that_is_over(gateway: TestClient) -> None:
    assert gateway.post("/api/v1/chat/sessions/over/handover").status_code == 404


def test_the_token_is_drawn_and_stands_in_no_path(gateway: TestClient, conversation: str) -> None:
    found = gateway.post(f"/api/v1/chat/sessions/{conversation}/handover").json()
    assert found["svg"].startswith("<svg")
    assert urlsplit(found["url"]).path == "/" and not urlsplit(found["url"]).query


@pytest.fixture
def receipt() -> Receipt:
    return a_ticket(None, conversation="at-the-kiosk", channel="kiosk")  # type: ignore[arg-type]


def conversation_of(receipt: Receipt) -> str:
    with session() as db:
        return db.scalars(select(Ticket.conversation).filter_by(code=receipt.code)).one()


def test_with_code_and_pin_a_citizen_goes_on_with_the_ticket_here(gateway: TestClient, receipt: Receipt) -> None:
    status = say(gateway, f"查工单 {receipt.code} {receipt.pin}")
    (choice,) = status["replies"][-1]["buttons"]
    assert choice["title"] == "接着办"
    done = say(gateway, choice["payload"], status["session_id"])
    assert "接上了" in done["replies"][0]["text"]
    assert done["ticket"]["code"] == receipt.code
    assert conversation_of(receipt) == status["session_id"]
    with session() as db:
        moved = db.scalars(select(TicketEvent).filter_by(step="carry_on")).all()[-1]
        assert moved.remark == "群众转到网页接着办。" and moved.note == ""
        assert db.scalars(select(AuditEntry).filter_by(action="carry_on", subject=receipt.code)).one()
        assert list(messages.codes_of(db, status["session_id"])) == [receipt.code]


def test_nothing_is_linked_by_looking_alone(gateway: TestClient, receipt: Receipt) -> None:
    before = conversation_of(receipt)
    say(gateway, f"查工单 {receipt.code} {receipt.pin}")
    assert conversation_of(receipt) == before


def test_a_wrong_pin_links_nothing(gateway: TestClient, receipt: Receipt) -> None:
    before = conversation_of(receipt)
    wrong = "000000" if receipt.pin != "000000" else "000001"
    done = say(gateway, f"接着办 {receipt.code} {wrong}")
    assert "不对" in done["replies"][0]["text"] and done["ticket"] is None
    assert conversation_of(receipt) == before


def test_where_the_ticket_was_made_there_is_nothing_to_link(gateway: TestClient, receipt: Receipt) -> None:
    status = say(gateway, f"查工单 {receipt.code} {receipt.pin}")
    say(gateway, f"接着办 {receipt.code} {receipt.pin}", status["session_id"])
    again = say(gateway, f"查工单 {receipt.code} {receipt.pin}", status["session_id"])
    assert again["replies"][-1]["buttons"] == []
