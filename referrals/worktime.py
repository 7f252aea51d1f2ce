"""Working time: hours of the place on its working days, public holidays and moved working days included."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from chinese_calendar import is_workday

PLACE_TIME = ZoneInfo("Asia/Shanghai")
_LOOK_AHEAD = 400  # days


@lru_cache(maxsize=2048)
def is_working_day(day: date) -> bool:
    """By the State Council's calendar; Monday to Friday where it is not published yet."""
    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


@dataclass(frozen=True)
class WorkTime:
    """``hours``: the working periods of a day, in order; ``always``: the place never closes (7×24)."""

    hours: tuple[tuple[time, time], ...]
    always: bool = False

    @property
    def day(self) -> timedelta:
        """How much work a working day holds."""
        return sum((_length(start, end) for start, end in self.hours), timedelta())

    def open_at(self, moment: datetime) -> bool:
        local = moment.astimezone(PLACE_TIME)
        if self.always:
            return True
        return is_working_day(local.date()) and any(start <= local.time() < end for start, end in self.hours)

    def add(self, moment: datetime, work: timedelta) -> datetime:
        """When ``work`` has been worked, counted from ``moment``; exact to the second."""
        if self.always:
            return moment + work
        for start, end in self._periods(moment):
            if end - start >= work:
                return start + work
            work -= end - start
        raise OverflowError(f"no {work} of working time within {_LOOK_AHEAD} days")

    def between(self, first: datetime, last: datetime) -> timedelta:
        """Working time from ``first`` to ``last``; nothing if it is the other way round."""
        if self.always:
            return max(last - first, timedelta())
        worked = timedelta()
        for start, end in self._periods(first):
            if start >= last:
                return worked
            worked += min(end, last) - start
        raise OverflowError(f"more than {_LOOK_AHEAD} days")

    def next_open(self, moment: datetime) -> datetime:
        return moment if self.open_at(moment) else next(self._periods(moment))[0]

    def _periods(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is left of the working periods from ``moment`` on."""
        local = moment.astimezone(PLACE_TIME)
        for offset in range(_LOOK_AHEAD):
            day = local.date() + timedelta(days=offset)
            if not is_working_day(day):
                continue
            for start, end in self.hours:
                begins = max(local, datetime.combine(day, start, PLACE_TIME))
                ends = datetime.combine(day, end, PLACE_TIME)
                if begins < ends:
                    yield begins, ends


def _length(start: time, end: time) -> timedelta:
    return timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)
