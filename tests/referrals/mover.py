"""Processes that make tickets and move them until they are killed: ``python -m tests.referrals.mover URL``.

For each line ``SEED FILE`` on standard input one is forked, and its pid answered: what a process needs is read once,
not sixty times. It writes a ticket's code into its file once `create` has returned, as a citizen would be shown it.
"""

import os
import random
import signal
import sys

from sqlalchemy import select

from referrals import outbox
from referrals.errors import ReferralError
from referrals.lifecycle import STEPS, SYSTEM, Actor, open_to
from referrals.models import Staff, Ticket
from referrals.roles import Role
from referrals.store import make_engine, session
from referrals.work import Told, apply
from tests.referrals.desk import a_ticket


def main(url: str, seed: str) -> None:
    database, dice = make_engine(url), random.Random(int(seed))
    number = 0
    while True:
        number += 1
        receipt = a_ticket(database, conversation=f"citizen-{seed}-{number}", urgent=dice.random() < 0.2)
        print(receipt.code, flush=True)
        for _ in range(4):
            _move(database, dice)
        outbox.deliver({"citizen": _print_letter}, database, limit=3)


def _print_letter(letter: outbox.Letter) -> None:
    print(f"letter {letter.id}", flush=True)


def _move(database, dice: random.Random) -> None:  # type: ignore[no-untyped-def]
    """Some step that somebody may take now, with some ticket."""
    with session(database) as db:
        ids = db.scalars(select(Ticket.id).where(Ticket.status != "archived")).all()
        ticket = db.scalar(select(Ticket).filter_by(id=dice.choice(ids)).with_for_update(skip_locked=True))
        people = db.scalars(select(Staff)).all()
        if ticket is None:
            return
        actors = [SYSTEM, Actor(Role.CITIZEN), *(Actor(Role(p.role), p.id, p.login) for p in people)]
        actor = dice.choice(actors)
        steps = [step for step in open_to(ticket, actor) if step.name not in ("merge", "split")]
        if not steps:
            return
        workers = [person.id for person in people if person.role == Role.WORKER]
        told = Told("请补充", "测试", dice.choice(workers), "mediation", 3)
        try:
            with db.begin_nested():
                apply(db, ticket, STEPS[dice.choice(steps).name], actor, told)
        except ReferralError:
            return


def children(url: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    for line in sys.stdin:
        seed, output = line.rstrip("\n").split(" ", 1)
        pid = os.fork()
        if pid == 0:
            with open(output, "w") as said:
                os.dup2(said.fileno(), sys.stdout.fileno())
            main(url, seed)
        print(pid, flush=True)


if __name__ == "__main__":
    children(*sys.argv[1:])
