"""The gateway without Rasa, in this process: what it must do alone."""

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from channels.app import create_app
from channels.settings import Settings
from referrals.store import migrate
from tests.services import free_port


@pytest.fixture(scope="module")
def gateway() -> Iterator[TestClient]:
    migrate()
    nothing = f"http://127.0.0.1:{free_port()}"
    settings = Settings(bot_url=nothing, actions_url=nothing, rate_limit="off")
    with TestClient(create_app(settings), raise_server_exceptions=False, client=("127.0.0.1", 5)) as client:
        yield client


def say(client: TestClient, text: str, session: str | None = None, **fields: str) -> dict:  # type: ignore[type-arg]
    body = json.dumps({"session_id": session, "text": text, **fields})  # ASCII: it carries half characters too
    response = client.post("/api/v1/chat/messages", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return]
