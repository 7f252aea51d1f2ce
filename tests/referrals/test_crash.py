"""Processes that make and move tickets are killed at random: nothing a citizen was shown is lost or bent."""

import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, select

from referrals import audit, outbox
from referrals.lifecycle import STEPS
from referrals.models import Outgoing, Status, Ticket
from referrals.roles import Role
from referrals.store import session
from tests.referrals.desk import a_person

ROOT = Path(__file__).parent.parent.parent
ROUNDS, AT_ONCE, LEAST = {"postgresql": 20, "sqlite": 5}, 3, 200


def test_killed_at_random_again_and_again(database: Engine, tmp_path: Path) -> None:
    for role in (Role.WORKER, Role.WORKER, Role.DISPATCHER, Role.SUPERVISOR, Role.RECEPTION):
        a_person(database, role, capacity=500)
    shown: list[str] = []
    rounds = ROUNDS[database.dialect.name]
    for number in range(rounds):
        shown += _round(database, number, tmp_path)
    codes = [line for line in shown if not line.startswith("letter")]
    assert len(codes) >= LEAST * rounds // 20
    with session(database) as db:
        tickets = {ticket.code: ticket for ticket in db.scalars(select(Ticket))}
        assert set(codes) <= tickets.keys() and len(codes) == len(set(codes))
        assert [fault for ticket in tickets.values() for fault in _faults(ticket)] == []
    _deliver_the_rest(database, shown)
    assert audit.verify(database).broken is None


def _round(database: Engine, number: int, folder: Path) -> list[str]:
    """Some processes at work, killed after a while; what they showed."""
    url = database.url.render_as_string(hide_password=False)
    outputs = [folder / f"{number}-{i}.txt" for i in range(AT_ONCE)]
    started = [_start(url, 100 * number + i, output) for i, output in enumerate(outputs)]
    deadline = time.monotonic() + 30
    while not all(output.stat().st_size for output in outputs) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(random.Random(number).uniform(0.2, 0.9))
    for process in started:
        process.kill()
        process.wait()
    # The last line may have been cut in the middle: nobody saw it.
    lines = [line for output in outputs for line in output.read_text(encoding="utf-8").splitlines(keepends=True)]
    return [line.rstrip() for line in lines if line.endswith("\n")]


def _start(url: str, seed: int, output: Path) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-W", "ignore", "-m", "tests.referrals.mover", url, str(seed)]
    with output.open("w") as said:
        return subprocess.Popen(program, cwd=ROOT, stdout=said, stderr=subprocess.DEVNULL)


def _faults(ticket: Ticket) -> list[str]:
    """Where a ticket's history is not a way the table of steps allows, or its state not where the history ends."""
    faults, stands = [], Status.RECEIVED
    for event in ticket.events[1:]:
        step = STEPS[event.step]
        if stands not in step.origins:
            faults.append(f"{ticket.code}: {event.step} from {stands}")
        stands = Status(event.status)
    return (
        faults if stands == ticket.status else [*faults, f"{ticket.code}: {ticket.status}, its history says {stands}"]
    )


def _deliver_the_rest(database: Engine, shown: list[str]) -> None:
    """Every notification is delivered at least once; what a killed process had taken is due again after its lease."""
    delivered = {int(line.split()[1]) for line in shown if line.startswith("letter")}
    with session(database) as db:
        for row in db.scalars(select(Outgoing).filter_by(sent_at=None)):
            row.next_try = row.created_at
    outbox.deliver({"citizen": lambda letter: delivered.add(letter.id)}, database, limit=100_000)
    with session(database) as db:
        rows = db.scalars(select(Outgoing)).all()
        assert all(row.sent_at for row in rows) and {row.id for row in rows} <= delivered
