"""The operator's page: how the platforms stand, kiosks, notices, settings."""

import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from channels.settings import Settings
from channels.standing import settings_shown
from channels.tally import IN, tally
from channels.worker import ALIVE
from referrals import devices
from referrals.journal import Entry, keep
from referrals.models import Broadcast, Device, Turn
from referrals.roles import Role
from referrals.store import session
from referrals.worktime import PLACE_TIME
from tests.channels.desk import Browser, an_account, at_the_desk
from tests.channels.gateway import gateway

__all__ = ["gateway"]
HERE = "/desk/platforms"
SECRET = "zzz-secret-zzz"


@pytest.fixture
def desk(gateway: TestClient) -> Iterator[Browser]:
    with session() as db:
        for model in (Broadcast, Device, Turn):
            db.execute(delete(model))
    with at_the_desk(gateway, an_account(Role.ADMINISTRATOR)) as browser:
        yield browser


def row(html: str, name: str) -> list[str]:
    """The cells of the table row that begins with ``name``, without markup."""
    for found in re.findall(r"<tr><td.*?</tr>", html, re.S):
        cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", found, re.S)]
        if cells[0] == name:
            return cells
    raise AssertionError(f"no row {name}")


def local(moment: datetime) -> str:
    return f"{moment.astimezone(PLACE_TIME):%Y-%m-%dT%H:%M}"


