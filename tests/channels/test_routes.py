"""Everything but the chat: statutes, tickets, health, pages, headers."""

import pytest
from fastapi.testclient import TestClient

from referrals.intake import Draft
from referrals.tickets import Origin, create
from tests.channels.gateway import gateway, say

__all__ = ["gateway"]

DRAFT = Draft(True, "老板拖欠工资三个月", "泰山区", "王女士", "13000000000", "legal_aid", True)


def test_statutes_are_found_best_first(gateway: TestClient) -> None:
    items = gateway.get("/api/v1/statutes", params={"q": "没签劳动合同两倍工资", "limit": 5}).json()["items"]
    assert len(items) == 5
    assert [i["score"] for i in items] == sorted((i["score"] for i in items), reverse=True)
    assert items[0].keys() >= {"law", "article", "text", "score"}
    assert ("中华人民共和国劳动合同法", 82) in {(i["law"], i["article"]) for i in items}


@pytest.mark.parametrize(
    "query",
    [{}, {"q": ""}, {"q": "x", "limit": 0}, {"q": "x", "limit": 51}, {"q": "x", "limit": "a"}, {"q": "x" * 2001}],
)
def test_a_bad_search_is_refused_in_the_contracts_form(gateway: TestClient, query: dict[str, str]) -> None:
    response = gateway.get("/api/v1/statutes", params=query)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid"


@pytest.mark.parametrize("q", ["？？", "😀", " "])
def test_a_search_for_no_words_finds_nothing(gateway: TestClient, q: str) -> None:
    assert gateway.get("/api/v1/statutes", params={"q": q}).json() == {"items": []}


def test_an_article_is_given_by_full_or_short_name(gateway: TestClient) -> None:
    for law in ("中华人民共和国民法典", "民法典"):
        article = gateway.get(f"/api/v1/statutes/{law}/1079").json()
        assert (article["law"], article["article"]) == ("中华人民共和国民法典", 1079)
    inserted = gateway.get("/api/v1/statutes/刑法/133", params={"sub": 1}).json()
    assert inserted["title"] == "《刑法》第一百三十三条之一"


@pytest.mark.parametrize(
    ("path", "status"),
    [("民法典/9999", 404), ("婚姻法/1", 404), ("民法典/abc", 422), ("民法典/-1", 422), ("a%2Fb/1", 404)],
)
def test_an_article_that_is_not_there_is_an_error_in_the_contracts_form(
    gateway: TestClient, path: str, status: int
) -> None:
    response = gateway.get(f"/api/v1/statutes/{path}")
    assert response.status_code == status
    assert response.json()["error"]["message"]


def test_a_ticket_is_shown_for_code_and_pin_without_personal_data(gateway: TestClient) -> None:
    receipt = create(DRAFT, Origin("routes", "1"))
    response = gateway.get(f"/api/v1/tickets/{receipt.code}", params={"secret": receipt.pin})
    assert response.json()["status"] == "已受理"
    assert response.json()["events"][0]["status"] == "已受理"
    for secret in ("王女士", "13000000000", "拖欠"):
        assert secret not in response.text


def test_a_wrong_pin_or_code_is_not_found_and_then_locked(gateway: TestClient) -> None:
    receipt = create(DRAFT, Origin("routes", "2"))
    wrong = "000000" if receipt.pin != "000000" else "000001"
    assert gateway.get("/api/v1/tickets/nonsense", params={"secret": "1"}).status_code == 404
    assert gateway.get(f"/api/v1/tickets/{receipt.code}").status_code == 422
    codes = [gateway.get(f"/api/v1/tickets/{receipt.code}", params={"secret": wrong}).status_code for _ in range(6)]
    assert codes == [404] * 5 + [429]


def test_health_and_readiness_tell_each_parts_state(gateway: TestClient) -> None:
    assert gateway.get("/healthz").status_code == 200
    response = gateway.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"] == {"bot": "down", "actions": "down", "database": "ok", "shared_state": "ok"}


def test_metrics_are_for_this_machine_only(gateway: TestClient) -> None:
    say(gateway, "你好")
    assert "fazhu_replies_total" in gateway.get("/metrics").text
    assert gateway.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


def test_no_metric_carries_an_address(gateway: TestClient) -> None:
    session = say(gateway, "你好")["session_id"]
    gateway.get(f"/api/v1/chat/sessions/{session}")
    assert session not in gateway.get("/metrics").text


def test_the_page_says_what_is_configured_and_loads_nothing_from_outside(gateway: TestClient) -> None:
    response = gateway.get("/")
    assert "24 小时" in response.text and "{" not in response.text
    for name in ("", "static/chat.js", "static/chat.css"):
        text = gateway.get(f"/{name}").text
        assert "://" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/statutes?q=工资", "/static/chat.js", "/nothing"])
def test_every_answer_has_safe_headers(gateway: TestClient, path: str) -> None:
    headers = gateway.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] in ("no-store", "no-cache")


def test_unknown_pages_and_methods_keep_the_contracts_form(gateway: TestClient) -> None:
    assert gateway.get("/nothing").json()["error"]["code"] == "not_found"
    assert gateway.put("/healthz").json()["error"]["code"] == "method_not_allowed"


def test_the_contract_is_published(gateway: TestClient) -> None:
    paths = gateway.get("/openapi.json").json()["paths"]
    assert {"/healthz", "/readyz", "/api/v1/chat/messages", "/api/v1/statutes", "/api/v1/statutes/{law}/{article}",
            "/api/v1/tickets/{code}"} <= paths.keys()  # fmt: skip
