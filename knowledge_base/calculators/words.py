"""Numbers, money and days as citizens read them, and the rounding to the fen."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from knowledge_base.spans import add_months, months_between

_FEN = Decimal("0.01")


def fen(amount: Decimal) -> Decimal:
    """Yuan rounded half up to the fen."""
    return amount.quantize(_FEN, ROUND_HALF_UP)


def yuan(amount: Decimal) -> str:
    """42,000 元; 517.24 元."""
    return f"{fen(amount):,.2f}".removesuffix(".00") + " 元"


def rounding(*sums: Decimal) -> tuple[str, ...]:
    """What to say where one of the sums has parts of a fen; nothing otherwise."""
    exact = all(amount == fen(amount) for amount in sums)
    return () if exact else ("中间步骤不进位，最后结果四舍五入到分。",)


def number(value: Decimal) -> str:
    """A plain number without trailing zeros: 21.75, 1,000."""
    return f"{value.normalize():,f}"


def span(start: date, end: date, skipped: int = 0) -> str:
    """``start`` up to but not including ``end``, less the first ``skipped`` months, in words: 5 年 6 个月 3 天."""
    months, days = months_between(start, end)
    months -= skipped
    parts = ((months // 12, "年"), (months % 12, "个月"), (days, "天"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 天"


def by_months(monthly: Decimal, start: date, end: date, skipped: int = 0) -> tuple[Decimal, str]:
    """What ``monthly`` yuan comes to from ``start`` up to but not including ``end``, and the sum in words.

    A part of a month counts by its days, against the days of that month. The first ``skipped`` months do not
    count; they are counted off here because a span that begins on a month's last day changes when cut.
    """
    whole, days = months_between(start, end)
    months = whole - skipped
    total, terms = monthly * months, [f"{yuan(monthly)} × {months} 个月"] if months or not days else []
    if days:
        length = (add_months(start, whole + 1) - add_months(start, whole)).days
        total += monthly * days / length
        terms.append(f"{yuan(monthly)} × {days} 天 ÷ 当月 {length} 天")
    return total, " + ".join(terms)