def notice(browser: Browser, text: str, hours: float = 2, channels: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    now = datetime.now(UTC)
    fields: dict[str, object] = {
        "text": text, "starts": local(now - timedelta(hours=1)), "ends": local(now + timedelta(hours=hours)),
        "channels": list(channels),
    }  # fmt: skip
    return browser.post(f"{HERE}/notices", fields)


def test_each_platform_says_in_words_whether_it_is_set_up_and_what_came_in(desk: Browser) -> None:
    now = datetime.now(UTC)
    keep([Entry(at, "web", None, None, "answer") for at in (now, now, now - timedelta(days=3))])
    html = desk.get(HERE).text
    assert row(html, "网页")[1:4] == ["正常", "2", "3"]
    assert row(html, "网页")[4] == f"{now.astimezone(PLACE_TIME):%m-%d %H:%M}"
    assert row(html, "微信")[1:5] == ["未配置", "0", "0", "七天内没有"]
    assert row(html, "热线")[1] == row(html, "自助机")[1] == "未配置"


def test_a_platform_is_set_up_when_its_secret_is(gateway: TestClient, desk: Browser) -> None:
    before = gateway.app.state.settings  # type: ignore[attr-defined]

    class Later(Settings):
        hotline_secret: str = SECRET

    gateway.app.state.settings = Later(bot_url=before.bot_url, actions_url=before.actions_url)  # type: ignore[attr-defined]
    try:
        html = desk.get(HERE).text
    finally:
        gateway.app.state.settings = before  # type: ignore[attr-defined]
    assert row(html, "热线")[1] == "正常" and SECRET not in html


def test_what_was_tallied_today_and_errors_by_name_are_seen(gateway: TestClient, desk: Browser) -> None:
    portal: Any = gateway.portal
    for what in (IN, IN, "signature", "signature", "timeout"):
        portal.call(tally, gateway.app.state.redis, "web", what)  # type: ignore[attr-defined]
    cells = row(desk.get(HERE).text, "网页")
    assert cells[1] == "有错误" and cells[5] == "2 / 0" and cells[6] == "signature 2 次，timeout 1 次"


def test_a_part_that_is_down_is_said_so_and_what_follows(desk: Browser) -> None:
    alive = Path(Settings().var) / ALIVE
    alive.unlink(missing_ok=True)
    html = desk.get(HERE).text
    assert row(html, "对话机器人")[1:] == ["不通", "停了，由知识库直接答复"]
    assert row(html, "数据库")[1:] == row(html, "共享状态")[1:] == ["正常", "—"]
    assert row(html, "后台进程")[1] == "不通"
    alive.touch()
    assert row(desk.get(HERE).text, "后台进程")[1] == "正常"
    os.utime(alive, (time.time() - 600,) * 2)
    assert row(desk.get(HERE).text, "后台进程")[1] == "不通"


def test_a_kiosks_address_is_shown_once_and_opens_it(desk: Browser) -> None:
    added = desk.post(f"{HERE}/kiosks", {"place": "测试大厅"})
    found = re.search(r"http://testserver/kiosk#token=([\w-]+)", added.text)
    assert found
    known = devices.known(found[1])
    assert known
    html = desk.get(HERE).text
    assert found[1] not in html
    assert row(html, "测试大厅")[1:3] == ["失联", "从未"] and row(html, "自助机")[1] == "正常"
    for state, said in {"idle": "空闲", "busy": "有人在用", "offline for 90 s": "断网 90 秒后恢复"}.items():
        devices.beat(known.id, state)
        cells = row(desk.get(HERE).text, "测试大厅")
        assert (cells[1], cells[3]) == ("正常", said)
    assert desk.post(f"{HERE}/kiosks/{known.id}/off").status_code == 303
    assert devices.known(found[1]) is None
    assert row(desk.get(HERE).text, "测试大厅")[1] == "已停用"


def test_a_kiosk_without_a_place_is_refused(desk: Browser) -> None:
    refused = desk.post(f"{HERE}/kiosks", {"place": " "})
    assert refused.status_code == 409 and "请写明自助机放在哪里" in refused.text


def test_a_notice_is_on_the_pages_as_soon_as_it_is_published_and_gone_when_withdrawn(desk: Browser) -> None:
    assert notice(desk, "明天停电半天").status_code == 303
    assert "明天停电半天" in desk.get("/").text
    assert row(desk.get(HERE).text, "明天停电半天")[1] == "全部"
    with session() as db:
        id = db.scalar(select(Broadcast.id))
    assert desk.post(f"{HERE}/notices/{id}/withdraw").status_code == 303
    assert "明天停电半天" not in desk.get("/").text
    assert row(desk.get(HERE).text, "明天停电半天")[4] == "已撤回"


def test_a_notice_for_the_hotline_is_not_on_the_pages(desk: Browser) -> None:
    notice(desk, "话务忙", channels=("hotline", "wechat"))
    assert row(desk.get(HERE).text, "话务忙")[1] == "热线、微信"
    assert "话务忙" not in desk.get("/").text


def test_its_times_are_those_of_the_place(desk: Browser) -> None:
    desk.post(f"{HERE}/notices", {"text": "春节", "starts": "2099-02-01T08:30", "ends": "2099-02-02T08:30"})
    with session() as db:
        assert db.scalars(select(Broadcast.starts_at)).one() == datetime(2099, 2, 1, 0, 30, tzinfo=UTC)


def test_a_refused_notice_keeps_what_was_typed(desk: Browser) -> None:
    refused = notice(desk, "昨天的事", hours=-0.5, channels=("kiosk",))
    assert refused.status_code == 409 and "结束时间要晚于" in refused.text
    assert ">昨天的事</textarea>" in refused.text and 'value="kiosk" checked' in refused.text


def test_what_refreshes_by_itself_is_a_piece_of_the_page(desk: Browser) -> None:
    piece = desk.get(HERE, headers={"HX-Request": "true"}).text
    assert "各平台" in piece and "<html" not in piece and "添加自助机" not in piece


def test_no_secret_and_no_address_with_a_password_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(Settings):
        wechat_token: str = SECRET
        wechat_limit: int = 5

    for name in ("DATABASE_URL", "SMTP_URL", "HOOK_SECRET", "WEBHOOK", "SECRET_KEYS", "REDIS_URL", "METRICS_TOKEN"):
        monkeypatch.setenv(f"FAZHU_{name}", f"scheme://user:{SECRET}@host/{SECRET}?key={SECRET}")
    shown = dict(settings_shown(Later(bot_url=f"http://user:{SECRET}@host", public_url="https://fazhu.example")))
    assert SECRET not in str(shown)
    assert shown["FAZHU_WECHAT_TOKEN"] == shown["FAZHU_DATABASE_URL"] == shown["FAZHU_BOT_URL"] == "已设置，不显示"
    assert shown["FAZHU_PUBLIC_URL"] == "https://fazhu.example"
    assert shown["FAZHU_SMS_HOOK"] == "未设置" and shown["FAZHU_WECHAT_LIMIT"] == "5"
    assert shown["FAZHU_BOT_TIMEOUT"] == "1.5"
