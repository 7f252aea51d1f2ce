"""Notices to everybody on the pages and as data."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from sqlalchemy.exc import OperationalError

from channels import bulletin
from channels.bulletin import Bulletin
from referrals import broadcasts
from referrals.lifecycle import Actor
from referrals.roles import Role
from referrals.store import engine, session
from tests.channels.gateway import gateway
from tests.referrals.desk import a_person

__all__ = ["gateway"]
TEXT = "今晚十点<维护>一小时，急事请拨 12348。"
ESCAPED = "今晚十点&lt;维护&gt;一小时"

Publish = Callable[..., None]


def look(gateway: TestClient) -> None:
    portal: Any = gateway.portal
    portal.call(gateway.app.state.bulletin.look)  # type: ignore[attr-defined]


@pytest.fixture
def publish(gateway: TestClient) -> Iterator[Publish]:
    """Publishes for the time of the test."""
    actor: Actor = a_person(engine(), Role.SUPERVISOR)
    ids: list[int] = []

    def do(text: str, *channels: str) -> None:
        now = datetime.now(UTC)
        with session() as db:
            ids.append(broadcasts.publish(db, actor, text, now, now + timedelta(hours=1), list(channels)).id)
        look(gateway)

    yield do
    with session() as db:
        for id in ids:
            broadcasts.withdraw(db, actor, id)
    look(gateway)


@pytest.fixture
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


def opened(browser: Browser, gateway: TestClient) -> Page:
    """A window that asks the gateway of this process."""

    def answer(route: Route) -> None:
        found = gateway.get(urlsplit(route.request.url).path)
        route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.content)

    page = browser.new_page()
    page.route("**/*", answer)
    return page


def items(gateway: TestClient, channel: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = gateway.get(f"/api/v1/notices?channel={channel}").json()["items"]
    return found


def test_a_platform_gets_its_notices_and_those_for_all(gateway: TestClient, publish: Publish) -> None:
    publish(TEXT)
    publish("自助机缺纸", "kiosk")
    assert items(gateway, "web") == [{"text": TEXT}]
    assert items(gateway, "kiosk") == [{"text": TEXT}, {"text": "自助机缺纸"}]


def test_a_platform_there_is_not_is_a_clear_error(gateway: TestClient) -> None:
    response = gateway.get("/api/v1/notices?channel=fax")
    assert response.status_code == 422 and "channel" in response.json()["error"]["message"]


@pytest.mark.parametrize("page", ["/", "/guides", "/institutions", "/statutes", "/ticket"])
def test_pages_show_it_as_words_never_as_markup(gateway: TestClient, publish: Publish, page: str) -> None:
    assert ESCAPED not in gateway.get(page).text
    publish(TEXT)
    html = gateway.get(page).text
    assert ESCAPED in html and "<维护>" not in html
    assert 'role="status"' in html and "/static/notices.js" in html and "{notices}" not in html


def test_however_often_it_is_shown_the_database_is_asked_once(
    gateway: TestClient, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(TEXT)

    def away() -> dict[str, list[str]]:
        raise OperationalError("", None, Exception())

    monkeypatch.setattr(broadcasts, "by_channel", away)
    assert [items(gateway, "web") for _ in range(20)] == [[{"text": TEXT}]] * 20
    look(gateway)  # while the database is away, what was said stays
    assert items(gateway, "web") == [{"text": TEXT}]


async def test_what_changes_is_seen_without_asking_for_it(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulletin, "EVERY", 0.05)
    board = Bulletin()
    looking = asyncio.create_task(board.keep_looking())
    assert board.on("web") == []
    await asyncio.to_thread(publish, TEXT)
    async with asyncio.timeout(5):
        while board.on("web") != [TEXT]:
            await asyncio.sleep(0.05)
    looking.cancel()


def test_a_notice_that_was_put_away_stays_away_in_this_window(
    gateway: TestClient, publish: Publish, browser: Browser
) -> None:
    publish(TEXT)
    page = opened(browser, gateway)
    page.goto("http://fazhu.example/")
    banner = page.get_by_role("status").filter(has_text=TEXT)
    expect(banner).to_be_visible()
    banner.get_by_role("button", name="知道了").click()
    expect(banner).to_have_count(0)
    for place in ("/", "/guides"):
        page.goto(f"http://fazhu.example{place}")
        expect(banner).to_have_count(0)
    publish("另一条公告")
    page.reload()
    expect(page.locator("#notices")).to_have_text("另一条公告 知道了")
    other = opened(browser, gateway)
    other.goto("http://fazhu.example/guides")
    expect(other.locator("#notices p")).to_have_count(2)
