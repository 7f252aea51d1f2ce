"""The directory of institutions, as data and as a page."""

import pytest
from fastapi.testclient import TestClient

from tests.channels.gateway import gateway

__all__ = ["gateway"]

URL = "/api/v1/institutions"


def test_by_service_and_district(gateway: TestClient) -> None:
    items = gateway.get(URL, params={"service": "legal_aid", "district": "岱岳区"}).json()["items"]
    assert items and all(one["service"] == "legal_aid" and one["district"] == "岱岳区" for one in items)
    assert all(one["sample"] for one in items)


def test_nearest_first(gateway: TestClient) -> None:
    items = gateway.get(URL, params={"service": "notary", "longitude": 117.1, "latitude": 36.2}).json()["items"]
    known = [one["distance_km"] for one in items if one["distance_km"] is not None]
    assert known and known == sorted(known)


def test_a_closed_one_says_when_it_opens(gateway: TestClient) -> None:
    for one in gateway.get(URL, params={"limit": 50}).json()["items"]:
        assert one["open"] is (one["next_opening"] is None)


@pytest.mark.parametrize(
    "params",
    [
        {"district": "月球区"},
        {"longitude": 117},
        {"service": "fortune"},
        {"limit": 0},
        {"latitude": 200, "longitude": 1},
    ],
)
def test_bad_input_is_told(gateway: TestClient, params: dict[str, object]) -> None:
    response = gateway.get(URL, params=params)  # type: ignore[arg-type]
    assert response.status_code == 422 and response.json()["error"]["message"]


def test_the_page_filters_and_marks_samples(gateway: TestClient) -> None:
    text = gateway.get("/institutions", params={"service": "mediation", "district": "宁阳县"}).text
    assert "示例数据，不是真实机构" in text and "selected>人民调解" in text and "selected>宁阳县" in text
    assert gateway.get("/institutions", params={"service": "<b>", "district": "<b>"}).status_code == 200
