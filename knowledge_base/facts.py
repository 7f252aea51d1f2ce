"""Quantities that a citizen's message names, as the classifier found them: ages, durations, sums, days."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?$")
_DAYS_A_MONTH = 30
# 不满十四岁, 快一年: just less than what is named.
_LESS = re.compile(r"(?:不满|未满|没满|不到|没到|不足|将近|接近|快要?|差点)$")
_A_LITTLE = {"age": 0.01, "duration": 1 / _DAYS_A_MONTH}


@dataclass(frozen=True)
class Fact:
    """``said`` are the citizen's words at ``start``; ``value`` is years of age, months of a duration, yuan of a sum
    (None where it is open: 几千), or a day (the first of a longer span: 去年三月). ``exact``: one day, no span."""

    kind: str  # age, duration, amount, date
    said: str
    start: int
    value: float | date | None
    exact: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.said)


def facts_of(entities: Iterable[Mapping[str, Any]], text: str) -> list[Fact]:
    """The quantities among Rasa's entities, in the order of the text."""
    found = []
    for entity in entities:
        read = _READ.get(entity.get("entity", ""))
        if read:
            start, end = int(entity["start"]), int(entity["end"])
            value = entity.get("value")
            amount = read(value)
            if isinstance(amount, float) and _LESS.search(text[:start]):
                amount -= _A_LITTLE.get(entity["entity"], 0.0)
            exact = isinstance(amount, date) and isinstance(value, list) and value[0] == value[-1]
            found.append(Fact(entity["entity"], text[start:end], start, amount, exact))
    return sorted(found, key=lambda fact: fact.start)


def _age(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _amount(value: Any) -> float | None:
    low, high = value if isinstance(value, list) and len(value) == 2 else (None, None)
    return float(low) if low is not None and low == high else None


def _duration(value: Any) -> float | None:
    match = _DURATION.match(value) if isinstance(value, str) else None
    if not match or not any(match.groups()):
        return None
    years, months, days = (int(part or 0) for part in match.groups())
    return years * 12 + months + days / _DAYS_A_MONTH


def _date(value: Any) -> date | None:
    """The first day; None where the time has no beginning ("中秋前", given as ``-inf``)."""
    try:
        return date.fromisoformat(value[0]) if isinstance(value, list) and value else None
    except (TypeError, ValueError):
        return None


_READ = {"age": _age, "amount": _amount, "duration": _duration, "date": _date}
