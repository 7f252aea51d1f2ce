"""Working time, with the State Council's days off and on."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from referrals.worktime import PLACE_TIME, WorkTime, is_working_day

WORK = WorkTime(((time(8, 30), time(12)), (time(14), time(17, 30))))
ALWAYS = WorkTime(WORK.hours, always=True)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 10, 1)).map(lambda at: at.replace(tzinfo=PLACE_TIME))
works = st.timedeltas(timedelta(0), timedelta(hours=70)).map(lambda span: timedelta(seconds=int(span.total_seconds())))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PLACE_TIME)


def test_public_holidays_are_off_and_moved_days_are_on() -> None:
    assert not is_working_day(date(2026, 10, 1))  # a Thursday, National Day
    assert is_working_day(date(2026, 10, 10))  # a Saturday worked instead
    assert not is_working_day(date(2026, 11, 28))  # a Saturday
    assert is_working_day(date(2035, 5, 7))  # not published yet: a Monday


def test_a_working_day_is_seven_hours_with_its_noon_left_out() -> None:
    assert WORK.day == timedelta(hours=7)
    assert WORK.add(at("2026-11-27 11:30"), timedelta(hours=1)) == at("2026-11-27 14:30")


def test_a_weekend_is_jumped_over() -> None:
    assert WORK.add(at("2026-11-27 17:00"), timedelta(hours=1)) == at("2026-11-30 09:00")
    assert WORK.next_open(at("2026-11-28 10:00")) == at("2026-11-30 08:30")
    assert not WORK.open_at(at("2026-11-28 10:00")) and WORK.open_at(at("2026-11-30 10:00"))


def test_a_place_that_never_closes_counts_by_the_clock() -> None:
    assert ALWAYS.add(at("2026-11-28 23:00"), timedelta(hours=2)) == at("2026-11-29 01:00")
    assert ALWAYS.open_at(at("2026-10-01 03:00"))


@given(moments, works)
def test_what_is_added_is_what_lies_between(moment: datetime, work: timedelta) -> None:
    assert WORK.between(moment, WORK.add(moment, work)) == work


@given(moments, works, works)
def test_work_adds_up(moment: datetime, some: timedelta, more: timedelta) -> None:
    assert WORK.add(WORK.add(moment, some), more) == WORK.add(moment, some + more)


@given(moments)
def test_the_zone_does_not_matter(moment: datetime) -> None:
    assert WORK.open_at(moment) is WORK.open_at(moment.astimezone(UTC))
