"""二倍工资 for work without a written contract."""

from datetime import date, timedelta
from decimal import Decimal

from knowledge_base.calculators import checks
from knowledge_base.calculators.labour import CONTRACT_LAW, CONTRACT_LAW_SINCE
from knowledge_base.calculators.model import Result, Unsupported, cite
from knowledge_base.calculators.words import by_months, rounding, span, yuan
from knowledge_base.spans import add_months, day

_ARBITRATION_LAW = "中华人民共和国劳动争议调解仲裁法"
_DAY = timedelta(days=1)


def double_wage(
    *, started: date, signed: date | None, ended: date | None, asked_on: date, monthly_wage: Decimal
) -> Result:
    """The second wage of 劳动合同法 82 I: from a month after the start until a year after it, eleven months at most.

    The year of 劳动争议调解仲裁法 27 is shown both ways practice counts it and cuts nothing.

    Args:
        started: the first day of work.
        signed: when a written contract was signed; None: never.
        ended: the last day of work, counted; None: still working.
        asked_on: when the claim is or was made.
        monthly_wage: yuan.

    Raises:
        Unsupported: dates or sums that make no sense, or work that began before the law did.
    """
    _check(started, signed, ended, asked_on, monthly_wage)
    first, year_over = add_months(started, 1), add_months(started, 12)
    stops = [year_over, asked_on + _DAY, *([signed] if signed else []), *([ended + _DAY] if ended else [])]
    end = min(stops)
    lines = [f"{day(started)}开始工作，满一个月后从{day(first)}起算，满一年的前一日（{day(year_over - _DAY)}）为止"]
    if end <= first:
        total = Decimal(0)
        lines.append("没有超过一个月未订立书面劳动合同的时间，没有二倍工资")
    else:
        total, words = by_months(monthly_wage, started, end, skipped=1)
        lines.append(f"未订立书面劳动合同：{day(first)}至{day(end - _DAY)}，{span(started, end, skipped=1)}")
        lines.append(f"另一倍工资：{words} = {yuan(total)}")
        lines += _limitation(total, monthly_wage, first, end, asked_on)
    open_ended = min(asked_on, signed or asked_on, ended or asked_on) >= year_over
    if open_ended:
        lines.append("满一年没有订立书面合同，视为已订立无固定期限劳动合同")
    return Result(
        title="未订立书面劳动合同的二倍工资（另一倍）",
        amount=yuan(total),
        lines=tuple(lines),
        assumptions=(
            "第一倍工资已经照常发放，这里只算应当另外支付的一倍。",
            "没有订立合同不是劳动者自己拒绝造成的。",
            "不满一个月的天数按当月实际天数折算。",
            "仲裁时效会因主张权利、请求救济或者对方同意履行而中断，这里没有考虑。",
            *rounding(total),
        ),
        citations=(*cite(CONTRACT_LAW, 10, *([14] if open_ended else []), 82), *cite(_ARBITRATION_LAW, 27)),
        beyond_corpus=(
            "起止日由《劳动合同法实施条例》细化，条例不在本库中；二倍工资的时效从哪天起算各地做法不同，"
            "由劳动争议仲裁委员会和法院决定。"
        ),
    )


def _check(started: date, signed: date | None, ended: date | None, asked_on: date, wage: Decimal) -> None:
    checks.past(started, "开始工作的日期")
    checks.soon(asked_on, "提出要求的日期")
    checks.in_order(started, "开始工作的日期", asked_on, "提出要求的日期")
    if signed:
        checks.past(signed, "签合同的日期")
    if ended:
        checks.soon(ended, "离职日期")
        checks.in_order(started, "开始工作的日期", ended, "离职日期")
    checks.money(wage, "月工资", most=checks.MOST_MONTHLY)
    if started < CONTRACT_LAW_SINCE:
        raise Unsupported("劳动合同法 2008 年 1 月 1 日起施行，之前开始的工作要另外判断。请律师计算。")


def _limitation(total: Decimal, wage: Decimal, first: date, end: date, asked_on: date) -> list[str]:
    """Both ways practice counts the year of 劳动争议调解仲裁法 27."""
    within = add_months(asked_on, -12)
    if within <= first:
        return ["仲裁时效一年：提出时还不到一年，全部在时效内"]
    if within >= end:
        return ["仲裁时效一年：提出时已超过一年，对方可能以时效抗辩；有没有中断、从哪天起算由仲裁委员会决定"]
    part, words = by_months(wage, within, end)
    return [
        f"仲裁时效一年，一种算法从未签合同的状态结束之日（{day(end)}）起算：全部 {yuan(total)}在时效内",
        f"另一种算法逐月分别起算：只有{day(within)}以后的部分在时效内，{words} = {yuan(part)}",
        "用哪种算法由劳动争议仲裁委员会和法院决定",
    ]
