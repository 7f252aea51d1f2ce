"""Service clocks: set, paused, carried on, and what the settings may say."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from referrals import clocks
from referrals.models import Clock, Ticket
from referrals.worktime import PLACE_TIME

MONDAY = datetime(2026, 11, 30, 9, tzinfo=PLACE_TIME)


def a_ticket(urgent: bool = False, service: str = "lawyer") -> Ticket:
    ticket = Ticket(service=service, urgent=urgent, waiting=False)
    clocks.start(ticket, MONDAY)
    return ticket


def of(ticket: Ticket, kind: str) -> Clock:
    return next(clock for clock in ticket.clocks if clock.kind == kind)


def due(ticket: Ticket, kind: str) -> datetime:
    return of(ticket, kind).due_at.astimezone(PLACE_TIME)


def test_an_urgent_ticket_is_to_be_accepted_within_the_hour() -> None:
    assert due(a_ticket(urgent=True), "accept") == MONDAY + timedelta(hours=1)
    assert due(a_ticket(), "accept") == MONDAY + timedelta(days=1)


def test_a_service_with_its_own_time_keeps_the_default_for_the_rest() -> None:
    appraisal = a_ticket(service="appraisal")
    assert due(appraisal, "resolution") > due(a_ticket(), "resolution")
    assert due(appraisal, "accept") == due(a_ticket(), "accept")


def test_a_pause_costs_no_time_however_long_it_is() -> None:
    ticket = a_ticket()
    left = clocks.settings().work.between(MONDAY + timedelta(hours=1), of(ticket, "resolution").due_at)
    clocks.pause(ticket, MONDAY + timedelta(hours=1))
    back = MONDAY + timedelta(days=21)
    clocks.resume(ticket, back)
    assert clocks.settings().work.between(back, of(ticket, "resolution").due_at) == left


def test_a_clock_that_was_stopped_stays_so() -> None:
    ticket = a_ticket()
    clocks.stop(ticket, MONDAY, "accept")
    clocks.pause(ticket, MONDAY)
    assert of(ticket, "accept").remaining is None
    clocks.stop(ticket, MONDAY + timedelta(days=1))
    assert of(ticket, "accept").stopped_at == MONDAY


def test_becoming_urgent_shortens_and_never_lengthens() -> None:
    ticket = a_ticket()
    ticket.urgent = True
    clocks.reset_urgency(ticket)
    assert due(ticket, "accept") == MONDAY + timedelta(hours=1)
    assert due(ticket, "resolution") == MONDAY + timedelta(days=2)


def test_the_warning_comes_before_the_end() -> None:
    ticket = a_ticket()
    for clock in ticket.clocks:
        assert clock.started_at < clocks.warning_at(ticket, clock) < clock.due_at


@pytest.mark.parametrize(
    ("replied", "by"),
    [
        (datetime(2026, 11, 30, 7, tzinfo=PLACE_TIME), date(2026, 12, 3)),  # a Monday
        (datetime(2026, 11, 30, 23, tzinfo=PLACE_TIME), date(2026, 12, 3)),
        (datetime(2026, 11, 27, 9, tzinfo=PLACE_TIME), date(2026, 12, 2)),  # a Friday
        (datetime(2026, 11, 28, 9, tzinfo=PLACE_TIME), date(2026, 12, 2)),  # the day after
        (datetime(2026, 11, 29, 20, tzinfo=UTC), date(2026, 12, 3)),  # Monday already at the place
    ],
)
def test_the_call_back_is_due_some_working_days_after_the_day_of_the_reply(replied: datetime, by: date) -> None:
    assert clocks.settings().call_back_days == 3
    assert clocks.call_back_by(replied) == by


@pytest.mark.parametrize(
    ("written", "said"),
    [('hours: ["8 to 12"]', "no period"), ('hours: ["17:30-08:30"]', "ends before")],
)
def test_a_setting_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, said: str
) -> None:
    text = clocks.SETTINGS.read_text(encoding="utf-8").replace('hours: ["08:30-12:00", "14:00-17:30"]', written)
    _refused(monkeypatch, tmp_path, text, said)


@pytest.mark.parametrize("written", ["call_back_days: soon", "call_back_days: 0", "call_back_days: 1.5", ""])
def test_days_that_are_no_number_of_days_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str
) -> None:
    text = clocks.SETTINGS.read_text(encoding="utf-8").replace("call_back_days: 3", written)
    _refused(monkeypatch, tmp_path, text, "call_back_days must be a whole number of days from 1")


def test_a_duration_without_a_unit_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = clocks.SETTINGS.read_text(encoding="utf-8").replace("resolution: 15d", "resolution: 15")
    _refused(monkeypatch, tmp_path, text, "15 is no duration")


def _refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "clocks.yml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(clocks, "SETTINGS", tmp_path / "clocks.yml")
    clocks.settings.cache_clear()
    try:
        with pytest.raises(ValueError, match=said):
            clocks.settings()
    finally:
        clocks.settings.cache_clear()
