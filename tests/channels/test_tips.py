"""Tips as pages, data and feeds; what was asked most; subscribing by message; the weekly letters."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import OperationalError

from channels import weekly_tips
from channels.routes import tips as routes
from channels.tips_commands import tips_command
from knowledge_base.tips import tips
from referrals import notices, subscriptions
from referrals.journal import Entry, keep
from referrals.models import Outgoing, Subscription, Turn
from referrals.store import session
from referrals.worktime import PLACE_TIME
from tests.channels.gateway import gateway

__all__ = ["gateway"]
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MONDAY = datetime(2026, 11, 30, 9, tzinfo=PLACE_TIME)
WECHAT_BYTES = 2048


@pytest.fixture
def asked() -> Iterator[str]:
    """Id of an answer given four times this week; others were given less or earlier."""
    popular, rare, old = (tip.id for tip in tips().of(None)[:3])
    now = datetime.now(UTC)
    entries = [Entry(now, "web", None, None, "answer", answer=popular)] * 4
    entries += [Entry(now, "web", None, None, "answer", answer=rare)] * 2
    entries += [Entry(now - timedelta(days=8), "web", None, None, "answer", answer=old)] * 9
    entries += [Entry(now, "web", None, None, "answer", answer="no-longer-there")] * 5
    entries += [Entry(now, "web", None, None, "clarify", question="我家的秘密")] * 9
    with session() as db:
        db.execute(delete(Turn))  # what other tests asked
    keep(entries)
    routes._counted.cache_clear()
    yield popular
    with session() as db:
        db.execute(delete(Turn))
    routes._counted.cache_clear()


@pytest.fixture
def wechat(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FAZHU_WECHAT_APP_ID", "wx-test")
    yield
    with session() as db:
        db.execute(delete(Subscription))


def test_todays_tips_begin_with_the_tip_of_the_day(gateway: TestClient) -> None:
    items = gateway.get("/api/v1/tips?limit=3").json()["items"]
    found = tips().for_day(datetime.now(PLACE_TIME).date())[:3]
    assert [item["id"] for item in items] == [tip.id for tip in found]
    assert items[0].keys() == {"id", "topic", "question", "text", "citations"}
    assert items[0]["citations"][0].keys() >= {"law", "article"}


@pytest.mark.parametrize("topic", ["family", "婚姻家庭"])
def test_a_topic_is_asked_for_by_slug_or_title(gateway: TestClient, topic: str) -> None:
    items = gateway.get("/api/v1/tips", params={"topic": topic}).json()["items"]
    assert len(items) == 10 and {item["topic"] for item in items} == {"婚姻家庭"}


@pytest.mark.parametrize("query", ["topic=航天", "limit=0", "limit=51", "limit=x"])
def test_what_there_is_not_is_a_clear_error(gateway: TestClient, query: str) -> None:
    response = gateway.get(f"/api/v1/tips?{query}")
    assert response.status_code == 422 and query.split("=")[0] in response.json()["error"]["message"]


def test_the_weeks_most_asked_are_those_that_several_asked_lately(gateway: TestClient, asked: str) -> None:
    items = gateway.get("/api/v1/tips/most-asked").json()["items"]
    assert [(item["id"], item["count"]) for item in items] == [(asked, 4)]
    page = gateway.get("/tips").text
    assert "4 次" in page and "我家的秘密" not in page


def test_without_the_database_the_page_has_its_tips(gateway: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> dict[str, int]:
        raise OperationalError("", None, Exception())

    monkeypatch.setattr(routes, "_counted", away)
    page = gateway.get("/tips")
    assert page.status_code == 200 and "今天的一条" in page.text and "问得最多" not in page.text


def test_every_topics_page_shows_its_tips_with_the_law(gateway: TestClient) -> None:
    page = gateway.get("/tips").text
    for topic in tips().topics:
        assert f'href="/tips/{topic.slug}"' in page
    page = gateway.get("/tips/labour").text
    for tip in tips().of(tips().topic("labour")):
        assert f'id="{tip.id}"' in page and tip.text in page
    assert "/statutes/%E5%8A%B3%E5%8A%A8" in page  # 劳动…
    assert gateway.get("/tips/space").status_code == 404
    assert 'href="/tips"' in gateway.get("/").text and 'href="/tips"' in gateway.get("/guides").text


@pytest.mark.parametrize("path", ["/tips.atom", "/tips/family.atom"])
def test_a_feed_is_sound_atom(gateway: TestClient, path: str) -> None:
    response = gateway.get(path)
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ET.fromstring(response.content)
    assert root.tag == f"{{{ATOM['a']}}}feed"
    for parent in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"a:{name}", ATOM)) == 1
        updated = parent.findtext("a:updated", "", ATOM)
        assert datetime.fromisoformat(updated).tzinfo
    assert root.findtext("a:author/a:name", "", ATOM) == "法助"
    assert root.find("a:link[@rel='self']", ATOM).attrib["href"] == f"http://testserver{path}"  # type: ignore[union-attr]
    entries = root.findall("a:entry", ATOM)
    ids = [entry.findtext("a:id", "", ATOM) for entry in entries]
    assert len(set(ids)) == len(ids) == routes.FEED_DAYS
    first = tips().for_day(datetime.now(PLACE_TIME).date(), tips().topic("family") if "family" in path else None)[0]
    assert entries[0].findtext("a:title", "", ATOM) == first.question
    assert entries[0].findtext("a:content", "", ATOM).startswith(first.text)
    assert root.findtext("a:updated", "", ATOM) == max(e.findtext("a:updated", "", ATOM) for e in entries)


def test_a_feed_of_what_there_is_not(gateway: TestClient) -> None:
    assert gateway.get("/tips/space.atom").json()["error"]["code"] == "topic_not_found"


async def test_by_message_one_subscribes_changes_and_leaves(gateway: TestClient, wechat: None) -> None:
    def kept() -> list[tuple[str, str | None]]:
        with session() as db:
            return [(one.channel, one.topic) for one in db.scalars(select(Subscription))]

    assert "已订阅普法" in (await tips_command("wechat", "openid-1", "订阅普法") or "")
    assert kept() == [("wechat", None)]
    assert "已订阅“婚姻家庭”普法" in (await tips_command("wechat", "openid-1", "我要订阅 婚姻家庭普法。") or "")
    assert kept() == [("wechat", "family")]
    assert "已退订" in (await tips_command("wechat", "openid-1", "退订！") or "")
    assert kept() == []
    assert "没有订阅" in (await tips_command("wechat", "openid-1", "取消订阅") or "")


async def test_a_topic_there_is_not_gets_the_list(gateway: TestClient, wechat: None) -> None:
    reply = await tips_command("wechat", "openid-1", "订阅航天普法") or ""
    assert "婚姻家庭、" in reply and "没有这一类" in reply
    with session() as db:
        assert db.scalars(select(Subscription)).all() == []


@pytest.mark.parametrize(
    "text", ["订阅会员自动扣费怎么退", "怎么退订彩铃", "普法", "离婚孩子归谁", "", "我没有订阅普法", "订阅普法有用吗"]
)
async def test_a_question_is_no_command(gateway: TestClient, text: str) -> None:
    assert await tips_command("wechat", "openid-1", text) is None


async def test_where_nothing_can_be_sent_the_feed_is_named(gateway: TestClient) -> None:
    assert "/tips/family.atom" in (await tips_command("wechat", "openid-1", "订阅婚姻家庭普法") or "")
    assert "/tips.atom" in (await tips_command("web", "x", "订阅普法") or "")


def letters(database: Engine) -> list[dict[str, object]]:
    with session(database) as db:
        return [json.loads(row.payload) for row in db.scalars(select(Outgoing).order_by(Outgoing.id))]


def a_subscriber(database: Engine, address: str, topic: str | None) -> None:
    with session(database) as db:
        subscriptions.subscribe(db, "wechat", address, topic)
        db.flush()
        for row in db.scalars(select(Subscription)):
            row.created_at = MONDAY - timedelta(days=1)


def test_on_monday_each_gets_one_letter_of_their_topic(
    database: Engine, wechat: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weekly_tips, "BATCH", 2)
    monkeypatch.setattr(weekly_tips, "read_tips", tips)  # the same, at hand
    for number, topic in enumerate(["family", None, "space"]):
        a_subscriber(database, f"openid-{number}", topic)
    assert weekly_tips.send_due(Event(), MONDAY - timedelta(hours=1), database) == 0
    assert weekly_tips.send_due(Event(), MONDAY, database) == 3
    assert weekly_tips.send_due(Event(), MONDAY + timedelta(minutes=1), database) == 0
    found = letters(database)
    assert [(one["to"], one["bulk"]) for one in found] == [(f"openid-{n}", True) for n in range(3)]
    of_family = tips().for_day(MONDAY.date(), tips().topic("family"))[0]
    of_all = tips().for_day(MONDAY.date())[0]
    assert of_family.text in str(found[0]["text"])
    assert of_all.text in str(found[1]["text"]) and of_all.text in str(found[2]["text"])


def test_nothing_is_posted_where_wechat_is_not_set_up(database: Engine) -> None:
    a_subscriber(database, "openid-1", None)
    assert "wechat" not in notices.sent_by()
    assert weekly_tips.send_due(Event(), MONDAY, database) == 0
    assert letters(database) == []


def test_every_letter_fits_and_says_how_to_end_it() -> None:
    for tip in tips().of(None):
        text = weekly_tips.letter(tip)
        assert len(text.encode()) <= WECHAT_BYTES and "退订" in text and tip.text in text and tip.vouched in text


def test_a_worker_that_is_told_to_stop_posts_no_more(
    database: Engine, wechat: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weekly_tips, "read_tips", tips)
    a_subscriber(database, "openid-1", None)
    stopped = Event()
    stopped.set()
    assert weekly_tips.send_due(stopped, MONDAY, database) == 0
