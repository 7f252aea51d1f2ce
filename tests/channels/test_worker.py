"""The worker as a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from channels.worker import ALIVE
from referrals import outbox
from referrals.models import Status, Ticket
from referrals.secret_text import encrypt
from referrals.store import make_engine, migrate, session
from tests.receiver import Receiver, receiving
from tests.referrals.desk import a_person, a_ticket
from tests.services import ROOT, wait_until


class Worker:
    def __init__(self, var: Path, receiver: Receiver) -> None:
        encrypt("")  # makes the key, if no test before this one did
        self.process = subprocess.Popen(
            [sys.executable, "-m", "channels.worker"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={
                **os.environ, "FAZHU_VAR": str(var), "FAZHU_WEBHOOK": receiver.url, "FAZHU_HOOK_SECRET": "secret",
                "FAZHU_SECRET_KEYS": (Path(os.environ["FAZHU_VAR"]) / "secret.key").read_text(encoding="utf-8"),
            },
        )  # fmt: skip

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=20)
        return self.process.returncode, output.decode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def a_database(var: Path) -> Engine:
    url = f"sqlite:///{var / 'fazhu.db'}"
    migrate(url)
    return make_engine(url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_gives_tickets_sends_letters_and_stops_when_told(tmp_path: Path, receiver: Receiver, number: int) -> None:
    database = a_database(tmp_path)
    a_person(database)
    a_ticket(database, urgent=True)  # at any hour
    with session(database) as db:
        outbox.post(db, "webhook", None, event="received")
    worker = Worker(tmp_path, receiver)
    wait_until(lambda: len(receiver.received) == 2, 30, "the letter and the allocation's")
    wait_until((tmp_path / ALIVE).exists, 10, "the sign of life")
    assert worker.stop(number) == (0, "")
    assert sorted(json.loads(body)["event"] for _, body in receiver.received) == ["assign", "received"]
    with session(database) as db:
        assert db.scalars(select(Ticket.status)).all() == [Status.ASSIGNED]
        assert outbox.waiting(db) == 0
    database.dispose()


def test_an_error_does_not_end_it_and_only_its_type_is_said(tmp_path: Path, receiver: Receiver) -> None:
    worker = Worker(tmp_path, receiver)  # before there are any tables
    wait_until((tmp_path / "fazhu.db").exists, 30, "the worker's first look")
    database = a_database(tmp_path)
    with session(database) as db:
        outbox.post(db, "webhook", None, event="received")
    wait_until(lambda: bool(receiver.received), 30, "the letter")
    code, output = worker.stop()
    assert code == 0
    assert (
        set(output.split()) <= {"worker,", "citizen:", "webhook:", "rounds:", "tips:", "retention:", "OperationalError"}
        and output
    )
    database.dispose()
