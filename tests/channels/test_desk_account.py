"""Signing in: who gets in, who does not, and how a session ends."""

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
    assert response.headers["location"] == "/desk/login?next=/desk/tickets/370900%3F"
    assert gateway.get("/api/v1/desk/numbers").status_code == 401
    assert gateway.get("/desk", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/desk/login")


def test_the_cookie_is_for_the_server_alone(gateway: TestClient) -> None:
    cookie = Browser(gateway).sign_in(an_account(Role.WORKER).login).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie


def test_a_wrong_password_is_not_told_from_a_wrong_login(gateway: TestClient) -> None:
    browser, person = Browser(gateway), an_account(Role.WORKER)
    wrong, unknown = browser.sign_in(person.login, "不是这个密码呀"), browser.sign_in("nobody-here", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    assert "账号或密码不对" in wrong.text and "账号或密码不对" in unknown.text


def test_five_wrong_tries_lock_the_account_even_for_the_right_password(gateway: TestClient) -> None:
    browser, person = Browser(gateway), an_account(Role.WORKER)
    for _ in range(WRONG_TRIES):
        browser.sign_in(person.login, "不是这个密码呀")
    assert browser.sign_in(person.login).status_code == 429
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


def test_a_one_time_password_must_be_changed_first(gateway: TestClient) -> None:
    person = an_account(Role.WORKER)
    with session() as db:
        db.execute(update(Staff).where(Staff.id == person.staff_id).values(must_change=True))
    with at_the_desk(gateway, person) as browser:
        assert browser.get("/desk").headers["location"] == "/desk/password"
        change = {"old": PASSWORD, "new": "湖边的柳树又绿了整整一年", "again": "湖边的柳树又绿了整整一年"}
        assert "至少" in browser.get("/desk/password").text
        short = browser.post("/desk/password", change | {"new": "短", "again": "短"})
        assert short.status_code == 409 and "12" in short.text
        assert browser.post("/desk/password", change | {"again": "不一样的密码不一样"}).status_code == 409
        assert browser.post("/desk/password", change).status_code == 303
        assert browser.sign_in(person.login, change["new"]).status_code == 303
        assert browser.get("/desk").status_code == 200


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
