"""Months and years between days of the calendar, as 民法典 200 counts them."""

from calendar import monthrange
from datetime import date


def day(value: date) -> str:
    """As it is written: 2026年3月1日."""
    return f"{value.year}年{value.month}月{value.day}日"


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later (earlier when negative); the month's last day where that day does not exist.

    Raises:
        ValueError: the result is outside the years 1 to 9999.
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not date.min.year <= year <= date.max.year:
        raise ValueError(f"no such year: {year}")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> tuple[int, int]:
    """Whole months from ``start`` up to but not including ``end``, and the days left over.

    1 January to 1 July is (6, 0); 31 January to 28 February of a common year is (1, 0).

    Raises:
        ValueError: ``end`` is before ``start``.
    """
    if end < start:
        raise ValueError(f"{end} is before {start}")
    months = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, months) > end:
        months -= 1
    return months, (end - add_months(start, months)).days
