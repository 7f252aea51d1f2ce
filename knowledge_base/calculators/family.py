"""抚养费 that was agreed or ordered and not paid."""

from datetime import date, timedelta
from decimal import Decimal

from knowledge_base.calculators import checks
from knowledge_base.calculators.model import Result, Unsupported, cite
from knowledge_base.calculators.words import by_months, rounding, span, yuan
from knowledge_base.spans import add_months, day

_CIVIL_CODE = "中华人民共和国民法典"
_MOST_YEARS = 18  # until the child is of age; an adult child's support is another claim


def child_support(*, monthly: Decimal, from_day: date, to_day: date, paid: Decimal) -> Result:
    """What is owed of an agreed or ordered 抚养费 (民法典 1085); it never works out how much support ought to be.

    Args:
        monthly: what was agreed or ordered, yuan a month.
        from_day, to_day: first and last day it is owed for, both counted.
        paid: what was paid for that time, yuan.

    Raises:
        Unsupported: dates or sums that make no sense; more than eighteen years.
    """
    checks.money(monthly, "每月抚养费", most=checks.MOST_MONTHLY)
    checks.money(paid, "已付的抚养费", zero=True)
    checks.past(from_day, "开始日期")
    checks.past(to_day, "截止日期")
    checks.in_order(from_day, "开始日期", to_day, "截止日期")
    after = to_day + timedelta(days=1)
    if after > add_months(from_day, 12 * _MOST_YEARS):
        raise Unsupported(f"时间超过 {_MOST_YEARS} 年，孩子已经成年。请核对日期，或者请律师计算。")
    due, words = by_months(monthly, from_day, after)
    owed = max(due - paid, Decimal(0))
    lines = [
        f"{day(from_day)}至{day(to_day)}，首尾两天都算，{span(from_day, after)}",
        f"应付：{words} = {yuan(due)}",
    ]
    if paid > due:
        lines.append(f"已付 {yuan(paid)}，多于应付，没有欠付")
    else:
        lines.append(f"欠付：{yuan(due)} - 已付 {yuan(paid)} = {yuan(owed)}")
    return Result(
        title="欠付的抚养费",
        amount=yuan(owed),
        lines=tuple(lines),
        assumptions=(
            "每月的数额是协议约定或者法院判决的，中间没有变更。",
            "孩子未成年，或者是不能独立生活的成年子女。",
            "不满一个月的天数按当月实际天数折算，没有算利息。",
            "请求支付抚养费不适用诉讼时效；协议或者判决以外必要时还可以合理要求增加。",
            *rounding(due),
        ),
        citations=cite(_CIVIL_CODE, 196, 1067, 1084, 1085),
        beyond_corpus="抚养费该占收入的百分之几由司法解释规定，不在本库中，这里不算；没有约定的请先协议，协议不成的由法院判决。",
    )
