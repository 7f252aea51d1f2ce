"""The desk's pages, as a browser without JavaScript uses them, and who may use which."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from channels.desk import ROOMS
from channels.desk.overview import ACTIONS
from referrals.clocks import call_back_by
from referrals.models import AuditEntry, Staff, Ticket
from referrals.privacy import erase
from referrals.roles import STAFF_ROLES, Role
from referrals.store import engine, session
from referrals.tickets import rate
from referrals.work import Told, take_step
from tests.channels.desk import an_account, at_the_desk
from tests.channels.gateway import gateway
from tests.referrals.desk import a_ticket
from tests.services import ROOT

__all__ = ["gateway"]

R, W, D, S, A, U = STAFF_ROLES
EVERYBODY = {R, W, D, S, A, U}
AT_TICKETS = {R, W, D, S}
# Every endpoint of the desk and who may use it. A new one fails the test until it stands here.
MATRIX = {
    ("GET", "/desk"): AT_TICKETS,
    ("POST", "/desk/assign"): {D, S},
    ("POST", "/desk/allocate"): {D, S},
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


def test_a_dispatcher_gives_several_tickets_out_at_once(gateway: TestClient) -> None:
    first, second = a_ticket(engine()).code, a_ticket(engine()).code
    foreign, lawyer = a_ticket(engine(), service="notary").code, an_account(W)
    with at_the_desk(gateway, an_account(D)) as browser:
        page = browser.get("/desk?view=free").text
        assert f'name="codes" value="{first}"' in page and f'<option value="{lawyer.staff_id}">' in page
        assert "请先在表里选中工单" in browser.post("/desk/assign?view=free", {"assignee": lawyer.staff_id}).text
        given = {"codes": [first, second, foreign], "assignee": lawyer.staff_id, "reason": "同一个村的"}
        said = browser.post("/desk/assign?view=free", given).text
        assert "已分派 2 件" in said and "没有分派 1 件" in said and "服务类别不是公证" in said
        assert 'value="同一个村的"' in said  # what was typed is kept
        assert f'name="codes" value="{first}"' not in said and f'name="codes" value="{foreign}"' in said
        assert "请选择承办人" in browser.post("/desk/assign?view=free", {"codes": [foreign]}).text
    with at_the_desk(gateway, lawyer) as browser:
        assert 'name="codes"' not in browser.get("/desk?view=free").text
        assert first in browser.get("/desk?view=mine").text and second in browser.get("/desk?view=mine").text


def test_what_nobody_fitted_is_given_to_the_system_once_more(gateway: TestClient) -> None:
    code, lawyer = a_ticket(engine(), service="arbitration").code, an_account(W, service="arbitration", capacity=0)
    with session() as db:
        db.execute(update(Ticket).filter_by(code=code).values(needs_dispatcher=True))
    with at_the_desk(gateway, an_account(S)) as browser:
        assert "让系统重新分派" in browser.get("/desk?view=dispatch").text
        assert "让系统重新分派" not in browser.get("/desk?view=free").text
        assert "还是没有合适的承办人" in browser.post("/desk/allocate?view=dispatch", {"codes": [code]}).text
        with session() as db:
            db.execute(update(Staff).where(Staff.id == lawyer.staff_id).values(capacity=3))
        assert "已分派 1 件" in browser.post("/desk/allocate?view=dispatch", {"codes": [code]}).text


def test_the_weighing_stands_beside_the_choice_and_nowhere_else(gateway: TestClient) -> None:
    code, full, lawyer = a_ticket(engine()).code, an_account(W, capacity=0), an_account(W)
    weighed = re.compile(r'class="weighed.*?</table>', re.S)
    with at_the_desk(gateway, an_account(D)) as browser:
        table = weighed.search(browser.get(f"/desk/tickets/{code}").text)
        assert table and f"测试{lawyer.login}" in table[0]
        assert re.search(f"测试{full.login}.*?不合适：在办工单已满", table[0])
        take_step(code, "claim", lawyer)
        take_step(code, "reply", lawyer, Told(note="看法条"))
        assert not weighed.search(browser.get(f"/desk/tickets/{code}").text)  # nothing is to be given any more
    with at_the_desk(gateway, an_account(R)) as browser:
        assert not weighed.search(browser.get(f"/desk/tickets/{a_ticket(engine()).code}").text)


def test_reception_calls_back_from_the_list(gateway: TestClient) -> None:
    code, lawyer = a_ticket(engine(), phone="13000000042").code, an_account(W)
    take_step(code, "claim", lawyer)
    take_step(code, "reply", lawyer, Told(note="看法条"))
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with session() as db:
        db.execute(update(Ticket).filter_by(code=code).values(replied_at=long_ago))
    with at_the_desk(gateway, an_account(R)) as browser:
        page = browser.get("/desk?view=replied").text
        row = re.search(f"<tr[^>]*>(?:(?!</tr>).)*open-{code}.*?</tr>", page, re.S)
        assert row and "130****0042" in row[0] and "王**" in row[0]
        assert f"{call_back_by(long_ago):%m-%d}" in row[0] and "已逾期" in row[0]
        back = re.search('name="back" value="(.*?)"', row[0])
        assert back
        form = {"reason": "已接通，群众满意", "back": unescape(back[1])}
        done = browser.post(f"/desk/tickets/{code}/steps/call_back", form)
        assert done.status_code == 303 and done.headers["location"].startswith("/desk?view=replied")
        assert code not in browser.get("/desk?view=replied").text
        elsewhere = browser.post(f"/desk/tickets/{code}/steps/close", {"back": "https://example.invalid/"})
        assert elsewhere.headers["location"] == "/desk"


def test_a_reply_starts_from_templates_of_its_service(gateway: TestClient) -> None:
    code, notary = a_ticket(engine(), service="notary").code, an_account(W, service="notary")
    take_step(code, "claim", notary)
    with at_the_desk(gateway, notary) as browser:
        page = browser.get(f"/desk/tickets/{code}").text
    assert "公证：要带的材料" in page and "王女士您好" in page and "律师：" not in page


def test_nothing_is_offered_that_would_change_nothing(gateway: TestClient) -> None:
    code, lawyer = a_ticket(engine(), urgent=True).code, an_account(W)
    take_step(code, "claim", lawyer)
    with at_the_desk(gateway, an_account(S)) as browser:
        page = browser.get(f"/desk/tickets/{code}").text
        assert "steps/grant_extension" not in page and "steps/raise_urgency" not in page
        take_step(code, "ask_extension", lawyer, Told(days=5, reason="等鉴定"))
        page = browser.get(f"/desk/tickets/{code}").text
        assert "steps/grant_extension" in page and "申请延期 5 个工作日" in page


def test_an_erased_ticket_takes_no_notes(gateway: TestClient) -> None:
    receipt, lawyer = a_ticket(engine()), an_account(W)
    take_step(receipt.code, "claim", lawyer)
    erase(receipt.code, receipt.pin)
    with at_the_desk(gateway, lawyer) as browser:
        assert "/notes" not in browser.get(f"/desk/tickets/{receipt.code}").text
        refused = browser.post(f"/desk/tickets/{receipt.code}/notes", {"text": "王女士又来过"})
        assert refused.status_code == 409 and "内容已删除" in refused.text


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


def test_every_action_in_the_audit_trail_has_a_name() -> None:
    sources = [path.read_text("utf-8") for room in ("referrals", "channels") for path in (ROOT / room).rglob("*.py")]
    recorded = {action for text in sources for action in re.findall(r'audit\.record\([^"]*"(\w+)"', text)}
    assert len(recorded) > 20 and recorded <= ACTIONS.keys()


def test_the_auditor_verifies_the_chain(gateway: TestClient) -> None:
    with at_the_desk(gateway, an_account(U)) as browser:
        assert "审计链完整" in browser.post("/desk/audit/verify").text
        assert re.search("审计员 auditor.*?登录 <small>sign_in", browser.get("/desk/audit").text, re.S)
