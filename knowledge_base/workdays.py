"""Working days of the place: weekends, public holidays and adjusted working days (调休)."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import chinese_calendar

PLACE_TIME = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The day it is where the citizens are."""
    return datetime.now(PLACE_TIME).date()


@lru_cache(maxsize=2048)
def kind_of_day(day: date) -> Literal["holiday", "work", "plain"]:
    """Whether the State Council has made ``day`` a holiday or an adjusted working day."""
    try:
        free, occasion = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # a year not announced yet when the package was made
        return "plain"
    if occasion is None:
        return "plain"
    return "holiday" if free else "work"


def is_workday(day: date) -> bool:
    """Whether people work on ``day``; a plain weekday in years whose holidays are not known yet."""
    kind = kind_of_day(day)
    return day.weekday() < 5 if kind == "plain" else kind == "work"


def known(day: date) -> bool:
    """Whether the holidays of the year of ``day`` are known."""
    try:
        chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return True


def next_workday(day: date) -> date:
    """``day`` itself, or the first working day after it."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day
