"""The queue page with many tickets: ``python -m benchmarks.desk [TICKETS]``, by default 100,000. Results: desk.json.

Each view is asked as its page asks it (rows, counts of all views, decryption), beside the bare count of one status,
so that a slow machine shows in both.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Engine, func, insert, select

from nlu_data.taxonomy import taxonomy
from referrals import queue
from referrals.codes import make_code
from referrals.intake import SERVICES, region
from referrals.lifecycle import Actor
from referrals.models import OPEN, Clock, Staff, Status, Ticket
from referrals.queue import Filter
from referrals.roles import Role
from referrals.secret_text import digest
from referrals.store import make_engine, migrate, session

RESULTS = Path(__file__).parent / "desk.json"
REPEATS = 15
OPEN_SHARE = 10  # one ticket in so many is still open
SUPERVISOR = Actor(Role.SUPERVISOR, None, "benchmark")


def fill(database: Engine, count: int) -> Actor:
    """Tickets of two years; the worker who holds some of them."""
    now = datetime.now(UTC)
    topics, services = [topic.title for topic in taxonomy().topics.values()], list(SERVICES)
    with session(database) as db:
        person = Staff(login="benchmark", name="测试", role=Role.WORKER, service="lawyer", created_at=now)
        db.add(person)
        db.flush()
        worker = Actor(Role.WORKER, person.id, person.login)
        for start in range(0, count, 5000):
            numbers = range(start, min(count, start + 5000))
            db.execute(insert(Ticket), [_ticket(n, count, now, topics, services, person.id) for n in numbers])
        still_open = db.scalars(select(Ticket.id).where(Ticket.status.in_(OPEN))).all()
        kinds = [(id, kind) for id in still_open for kind in ("accept", "first_reply", "resolution")]
        due = now + timedelta(days=1)
        db.execute(
            insert(Clock), [{"ticket_id": id, "kind": kind, "started_at": now, "due_at": due} for id, kind in kinds]
        )
    return worker


def _ticket(
    n: int, count: int, now: datetime, topics: list[str], services: list[str], worker: int
) -> dict[str, object]:
    service = services[n % len(services)]
    status = OPEN[n % len(OPEN)] if n % OPEN_SHARE == 0 else Status.ARCHIVED
    districts = region().districts
    held = status not in (Status.RECEIVED, Status.ARCHIVED) and service == "lawyer"
    return {
        "code": make_code(region().code, date(2025, 1, 1) + timedelta(days=n // 400), service, n % 400 + n // 400),
        "pin": "000000", "conversation": f"benchmark-{n}", "turn": "1", "channel": "web", "status": status,
        "service": service, "topic": topics[n % len(topics)], "district": districts[n % len(districts)],
        "urgent": n % 50 == 0, "consent_version": "1", "contact_name": "测试", "phone": "13000000000",
        "phone_key": digest(f"1300000{n % 10000:04d}"), "matter": "测试用的事情", "transcript": "",
        "citations": [], "declined": [], "created_at": now - timedelta(minutes=count - n),
        "assignee_id": worker if held else None, "opponent": "", "summary": "", "aid_check": "", "result": "",
    }  # fmt: skip


def milliseconds(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        started = perf_counter()
        act()
        taken.append(1000 * (perf_counter() - started))
    return round(median(taken), 1)


def ask(database: Engine, person: Actor, wanted: Filter) -> None:
    with session(database) as db:
        queue.page(db, person, wanted)
        queue.counts(db, person, queue.views_of(person.role))


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 100_000
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/desk.db"
        migrate(url)
        database = make_engine(url)
        worker = fill(database, count)
        asked = {
            "supervisor, open": (SUPERVISOR, Filter(view="open")),
            "supervisor, late": (SUPERVISOR, Filter(view="late")),
            "supervisor, all of one topic": (SUPERVISOR, Filter(view="all", topic="劳动纠纷")),
            "supervisor, by phone": (SUPERVISOR, Filter(view="all", find="13000000042")),
            "worker, mine": (worker, Filter(view="mine")),
            "worker, free": (worker, Filter(view="free")),
        }
        results = {name: milliseconds(lambda a=a: ask(database, *a)) for name, a in asked.items()}  # type: ignore[misc]
        archived = select(func.count()).where(Ticket.status == Status.ARCHIVED)
        with session(database) as db:
            results["bare count of the archived"] = milliseconds(lambda: db.scalar(archived))
        database.dispose()
    found = {"date": date.today().isoformat(), "tickets": count, "milliseconds": results}
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
