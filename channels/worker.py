"""The process beside the gateway: delivers notifications and makes the rounds. ``python -m channels.worker``

Each duty has a thread of its own, so that an SMS service that does not answer delays neither the citizen's messages nor
the rounds. Several workers may run at once.
"""

import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from channels import weekly_tips
from channels.senders import senders
from referrals import outbox, retention, rounds
from referrals.outbox import Sender

log = logging.getLogger("fazhu")

DELIVER_EVERY, ROUND_EVERY = 2.0, 20.0  # seconds
TIPS_EVERY = 60.0  # looks whether it is Monday morning
PURGE_EVERY = 24 * 3600.0
TRY_AGAIN = 60.0  # seconds after an error, at most
PATIENCE = 12.0  # seconds the duties have to end; what it was sending then is sent again later
ALIVE = "worker.alive"  # in FAZHU_VAR, touched after each round
_STOP = {signal.SIGTERM, signal.SIGINT}


@dataclass(frozen=True)
class Duty:
    name: str
    every: float
    work: Callable[[Event], None]

    def go_on(self, stopped: Event) -> None:
        """Again and again; an error ends the turn, never the duty."""
        while not stopped.is_set():
            pause = self.every
            try:
                self.work(stopped)
            except Exception as error:  # its text may hold something personal
                log.warning("worker, %s: %s", self.name, type(error).__name__)
                pause = min(pause, TRY_AGAIN)
            stopped.wait(pause)


def duties() -> list[Duty]:
    sending = [Duty(kind, DELIVER_EVERY, _delivery(kind, sender)) for kind, sender in senders().items()]
    return [
        *sending,
        Duty("rounds", ROUND_EVERY, _round),
        Duty("tips", TIPS_EVERY, _tips),
        Duty("retention", PURGE_EVERY, _purge),
    ]


def _delivery(kind: str, sender: Sender) -> Callable[[Event], None]:
    def work(stopped: Event) -> None:
        """One letter after the other, until none is due, one fails, or the worker is to stop."""
        while not stopped.is_set() and outbox.deliver({kind: sender}, limit=1):
            pass

    return work


def _round(stopped: Event) -> None:
    rounds.run()
    (Path(os.environ.get("FAZHU_VAR", "var")) / ALIVE).touch()


def _tips(stopped: Event) -> None:
    if posted := weekly_tips.send_due(stopped):
        log.info("tips: %d posted", posted)


def _purge(stopped: Event) -> None:
    removed = retention.purge(retention.keep_days())
    for kind, rows in removed.items():
        log.info("retention, %s: %d rows removed", kind, rows.total())


def main() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)  # before there are threads: they inherit it
    stopped = Event()
    threads = [Thread(target=duty.go_on, args=(stopped,), name=duty.name, daemon=True) for duty in duties()]
    for thread in threads:
        thread.start()
    signal.sigwait(_STOP)
    stopped.set()
    latest = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, latest - time.monotonic()))


if __name__ == "__main__":
    main()
