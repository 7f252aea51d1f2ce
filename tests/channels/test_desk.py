"""The desk's pages, as a browser without JavaScript uses them, and who may use which."""

import io
import re
import zipfile

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from channels.desk import ROOMS
from referrals.models import AuditEntry
from referrals.roles import STAFF_ROLES, Role
from referrals.store import engine, session
from referrals.tickets import rate
from referrals.work import Told, take_step
from tests.channels.desk import an_account, at_the_desk
from tests.channels.gateway import gateway
from tests.referrals.desk import a_ticket

__all__ = ["gateway"]

R, W, D, S, A, U = STAFF_ROLES
EVERYBODY = {R, W, D, S, A, U}
AT_TICKETS = {R, W, D, S}
# Every endpoint of the desk and who may use it. A new one fails the test until it stands here.
MATRIX = {
    ("GET", "/desk"): AT_TICKETS,
    ("GET", "/desk/password"): EVERYBODY,
    ("POST", "/desk/password"): EVERYBODY,
    ("POST", "/desk/logout"): EVERYBODY,
    ("GET", "/desk/tickets/{code}"): AT_TICKETS,
    ("POST", "/desk/tickets/{code}/steps/{name}"): AT_TICKETS,
    ("POST", "/desk/tickets/{code}/notes"): AT_TICKETS,
    ("POST", "/desk/tickets/{code}/files"): {W, S},
    ("GET", "/desk/tickets/{code}/files/{id}"): {W, S},
    ("GET", "/desk/tickets/{code}/live"): AT_TICKETS,
    ("GET", "/desk/tickets/{code}/live/events"): AT_TICKETS,
    ("POST", "/desk/tickets/{code}/live/join"): AT_TICKETS,
    ("POST", "/desk/tickets/{code}/live/leave"): AT_TICKETS,
    ("POST", "/desk/tickets/{code}/live/messages"): AT_TICKETS,
    ("GET", "/desk/people"): {A},
    ("POST", "/desk/people"): {A},
    ("GET", "/desk/people/{id}"): {A},
    ("POST", "/desk/people/{id}"): {A},
    ("POST", "/desk/people/{id}/password"): {A},
    ("POST", "/desk/people/{id}/leave"): {A},
    ("POST", "/desk/people/{id}/clients"): {A},
    ("POST", "/desk/people/{id}/leave/{row}/remove"): {A},
    ("POST", "/desk/people/{id}/clients/{row}/remove"): {A},
    ("GET", "/desk/numbers"): {D, S, A, U},
    ("GET", "/desk/numbers.csv"): {D, S, A, U},
    ("GET", "/desk/numbers.xlsx"): {D, S, A, U},
    ("GET", "/api/v1/desk/numbers"): {D, S, A, U},
    ("GET", "/desk/ratings"): {S},
    ("POST", "/desk/ratings/{code}"): {S},
    ("GET", "/desk/outbox"): {A},
    ("POST", "/desk/outbox/{id}"): {A},
    ("GET", "/desk/platforms"): {S, A},
    ("POST", "/desk/platforms/kiosks"): {S, A},
    ("POST", "/desk/platforms/kiosks/{id}/off"): {S, A},
    ("POST", "/desk/platforms/notices"): {S, A},
    ("POST", "/desk/platforms/notices/{id}/withdraw"): {S, A},
    ("GET", "/desk/audit"): {U},
    ("POST", "/desk/audit/verify"): {U},
}
OPEN_TO_ALL = {("GET", "/desk/login"), ("POST", "/desk/login")}
NO_TICKET = "370900-20261123-L9999-0"
FORMS = {
    "/desk/password": {"old": "x", "new": "y", "again": "z"},
    "/desk/people": {"login": "!", "name": "x", "role": "worker"},
    "/desk/people/{id}": {"name": "x", "role": "worker"},
    "/desk/people/{id}/leave": {"first": "2026-11-30", "last": "2026-11-01"},
    "/desk/people/{id}/clients": {"name": "x"},
    "/desk/ratings/{code}": {"review": "看过了"},
    "/desk/tickets/{code}/live/messages": {"text": "您好"},
}


def test_every_endpoint_has_its_row() -> None:
    found = {
        (method, route.path) for room in ROOMS for route in room.router.routes for method in route.methods - {"HEAD"}
    }
    assert found == MATRIX.keys() | OPEN_TO_ALL


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_each_role_gets_exactly_what_is_its(gateway: TestClient, role: Role) -> None:
    wrong = []
    with at_the_desk(gateway, an_account(role)) as browser:
        for (method, path), roles in sorted(MATRIX.items(), key=lambda row: row[0][1] == "/desk/logout"):
            url = path.format(code=NO_TICKET, name="claim", id=999999, row=999999)
            if method == "GET":
                response = browser.get(url)
            elif path.endswith("/files"):
                response = browser.post(url, files={"file": ("a.txt", b"abc")})
            else:
                response = browser.post(url, FORMS.get(path))
            if (response.status_code == 403) is (role in roles) or response.status_code >= 500:
                wrong.append((method, path, response.status_code))
    assert wrong == []


