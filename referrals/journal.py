"""What was asked and how it was answered, for figures. Words are kept only where no answer was found, encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert

from referrals.models import Turn
from referrals.store import session

UNANSWERED = ("clarify", "statutes", "handoff")


@dataclass(frozen=True)
class Entry:
    """One answered message; ``reply`` is the type of the first reply, ``question`` what was asked if that was no answer."""

    at: datetime
    channel: str
    topic: str | None
    intent: str | None
    reply: str
    answer: str | None = None
    ticketed: bool = False
    question: str | None = None


def keep(entries: Sequence[Entry], bind: Engine | None = None) -> None:
    with session(bind) as db:
        db.execute(insert(Turn), [vars(entry) for entry in entries])
