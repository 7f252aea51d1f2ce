"""Many processes that give tickets out at the same moment: ``python -m tests.referrals.allocators URL HOW_MANY NOW``.

They are forked from one that has given out the first ticket, so that whatever is read or compiled once is ready. Each
has its own connection and begins when all have one. Printed is a JSON list: for the first and for each process the
[code, staff_id] of what it gave out.
"""

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from multiprocessing import get_context

from referrals.allocation import Allocated, allocate
from referrals.store import make_engine

_PATIENCE = 30  # seconds for all to be ready


def main(url: str, how_many: str, now: str) -> None:
    database, at, number = make_engine(url), datetime.fromisoformat(now), int(how_many)
    first = allocate(database, at)
    forks = get_context("fork")
    together, answers = forks.Barrier(number), forks.SimpleQueue()

    def give_out() -> None:
        database.dispose(close=False)  # the connection is the first one's
        database.connect().close()  # one's own, kept for what follows
        together.wait(_PATIENCE)
        answers.put(_plain(iter(lambda: allocate(database, at), None)))

    processes = [forks.Process(target=give_out) for _ in range(number)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        sys.exit(1)  # it has said why
    found = [answers.get() for _ in processes]
    print(json.dumps([_plain([first]), *found]))


def _plain(done: Iterable[Allocated | None]) -> list[tuple[str, int | None]]:
    return [(one.code, one.staff_id) for one in done if one]


if __name__ == "__main__":
    main(*sys.argv[1:])
