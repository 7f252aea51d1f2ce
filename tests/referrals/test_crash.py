"""Processes that make and move tickets are killed at random: nothing a citizen was shown is lost or bent."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
    with _mover(database) as mover:
        for number in range(rounds):
            shown += _round(mover, number, tmp_path)
    codes = [line for line in shown if not line.startswith("letter")]
    assert len(codes) >= LEAST * rounds // 20
    with session(database) as db:
        tickets = {ticket.code: ticket for ticket in db.scalars(select(Ticket))}
        assert set(codes) <= tickets.keys() and len(codes) == len(set(codes))
        assert [fault for ticket in tickets.values() for fault in _faults(ticket)] == []
    _deliver_the_rest(database, shown)
    assert audit.verify(database).broken is None


@contextmanager
def _mover(database: Engine) -> Iterator[subprocess.Popen[str]]:
    url = database.url.render_as_string(hide_password=False)
    program = [sys.executable, "-W", "ignore", "-m", "tests.referrals.mover", url]
    with subprocess.Popen(program, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as mover:
        yield mover  # it ends with its input


def _round(mover: subprocess.Popen[str], number: int, folder: Path) -> list[str]:
    """Some processes at work, killed after a while; what they showed."""
    outputs = [folder / f"{number}-{i}.txt" for i in range(AT_ONCE)]
    started = [_start(mover, 100 * number + i, output) for i, output in enumerate(outputs)]
    deadline = time.monotonic() + 30
    while not all(output.exists() and output.stat().st_size for output in outputs) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(random.Random(number).uniform(0.2, 0.9))
    for pid in started:
        os.kill(pid, signal.SIGKILL)
    for pid in started:
        while _lives(pid):
            time.sleep(0.01)
    # The last line may have been cut in the middle: nobody saw it.
    lines = [line for output in outputs for line in output.read_text(encoding="utf-8").splitlines(keepends=True)]
    return [line.rstrip() for line in lines if line.endswith("\n")]


def _start(mover: subprocess.Popen[str], seed: int, output: Path) -> int:
    assert mover.stdin and mover.stdout
    mover.stdin.write(f"{seed} {output}\n")
    mover.stdin.flush()
    return int(mover.stdout.readline())


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


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
