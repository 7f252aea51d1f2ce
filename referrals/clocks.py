"""Service clocks: time to accept, to the first reply, to the resolution, in working time.

Numbers stand in ``service_clocks.yml``. A clock is paused while the ticket waits for the citizen, runs on through
transfers, is warned of once before it ends, and its miss is recorded once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from referrals.models import Clock, Ticket
from referrals.worktime import PLACE_TIME, WorkTime, is_working_day

SETTINGS = Path(__file__).parent / "service_clocks.yml"
KINDS = {"accept": "签收", "first_reply": "首次答复", "resolution": "办结答复"}
_DAYS = ("extension_most", "reopen_within", "call_back_days", "close_after", "archive_after")
_DURATION = re.compile(r"(\d+)([dhm])")


@dataclass(frozen=True)
class Settings:
    """``clocks``: service or "default" → "normal" or "urgent" → kind → duration as written."""

    work: WorkTime
    always: frozenset[str]
    warn_at: float
    return_within: str
    extension_most: int
    reopen_within: int
    call_back_days: int
    close_after: int
    archive_after: int
    clocks: Mapping[str, Mapping[str, Mapping[str, str]]]

    def time_of(self, service: str) -> WorkTime:
        return WorkTime(self.work.hours, always=True) if service in self.always else self.work

    def allowed(self, service: str, urgent: bool, kind: str) -> timedelta:
        """The working time a step may take."""
        urgency = "urgent" if urgent else "normal"
        default = self.clocks["default"][urgency]
        return self.length(self.clocks.get(service, {}).get(urgency, {}).get(kind, default[kind]))

    def length(self, duration: str) -> timedelta:
        """``2d`` as working time: two working days' worth."""
        number, unit = _DURATION.fullmatch(duration).groups()  # type: ignore[union-attr]
        return int(number) * {"d": self.work.day, "h": timedelta(hours=1), "m": timedelta(minutes=1)}[unit]


@cache
def settings() -> Settings:
    """
    Raises:
        ValueError: a setting that cannot be read, with its name and what is expected.
    """
    data: dict[str, Any] = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
    hours = tuple(_period(period) for period in data.pop("hours"))
    durations = [data["return_within"]]
    for urgencies in data["clocks"].values():
        durations += [duration for kinds in urgencies.values() for duration in kinds.values()]
    for duration in durations:
        if not _DURATION.fullmatch(str(duration)):
            raise ValueError(f"{SETTINGS.name}: {duration!r} is no duration; write 2d, 4h or 30m")
    for name in _DAYS:
        if type(data.get(name)) is not int or data[name] < 1:
            raise ValueError(f"{SETTINGS.name}: {name} must be a whole number of days from 1, not {data.get(name)!r}")
    return Settings(WorkTime(hours), frozenset(data.pop("always")), **data)


def _period(text: str) -> tuple[time, time]:
    start, _, end = text.partition("-")
    try:
        period = time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError as error:
        raise ValueError(f"{SETTINGS.name}: {text!r} is no period; write 08:30-12:00") from error
    if period[0] >= period[1]:
        raise ValueError(f"{SETTINGS.name}: {text!r} ends before it begins")
    return period


def call_back_by(replied_at: datetime) -> date:
    """The last day on which the citizen is to be called back: so many working days after the day of the reply."""
    day, left = replied_at.astimezone(PLACE_TIME).date(), settings().call_back_days
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def start(ticket: Ticket, now: datetime, kinds: Iterable[str] = KINDS) -> None:
    """Set the clocks of ``kinds`` going; one that is there already begins anew."""
    at = settings()
    for kind in kinds:
        due = at.time_of(ticket.service).add(now, at.allowed(ticket.service, ticket.urgent, kind))
        if clock := _of(ticket, kind):
            clock.started_at, clock.due_at = now, due
            clock.remaining = clock.stopped_at = clock.warned_at = clock.missed_at = None
        else:
            ticket.clocks.append(Clock(kind=kind, started_at=now, due_at=due))


def stop(ticket: Ticket, now: datetime, *kinds: str) -> None:
    for kind in kinds or KINDS:
        clock = _of(ticket, kind)
        if clock and not clock.stopped_at:
            clock.stopped_at = now


def pause(ticket: Ticket, now: datetime) -> None:
    """The citizen is to do something: no clock that still runs loses time meanwhile."""
    work = settings().time_of(ticket.service)
    for clock in _running(ticket):
        clock.remaining = int(work.between(now, clock.due_at).total_seconds())


def resume(ticket: Ticket, now: datetime) -> None:
    work = settings().time_of(ticket.service)
    for clock in ticket.clocks:
        if clock.remaining is not None:
            clock.due_at = work.add(now, timedelta(seconds=clock.remaining))
            clock.remaining = None


def extend(ticket: Ticket, days: int) -> None:
    """Give the resolution ``days`` working days more."""
    at = settings()
    clock = _of(ticket, "resolution")
    if clock:
        clock.due_at = at.time_of(ticket.service).add(clock.due_at, days * at.work.day)
        clock.warned_at = None


def reset_urgency(ticket: Ticket) -> None:
    """After the urgency changed: running clocks end as if it had been so from the beginning."""
    at = settings()
    for clock in _running(ticket):
        allowed = at.allowed(ticket.service, ticket.urgent, clock.kind)
        clock.due_at = min(clock.due_at, at.time_of(ticket.service).add(clock.started_at, allowed))


def warning_at(ticket: Ticket, clock: Clock) -> datetime:
    """When the person in charge is to be warned."""
    at = settings()
    work = at.time_of(ticket.service)
    whole = work.between(clock.started_at, clock.due_at)
    return work.add(clock.started_at, whole * at.warn_at)


def _of(ticket: Ticket, kind: str) -> Clock | None:
    return next((clock for clock in ticket.clocks if clock.kind == kind), None)


def _running(ticket: Ticket) -> list[Clock]:
    return [clock for clock in ticket.clocks if not clock.stopped_at and clock.remaining is None]
