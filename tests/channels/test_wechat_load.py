"""`benchmarks.wechat`, made short: under load with repetitions and slow answers everybody is answered once."""

import pytest
from sqlalchemy import delete

from benchmarks.wechat import measure
from referrals.models import Outgoing
from referrals.store import migrate, session


def test_everybody_is_answered_once(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAZHU_REDIS_URL", redis_url)
    migrate()
    with session() as db:
        db.execute(delete(Outgoing).where(Outgoing.kind == "wechat"))
    found = measure(60, 1.0)
    assert (found["messages"], found["delivered_twice"], found["slowed"]) == (60, 18, 6)
    assert (found["lost"], found["answered_twice"]) == (0, 0)
    assert found["answered_at_once"] <= 54 and found["messages_sent_later"] >= 6
