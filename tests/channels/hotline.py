"""A call centre for tests: the gateway without Rasa, and phones that call it."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from channels.app import create_app
from channels.hotline.call import Phone
from channels.hotline.signature import HEADER, Signed
from channels.settings import Settings
from referrals.store import migrate
from tests.services import free_port

SECRET = "秘密"
CALLER = "13000000001"


def a_gateway(**settings: Any) -> TestClient:
    migrate()
    nothing = f"http://127.0.0.1:{free_port()}"
    config = Settings(**{"bot_url": nothing, "actions_url": nothing, "hotline_secret": SECRET, **settings})
    return TestClient(create_app(config), raise_server_exceptions=False, client=("127.0.0.1", 5))


@pytest.fixture(scope="session")
def centre() -> Iterator[TestClient]:
    with a_gateway() as client:
        yield client


@pytest.fixture
def phone(centre: TestClient) -> Phone:
    return a_phone(centre)


def a_phone(centre: TestClient, caller: str = CALLER, call_id: str = "") -> Phone:
    return Phone(lambda path, body, headers: centre.post(path, content=body, headers=headers), SECRET, caller, call_id)


def sent(centre: TestClient, path: str, body: bytes, header: str | None = None, **headers: str) -> httpx.Response:
    """Posted with a good signature, or with ``header`` in its place; none where that is empty."""
    if header is None:
        header = Signed("POST", path.encode(), body).by(SECRET, int(time.time()))
    signed = {HEADER: header} if header else {}
    return centre.post(path, content=body, headers={"Content-Type": "application/json", **signed, **headers})