def test_a_lawyer_takes_a_ticket_from_the_queue_to_the_reply(gateway: TestClient) -> None:
    receipt, lawyer = a_ticket(engine(), citations=[{"law": "中华人民共和国劳动合同法", "article": 30}]), an_account(W)
    with at_the_desk(gateway, lawyer) as browser:
        assert receipt.code in browser.get("/desk?view=free").text
        page = browser.get(f"/desk/tickets/{receipt.code}").text
        assert "王女士" not in page and "13000000000" not in page  # not theirs yet
        assert browser.post(f"/desk/tickets/{receipt.code}/steps/claim").status_code == 303
        page = browser.get(f"/desk/tickets/{receipt.code}").text
        assert "王女士" in page and "13000000000" in page and "第三十条" in page
        refused = browser.post(f"/desk/tickets/{receipt.code}/steps/reply", {"note": " "})
        assert refused.status_code == 409 and "请写明要告诉群众的话" in refused.text
        browser.post(f"/desk/tickets/{receipt.code}/notes", {"text": "问过 12333"})
        assert "问过 12333" in browser.get(f"/desk/tickets/{receipt.code}").text
        browser.post(f"/desk/tickets/{receipt.code}/steps/reply", {"note": "可以申请仲裁，不收费。"})
        assert "已回复" in browser.get(f"/desk/tickets/{receipt.code}").text
    with session() as db:
        actions = list(db.scalars(select(AuditEntry.action).filter_by(subject=receipt.code)))
    assert {"look", "claim", "note", "reply"} <= set(actions)


def test_files_are_kept_and_given_back(gateway: TestClient) -> None:
    receipt, lawyer = a_ticket(engine()), an_account(W)
    with at_the_desk(gateway, lawyer) as browser:
        browser.post(f"/desk/tickets/{receipt.code}/steps/claim")
        content = b"%PDF-1.7\n" + b"x" * 200_000  # larger than any other request may be
        put = browser.post(f"/desk/tickets/{receipt.code}/files", files={"file": ("欠条.pdf", content)})
        assert put.status_code == 303, put.text
        link = re.search(r'href="(/desk/tickets/[^"]+/files/\d+)"', browser.get(f"/desk/tickets/{receipt.code}").text)
        assert link and browser.get(link[1]).content == content
        bad = browser.post(f"/desk/tickets/{receipt.code}/files", files={"file": ("a.exe", b"MZ")})
        assert bad.status_code == 409


def test_a_dispatcher_sees_masked_contacts_and_assigns(gateway: TestClient) -> None:
    receipt, lawyer, dispatcher = a_ticket(engine()), an_account(W), an_account(D)
    with at_the_desk(gateway, dispatcher) as browser:
        page = browser.get(f"/desk/tickets/{receipt.code}").text
        assert "王**" in page and "130****0000" in page and "王女士" not in page
        assert f'<option value="{lawyer.staff_id}">' in page
        browser.post(f"/desk/tickets/{receipt.code}/steps/assign", {"assignee": lawyer.staff_id})
        assert "已分派" in browser.get(f"/desk/tickets/{receipt.code}").text


def test_a_ticket_that_is_somebody_elses_does_not_open(gateway: TestClient) -> None:
    receipt, mine, other = a_ticket(engine()), an_account(W), an_account(W)
    take_step(receipt.code, "claim", other)
    with at_the_desk(gateway, mine) as browser:
        assert browser.get(f"/desk/tickets/{receipt.code}").status_code == 404
        assert browser.post(f"/desk/tickets/{receipt.code}/steps/reply", {"note": "抢答"}).status_code == 404


def test_low_ratings_are_reviewed_by_a_supervisor(gateway: TestClient) -> None:
    receipt, lawyer, supervisor = a_ticket(engine()), an_account(W), an_account(S)
    take_step(receipt.code, "claim", lawyer)
    take_step(receipt.code, "reply", lawyer, Told(note="看法条"))
    rate(receipt.code, 1, "没说清楚")
    with at_the_desk(gateway, supervisor) as browser:
        assert "没说清楚" in browser.get("/desk/ratings").text
        browser.post(f"/desk/ratings/{receipt.code}", {"review": "已请承办人重新答复"})
        assert "已请承办人重新答复" in browser.get("/desk/ratings").text
    with at_the_desk(gateway, lawyer) as browser:
        assert "没说清楚" not in browser.get(f"/desk/tickets/{receipt.code}").text


def test_figures_come_as_page_spreadsheet_and_data(gateway: TestClient) -> None:
    a_ticket(engine())
    with at_the_desk(gateway, an_account(S)) as browser:
        assert "<svg" in browser.get("/desk/numbers").text
        assert "受理工单按事项" in browser.get("/desk/numbers.csv").content.decode("utf-8-sig")
        assert zipfile.is_zipfile(io.BytesIO(browser.get("/desk/numbers.xlsx").content))
        assert browser.get("/api/v1/desk/numbers").json()["topic"]["head"] == ["事项", "工单"]
        assert browser.get("/desk/numbers?first=2020-01-01&last=2026-01-01").status_code == 422


def test_the_auditor_verifies_the_chain(gateway: TestClient) -> None:
    with at_the_desk(gateway, an_account(U)) as browser:
        assert "审计链完整" in browser.post("/desk/audit/verify").text
        assert "sign_in" in browser.get("/desk/audit").text
