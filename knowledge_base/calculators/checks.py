"""Input that no sum can be worked out from is refused in words a citizen can act on."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from knowledge_base.calculators.model import Unsupported
from knowledge_base.calculators.words import number
from knowledge_base.spans import add_months, day
from knowledge_base.workdays import today

EARLIEST = date(1995, 1, 1)  # 劳动法 is in force since; older matters need the law of their time
MOST_YUAN = Decimal(10_000_000_000)
MOST_MONTHLY = Decimal(1_000_000)
MOST_PERCENT = Decimal(1000)
_LEAST = Decimal("0.01")


def money(value: Decimal, name: str, *, most: Decimal = MOST_YUAN, zero: bool = False) -> None:
    """``value`` is yuan, a fen to ``most`` (or nought, with ``zero``).

    Raises:
        Unsupported: it is not.
    """
    _in_range(value, name, "元", most, zero)


def percent(value: Decimal, name: str) -> None:
    """``value`` is a percentage above nought and at most `MOST_PERCENT`.

    Raises:
        Unsupported: it is not.
    """
    _in_range(value, name, "%", MOST_PERCENT, zero=False)


def hours(value: Decimal, name: str, most: Decimal) -> None:
    """``value`` is a number of hours between nought and ``most``.

    Raises:
        Unsupported: it is not.
    """
    _in_range(value, name, "小时", most, zero=True)


def past(value: date, name: str) -> None:
    """``value`` is a day from `EARLIEST` until today.

    Raises:
        Unsupported: it is not.
    """
    soon(value, name)
    if value > today():
        raise Unsupported(f"{name}（{day(value)}）还没到，请核对日期。")


def soon(value: date, name: str) -> None:
    """``value`` is a day from `EARLIEST` until a year from today.

    Raises:
        Unsupported: it is not.
    """
    if value < EARLIEST:
        raise Unsupported(f"{name}（{day(value)}）在 1995 年以前，要按当时的规定算。请核对日期，或者请律师计算。")
    if value > add_months(today(), 12):
        raise Unsupported(f"{name}（{day(value)}）太远，现在还不能算。请核对日期。")


def in_order(first: date, first_name: str, second: date, second_name: str) -> None:
    """``second`` is not before ``first``.

    Raises:
        Unsupported: it is.
    """
    if second < first:
        raise Unsupported(f"{second_name}（{day(second)}）早于{first_name}（{day(first)}），请核对日期。")


def choice(value: str, name: str, known: Mapping[str, str]) -> None:
    """``value`` is a key of ``known``, whose values are what the citizen reads.

    Raises:
        Unsupported: it is not.
    """
    if value not in known:
        raise Unsupported(f"不认识这个{name}，请选一个：{'、'.join(known.values())}。")


def _in_range(value: Decimal, name: str, unit: str, most: Decimal, zero: bool) -> None:
    if not value.is_finite():
        raise Unsupported(f"{name}不是一个数，请重新填写。")
    if value < 0:
        raise Unsupported(f"{name}不能是负数，请重新填写。")
    if value == 0 and not zero:
        raise Unsupported(f"{name}不能是 0，请重新填写。")
    if 0 < value < _LEAST:
        raise Unsupported(f"{name}不到 {number(_LEAST)} {unit}，太小了，请核对单位。")
    if value > most:
        raise Unsupported(f"{name}超过 {number(most)} {unit}，不像真的。请核对单位和位数。")
