"""Signing in: who gets in, who does not, how a session ends, and how administrators keep accounts."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from channels.desk.security import inside
from referrals.models import AuditEntry, Staff, StaffSession
from referrals.roles import Role
from referrals.staff import IDLE, LOCK, LONGEST, WRONG_TRIES
from referrals.store import session
from tests.channels.desk import PASSWORD, Browser, an_account, at_the_desk
from tests.channels.gateway import gateway

__all__ = ["gateway"]


def test_without_a_sign_in_every_page_leads_to_it(gateway: TestClient) -> None:
    gateway.cookies.clear()
    response = gateway.get("/desk/tickets/370900", follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/desk/login?next=/desk/tickets/370900"
    assert gateway.get("/api/v1/desk/numbers").status_code == 401
    assert gateway.get("/desk", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/desk/login")


def test_the_cookie_is_for_the_server_alone(gateway: TestClient) -> None:
    cookie = Browser(gateway).sign_in(an_account(Role.WORKER).login).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie and "Secure" not in cookie


def test_over_https_the_cookie_never_travels_plain(gateway: TestClient) -> None:
    form = {"login": an_account(Role.WORKER).login, "password": PASSWORD}
    response = gateway.post("https://testserver/desk/login", data=form, follow_redirects=False)
    assert "Secure" in response.headers["set-cookie"]
    gateway.cookies.clear()


def test_a_wrong_password_is_not_told_from_a_wrong_login(gateway: TestClient) -> None:
    browser, person = Browser(gateway), an_account(Role.WORKER)
    wrong, unknown = browser.sign_in(person.login, "不是这个密码呀"), browser.sign_in("nobody-here", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    assert "账号或密码不对" in wrong.text and "账号或密码不对" in unknown.text


def test_five_wrong_tries_lock_the_account_even_for_the_right_password(gateway: TestClient) -> None:
    browser, person = Browser(gateway), an_account(Role.WORKER)
    for _ in range(WRONG_TRIES):
        browser.sign_in(person.login, "不是这个密码呀")
    locked, unknown = browser.sign_in(person.login), browser.sign_in("nobody-here")
    assert locked.status_code == unknown.status_code == 401
    assert locked.text.replace(person.login, "") == unknown.text.replace("nobody-here", "")  # a lock tells nothing
    assert "连续错 5 次会锁定 15 分钟" in locked.text
    with session() as db:
        db.execute(update(Staff).where(Staff.id == person.staff_id).values(locked_until=datetime.now(UTC) - LOCK))
        actions = set(db.scalars(select(AuditEntry.action).filter_by(subject=person.login)))
    assert browser.sign_in(person.login).status_code == 303
    assert {"wrong_password", "locked_out"} <= actions


@pytest.mark.parametrize(("column", "age"), [("seen_at", IDLE), ("created_at", LONGEST)])
def test_a_session_ends_by_itself(gateway: TestClient, column: str, age: timedelta) -> None:
    person = an_account(Role.SUPERVISOR)
    with at_the_desk(gateway, person) as browser:
        assert browser.get("/desk").status_code == 200
        with session() as db:
            past = datetime.now(UTC) - age - timedelta(minutes=1)
            db.execute(update(StaffSession).where(StaffSession.staff_id == person.staff_id).values({column: past}))
        assert browser.get("/desk").status_code == 303


def test_signing_out_ends_the_session_and_not_only_the_cookie(gateway: TestClient) -> None:
    with at_the_desk(gateway, an_account(Role.SUPERVISOR)) as browser:
        cookie = gateway.cookies["fazhu_desk"]
        browser.post("/desk/logout")
        gateway.cookies.set("fazhu_desk", cookie)
        assert browser.get("/desk").status_code == 303


def test_a_form_without_our_token_is_refused(gateway: TestClient) -> None:
    with at_the_desk(gateway, an_account(Role.SUPERVISOR)) as browser:
        browser.csrf = "forged"
        assert browser.post("/desk/logout").status_code == 403
        assert browser.get("/desk").status_code == 200  # still signed in
        assert gateway.post("/desk/logout", follow_redirects=False).status_code == 403


def test_htmx_sends_the_token_as_a_header(gateway: TestClient) -> None:
    with at_the_desk(gateway, an_account(Role.SUPERVISOR)) as browser:
        headers = {"X-CSRF-Token": browser.csrf}
        assert gateway.post("/desk/logout", headers=headers, follow_redirects=False).status_code == 303


def test_the_token_of_another_session_does_not_serve(gateway: TestClient) -> None:
    with at_the_desk(gateway, an_account(Role.SUPERVISOR)) as browser:
        theirs = browser.csrf
    with at_the_desk(gateway, an_account(Role.SUPERVISOR)) as browser:
        browser.csrf = theirs
        assert browser.post("/desk/logout").status_code == 403


def test_a_one_time_password_must_be_changed_first(gateway: TestClient) -> None:
    person = an_account(Role.WORKER)
    with session() as db:
        db.execute(update(Staff).where(Staff.id == person.staff_id).values(must_change=True))
    with at_the_desk(gateway, person) as browser:
        assert browser.get("/desk").headers["location"] == "/desk/password"
        assert browser.get("/api/v1/desk/numbers").status_code == 401
        change = {"old": PASSWORD, "new": "湖边的柳树又绿了整整一年", "again": "湖边的柳树又绿了整整一年"}
        assert "至少" in browser.get("/desk/password").text
        short = browser.post("/desk/password", change | {"new": "短", "again": "短"})
        assert short.status_code == 409 and "12" in short.text
        assert browser.post("/desk/password", change | {"again": "不一样的密码不一样"}).status_code == 409
        same = browser.post("/desk/password", change | {"new": PASSWORD, "again": PASSWORD})
        assert same.status_code == 409 and "不能和原来的一样" in same.text
        assert browser.post("/desk/password", change).status_code == 303
        assert browser.sign_in(person.login, change["new"]).status_code == 303
        assert browser.get("/desk").status_code == 200


def test_with_a_one_time_password_one_may_still_sign_out(gateway: TestClient) -> None:
    person = an_account(Role.WORKER)
    with session() as db:
        db.execute(update(Staff).where(Staff.id == person.staff_id).values(must_change=True))
    with at_the_desk(gateway, person) as browser:
        assert browser.post("/desk/logout").headers["location"] == "/desk/login"
        assert browser.get("/desk/password").headers["location"].startswith("/desk/login")


def test_a_refused_page_still_shows_the_way_to_ones_own(gateway: TestClient) -> None:
    with at_the_desk(gateway, an_account(Role.ADMINISTRATOR)) as browser:
        refused = browser.get("/desk")
        assert refused.status_code == 403 and 'href="/desk/people"' in refused.text
        assert 'href="/desk/audit"' not in refused.text


def test_a_closed_account_is_out_at_once(gateway: TestClient) -> None:
    person, keeper = an_account(Role.WORKER), an_account(Role.ADMINISTRATOR)
    with at_the_desk(gateway, person) as browser:
        cookie = gateway.cookies["fazhu_desk"]
        with at_the_desk(gateway, keeper) as administrator:
            form = {"name": "停用的人", "role": "worker", "service": "lawyer", "capacity": "5"}
            assert administrator.post(f"/desk/people/{person.staff_id}", form).status_code == 303
        gateway.cookies.set("fazhu_desk", cookie)
        assert browser.get("/desk").status_code == 303


def test_nobody_is_led_elsewhere() -> None:
    for address in ("https://example.invalid/desk", "//example.invalid", "/desk\\..", "/kiosk", "javascript:alert(1)"):
        assert inside(address) == "/desk"
    assert inside("/desk/tickets/1?view=mine") == "/desk/tickets/1?view=mine"


@pytest.mark.parametrize("next", ["https://example.invalid/", "//example.invalid", "/desk/\\t/../..//example.invalid"])
def test_signing_in_leads_nowhere_but_to_the_desk(gateway: TestClient, next: str) -> None:
    gateway.cookies.clear()
    form = {"login": an_account(Role.WORKER).login, "password": PASSWORD, "next": next}
    location = gateway.post("/desk/login", data=form, follow_redirects=False).headers["location"]
    assert location == "/desk" or location.startswith("/desk/")
    gateway.cookies.clear()


def test_signing_in_leads_back_to_the_page_that_was_asked_for(gateway: TestClient) -> None:
    gateway.cookies.clear()
    form = {"login": an_account(Role.WORKER).login, "password": PASSWORD, "next": "/desk?view=free"}
    assert gateway.post("/desk/login", data=form, follow_redirects=False).headers["location"] == "/desk?view=free"
    gateway.cookies.clear()


@pytest.mark.parametrize(("role", "page"), [
    (Role.WORKER, "/desk"), (Role.ADMINISTRATOR, "/desk/people"), (Role.AUDITOR, "/desk/audit"),
])  # fmt: skip
def test_everybody_begins_on_a_page_that_is_theirs(gateway: TestClient, role: Role, page: str) -> None:
    browser, person = Browser(gateway), an_account(role)
    assert browser.sign_in(person.login).headers["location"] == page
    assert browser.get(page).status_code == 200
    gateway.cookies.clear()
    asked = re.search('name="next" value="(.*?)"', gateway.get("/desk").text)  # as a browser that begins at /desk
    form = {"login": person.login, "password": PASSWORD, "next": asked[1] if asked else ""}
    assert gateway.post("/desk/login", data=form, follow_redirects=False).headers["location"] == page
    gateway.cookies.clear()


def test_a_new_account_gets_a_one_time_password_that_is_shown_once(gateway: TestClient) -> None:
    form = {"login": "xin.lvshi", "name": "测试新律师", "role": "worker", "service": "lawyer", "title": "律师"}
    with at_the_desk(gateway, an_account(Role.ADMINISTRATOR)) as keeper:
        made = keeper.post("/desk/people", form)
        password = re.search("<code>(.+?)</code>", made.text)
        assert made.status_code == 200 and password
        again = keeper.post("/desk/people", form)
        assert again.status_code == 409 and "已经有人用" in again.text
        assert "测试新律师" in keeper.get("/desk/people").text and password[1] not in keeper.get("/desk/people").text
    assert Browser(gateway).sign_in("xin.lvshi", password[1]).status_code == 303
    gateway.cookies.clear()


def test_what_an_administrator_writes_of_a_person_is_kept(gateway: TestClient) -> None:
    person = an_account(Role.WORKER)
    form = {
        "name": "测试改名", "role": "worker", "service": "mediation", "title": "人民调解员", "email": "a@example.invalid",
        "topics": ["劳动纠纷", "占星"], "districts": ["泰山区", "火星"], "certificates": "法律职业资格证、公证员证",
        "languages": "手语，英语", "capacity": "7", "active": "true",
    }  # fmt: skip
    with at_the_desk(gateway, an_account(Role.ADMINISTRATOR)) as keeper:
        assert keeper.post(f"/desk/people/{person.staff_id}", form).status_code == 303
        bad = keeper.post(f"/desk/people/{person.staff_id}", form | {"service": "astrology"})
        assert bad.status_code == 409 and "没有这种服务类别" in bad.text
        page = keeper.get(f"/desk/people/{person.staff_id}").text
    assert 'value="人民调解员"' in page and 'value="a@example.invalid"' in page and 'value="手语、英语"' in page
    with session() as db:
        kept = db.get(Staff, person.staff_id)
    assert kept and (kept.topics, kept.districts, kept.capacity) == (["劳动纠纷"], ["泰山区"], 7)
    assert kept.certificates == ["法律职业资格证", "公证员证"]


def test_leave_clients_and_a_reset_on_a_persons_page(gateway: TestClient) -> None:
    person = an_account(Role.WORKER)
    url = f"/desk/people/{person.staff_id}"
    with at_the_desk(gateway, an_account(Role.ADMINISTRATOR)) as keeper:
        keeper.post(f"{url}/leave", {"first": "2026-12-01", "last": "2026-12-03"})
        keeper.post(f"{url}/clients", {"name": "测试建筑公司"})
        page = keeper.get(url).text
        assert "2026-12-01 至 2026-12-03" in page and "测试建筑公司" in page
        for form in re.findall(r'action="(/desk/people/\d+/(?:leave|clients)/\d+/remove)"', page):
            assert keeper.post(form).status_code == 303
        page = keeper.get(url).text
        assert "2026-12-01" not in page and "测试建筑公司" not in page
        password = re.search("<code>(.+?)</code>", keeper.post(f"{url}/password").text)
        assert password and password[1] not in keeper.get(url).text
    browser = Browser(gateway)
    assert browser.sign_in(person.login).status_code == 401
    assert browser.sign_in(person.login, password[1]).status_code == 303
    assert browser.get("/desk").headers["location"] == "/desk/password"
    gateway.cookies.clear()


def test_a_name_is_text_and_never_markup(gateway: TestClient) -> None:
    person = an_account(Role.WORKER, name="<script>alert(1)</script>")
    with at_the_desk(gateway, an_account(Role.ADMINISTRATOR)) as keeper:
        for url in ("/desk/people", f"/desk/people/{person.staff_id}"):
            assert "<script>alert" not in keeper.get(url).text


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(gateway: TestClient) -> None:
    person = an_account(Role.SUPERVISOR)
    with at_the_desk(gateway, person) as browser:
        past = datetime.now(UTC) - timedelta(minutes=20)
        with session() as db:
            db.execute(update(StaffSession).where(StaffSession.staff_id == person.staff_id).values(seen_at=past))
        assert browser.get("/desk", headers={"HX-Request": "true"}).status_code == 200
        with session() as db:
            assert db.scalar(select(StaffSession.seen_at).filter_by(staff_id=person.staff_id)) == past
        browser.get("/desk/tickets/370900/live/events", headers={"Accept": "text/event-stream"})  # connects again
        with session() as db:
            assert db.scalar(select(StaffSession.seen_at).filter_by(staff_id=person.staff_id)) == past
        browser.get("/desk")
        with session() as db:
            assert db.scalar(select(StaffSession.seen_at).filter_by(staff_id=person.staff_id)) > past  # type: ignore[operator]
