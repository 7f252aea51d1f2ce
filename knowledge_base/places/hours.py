"""Opening hours as a clerk types them, with public holidays and adjusted working days."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise

from knowledge_base.workdays import PLACE_TIME, kind_of_day

_DAYS = "一二三四五六日"
_HOLIDAY = 7  # stands after the seven weekdays
_FULL_DAY = (0, 24 * 60)
_DAY_WORDS = {"每天": range(8), "工作日": range(5), "周末": range(5, 7), "节假日": range(_HOLIDAY, _HOLIDAY + 1)}
_DAY = re.compile(rf"周?([{_DAYS}])(?:-周?([{_DAYS}]))?")
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_PART = re.compile(r"([^0-9]+)([0-9].*)")
_TO = re.compile(r"\s*(?:[-~—–−‐]+|至|到)\s*")
_BETWEEN = re.compile(r"[、,\s]+")
_LOOK_AHEAD = 366  # days; a whole year holds every weekday and every holiday

Span = tuple[int, int]  # minutes after midnight, the second one no longer open


@dataclass(frozen=True)
class Hours:
    """When an institution is open: the spans of Monday to Sunday, and eighth those of a public holiday.

    On an adjusted working day (调休上班) Monday's hours hold.
    """

    week: tuple[tuple[Span, ...], ...]

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """``周一至周五 09:00-12:00 13:30-17:30; 周六 09:00-12:00`` or ``24小时``.

        Days may also be 工作日, 周末, 节假日 (public holidays) or 每天 (these too); 周一、三 are two days.
        Who names no 节假日 and not 每天 is closed on public holidays.

        Raises:
            ValueError: it cannot be read; the message says which part.
        """
        clean = unicodedata.normalize("NFKC", text).replace("星期", "周").replace("周天", "周日").strip()
        clean = _TO.sub("-", clean)
        week: dict[int, tuple[Span, ...]] = {}
        for part in re.split(r"[;\n]", "每天 24小时" if clean == "24小时" else clean.rstrip(";")):
            match = _PART.fullmatch(part.strip())
            if not match:
                raise ValueError(f"{part.strip()!r} is not days and then times")
            spans = _spans(match[2])
            for day in _days(match[1]):
                if day in week:
                    raise ValueError(f"{_day_name(day)} is given twice")
                week[day] = spans
        return cls(tuple(week.get(day, ()) for day in range(8)))

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans of one day."""
        kind = kind_of_day(day)
        if kind == "work":
            # Who comes on Wednesdays only has no Monday's hours to hold.
            return self.week[0] or self.week[day.weekday()]
        return self.week[_HOLIDAY if kind == "holiday" else day.weekday()]

    def open_at(self, moment: datetime) -> bool:
        """Whether it is open at ``moment``: with a time zone, or else in the city's own time."""
        here = _here(moment)
        minute = here.hour * 60 + here.minute
        return any(start <= minute < end for start, end in self.on(here.date()))

    def next_opening(self, moment: datetime) -> datetime | None:
        """The first time from ``moment`` on when it is open: ``moment`` itself while it is.

        In the city's time, with a time zone if ``moment`` has one. None: not within a year.
        """
        here = _here(moment)
        if self.open_at(here):
            return here
        for ahead in range(_LOOK_AHEAD + 1):
            day = here.date() + timedelta(ahead)
            for start, _ in self.on(day):
                opening = datetime.combine(day, time(*divmod(start, 60)), here.tzinfo)
                if opening > here:
                    return opening
        return None

    def __str__(self) -> str:
        """As `parse` reads it and citizens do too."""
        if self.week == ((_FULL_DAY,),) * 8:
            return "24小时"
        if len(set(self.week)) == 1:
            return f"每天 {_times(self.week[0])}"
        parts = []
        for (spans, _), run in groupby(range(8), lambda day: (self.week[day], day == _HOLIDAY)):
            names = [_day_name(day) for day in run]
            days = names[0] if len(names) == 1 else f"{names[0]}至{names[-1]}"
            parts += [f"{days} {_times(spans)}"] if spans else []
        return "; ".join(parts)


def _days(text: str) -> list[int]:
    days: list[int] = []
    for word in _BETWEEN.split(text.strip()):
        match = _DAY.fullmatch(word)
        if word in _DAY_WORDS:
            days += _DAY_WORDS[word]
        elif match:
            first, last = _DAYS.index(match[1]), _DAYS.index(match[2] or match[1])
            if first > last:
                raise ValueError(f"{word} runs backwards")
            days += range(first, last + 1)
        else:
            raise ValueError(f"{word!r} is no day")
    return days


def _spans(text: str) -> tuple[Span, ...]:
    spans = [_span(word) for word in _BETWEEN.split(text.strip())]
    if any(start < end for (_, end), (start, _) in pairwise(spans)):
        raise ValueError(f"{text.strip()!r}: times overlap or are out of order")
    return tuple(spans)


def _span(word: str) -> Span:
    if word == "24小时":
        return _FULL_DAY
    match = _SPAN.fullmatch(word)
    if not match:
        raise ValueError(f"{word!r} is not like 09:00-12:00")
    hour, minute, to_hour, to_minute = map(int, match.groups())
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if max(minute, to_minute) > 59 or not start < end <= _FULL_DAY[1]:
        raise ValueError(f"{word!r} is no span of one day")
    return start, end


def _times(spans: tuple[Span, ...]) -> str:
    return " ".join("{:02}:{:02}-{:02}:{:02}".format(*divmod(start, 60), *divmod(end, 60)) for start, end in spans)


def _day_name(day: int) -> str:
    return "节假日" if day == _HOLIDAY else f"周{_DAYS[day]}"


def _here(moment: datetime) -> datetime:
    return moment.astimezone(PLACE_TIME) if moment.tzinfo else moment
