"""Notices to everybody on the pages and as data."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
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
    assert gateway.portal
    gateway.portal.call(gateway.app.state.bulletin.look)  # type: ignore[attr-defined]


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
