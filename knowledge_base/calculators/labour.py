"""经济补偿 and 赔偿金 on leaving a job; 加班工资."""

from datetime import date, timedelta
from decimal import Decimal

from knowledge_base.calculators import checks
from knowledge_base.calculators.model import Result, Unsupported, cite
from knowledge_base.calculators.rates import rates
from knowledge_base.calculators.words import number, rounding, span, yuan
from knowledge_base.spans import day, months_between

CONTRACT_LAW = "中华人民共和国劳动合同法"
LABOUR_LAW = "中华人民共和国劳动法"
CONTRACT_LAW_SINCE = date(2008, 1, 1)  # 劳动合同法 98
_MOST_AVERAGE = Decimal(100_000)  # a month; more is a year's average given for a month's
_MOST_YEARS = Decimal(12)  # 劳动合同法 47 II
_MOST_HOURS = Decimal(8784)  # hours of a year: one sum is about one year at most
_MOST_HOURLY = Decimal(10_000)
_OVERTIME = ((150, "工作日延长工作时间"), (200, "休息日"), (300, "法定休假日"))  # 劳动法 44


def severance(
    *,
    started: date,
    ended: date,
    monthly_wage: Decimal,
    local_average: Decimal | None,
    unlawful: bool,
    notice_month: bool = False,
) -> Result:
    """经济补偿 by 劳动合同法 47, doubled by 87 when ``unlawful``, with the month of 40 when ``notice_month``.

    Args:
        started, ended: first and last day of the employment, both counted.
        monthly_wage: average of the last twelve months, yuan.
        local_average: the city's average monthly wage of the year before, yuan; None: the cap is not checked.

    Raises:
        Unsupported: dates or sums that make no sense, or both ``unlawful`` and ``notice_month``.
    """
    _check_severance(started, ended, monthly_wage, local_average, unlawful, notice_month)
    # 97 III leaves earlier years to earlier rules where 46 is the ground; 87 stands alone.
    old = started < CONTRACT_LAW_SINCE and not unlawful
    first = CONTRACT_LAW_SINCE if old else started
    after = ended + timedelta(days=1)
    lines = [f"{day(started)}至{day(ended)}，在本单位工作 {span(started, after)}"]
    if old:
        lines.append(f"劳动合同法{day(first)}施行，从这天起算年限：{span(first, after)}")
    months = _months_of_pay(first, after)
    lines.append(_years_line(first, after))
    wage = monthly_wage
    if local_average is not None:
        wage, months, line = _capped(monthly_wage, months, local_average)
        lines.append(line)
    total = wage * months
    lines.append(f"{yuan(wage)} × {number(months)} 个月 = {yuan(total)}")
    if unlawful:
        total *= 2
        lines.append(f"违法解除或者终止按二倍：{yuan(wage * months)} × 2 = {yuan(total)}")
    if notice_month:
        lines.append(
            f"没有提前三十日书面通知，额外一个月工资：{yuan(total)} + {yuan(monthly_wage)} = {yuan(total + monthly_wage)}"
        )
        total += monthly_wage
    articles = {47} | ({48, 87} if unlawful else {46}) | ({40} if notice_month else set()) | ({97} if old else set())
    return Result(
        title="违法解除劳动合同赔偿金" if unlawful else "经济补偿",
        amount=yuan(total),
        lines=tuple(lines),
        assumptions=_severance_assumptions(first, ended, local_average, unlawful, notice_month, old),
        citations=cite(CONTRACT_LAW, *sorted(articles)),
        beyond_corpus=_severance_beyond(unlawful, notice_month, old),
    )


def _check_severance(
    started: date, ended: date, wage: Decimal, average: Decimal | None, unlawful: bool, notice_month: bool
) -> None:
    checks.past(started, "入职日期")
    checks.soon(ended, "离职日期")
    checks.in_order(started, "入职日期", ended, "离职日期")
    checks.money(wage, "月工资", most=checks.MOST_MONTHLY)
    if average is not None:
        checks.money(average, "本地职工月平均工资", most=_MOST_AVERAGE)
    if ended < CONTRACT_LAW_SINCE:
        raise Unsupported("劳动合同法 2008 年 1 月 1 日起施行，之前离职的要按当时的规定算。请律师计算。")
    if unlawful and notice_month:
        raise Unsupported(
            "额外一个月工资是依照第四十条合法解除时付的；违法解除要的是二倍赔偿金。请只选一种，分别算一次比较。"
        )


def _months_of_pay(start: date, end: date) -> Decimal:
    """劳动合同法 47 I: a month a year, a month for six months and more, half a month for less."""
    months, days = months_between(start, end)
    years, rest = divmod(months, 12)
    if rest >= 6:
        return Decimal(years + 1)
    return Decimal(years) + (Decimal("0.5") if rest or days else 0)


def _years_line(start: date, end: date) -> str:
    months, days = months_between(start, end)
    years, rest = divmod(months, 12)
    parts = [f"满 {years} 年：{years} 个月工资"] if years else []
    if rest >= 6:
        parts.append("余下六个月以上不满一年，按一年算：1 个月工资")
    elif rest or days:
        parts.append("余下不满六个月：半个月工资")
    return "；".join(parts) + f"；合计 {number(_months_of_pay(start, end))} 个月工资"


def _capped(wage: Decimal, months: Decimal, average: Decimal) -> tuple[Decimal, Decimal, str]:
    """劳动合同法 47 II: both caps hold only for wages above three times the average."""
    cap = average * 3
    compared = f"本地职工月平均工资 {yuan(average)} × 3 = {yuan(cap)}"
    if wage <= cap:
        return wage, months, f"{compared}，月工资 {yuan(wage)}，没有超过，不封顶"
    line = f"{compared}，月工资 {yuan(wage)}，超过了，按 {yuan(cap)}算，年限最高十二年"
    if months > _MOST_YEARS:
        line += f"：{number(months)} 个月减为 {number(_MOST_YEARS)} 个月"
    return cap, min(months, _MOST_YEARS), line


def _severance_assumptions(
    first: date, ended: date, average: Decimal | None, unlawful: bool, notice_month: bool, old: bool
) -> tuple[str, ...]:
    said = ["月工资按离职前十二个月的平均工资算。"]
    without = _months_of_pay(first, ended)
    if without != _months_of_pay(first, ended + timedelta(days=1)):
        said.append(f"离职当天也算工作了一天；如果那天已不在职，是 {number(without)} 个月工资。")
    if average is None:
        said.append("不知道本地上年度职工月平均工资，没有比较三倍封顶；工资高的，结果会少。")
    if unlawful:
        said.append("单位的解除或者终止违反劳动合同法，劳动者不要求继续履行合同，或者合同已经不能继续履行。")
    else:
        said.append("离职原因属于第四十六条应当支付经济补偿的情形；劳动者自己无故辞职的没有。")
    if old:
        said.append("2008 年 1 月 1 日以前的年限没有算进去，要按当时的规定另算。")
    if notice_month:
        said.append("单位依照第四十条解除，没有提前三十日书面通知；额外的一个月按同样的月工资算。")
    return tuple(said)


def _severance_beyond(unlawful: bool, notice_month: bool, old: bool) -> str | None:
    if unlawful:
        return "《劳动合同法实施条例》规定赔偿金的年限从用工之日起算、付了赔偿金不再付经济补偿；条例不在本库中。"
    parts = []
    if old:
        parts.append("2008 年以前的年限按当时的部门规章算")
    if notice_month:
        parts.append("额外一个月工资按上一个月的工资标准，由《劳动合同法实施条例》规定")
    return "；".join([*parts, "这些规定不在本库中。"]) if parts else None


def overtime(
    *,
    hourly_wage: Decimal | None = None,
    monthly_wage: Decimal | None = None,
    weekday_hours: Decimal = Decimal(0),
    rest_day_hours: Decimal = Decimal(0),
    holiday_hours: Decimal = Decimal(0),
) -> Result:
    """加班工资 by 劳动法 44, from the wage of an hour or of a month (exactly one), yuan; hours of at most a year.

    Raises:
        Unsupported: no or two wages, no hours, or sums that make no sense.
    """
    hours = (weekday_hours, rest_day_hours, holiday_hours)
    for count, (_, name) in zip(hours, _OVERTIME, strict=True):
        checks.hours(count, f"{name}加班小时数", _MOST_HOURS)
    if not 0 < sum(hours) <= _MOST_HOURS:
        raise Unsupported("请告诉我加班了多少小时；一次最多算一年，时间更长的请分年算。")
    hourly, base, lines = _hourly(hourly_wage, monthly_wage)
    sums = []
    for count, (percent, name) in zip(hours, _OVERTIME, strict=True):
        if count:
            sums.append(hourly * percent * count / 100)
            lines.append(f"{name}：{base} × {percent}% × {number(count)} 小时 = {yuan(sums[-1])}")
    total = sum(sums, Decimal(0))
    if len(sums) > 1:
        lines.append(f"合计：{' + '.join(map(yuan, sums))} = {yuan(total)}")
    beyond = "加班工资的计算基数可以有地方规定，由当地人力资源社会保障部门解释。"
    if hourly_wage is None:
        beyond = f"月工资折算小时工资的办法来自{rates().wages.source}，不在本库中。{beyond}"
    return Result(
        title="加班工资",
        amount=yuan(total),
        lines=tuple(lines),
        assumptions=(*_overtime_assumptions(rest_day_hours > 0), *rounding(total, *sums)),
        citations=(*cite(LABOUR_LAW, 39, 41, 44), *cite(CONTRACT_LAW, 31)),
        beyond_corpus=beyond,
    )


def _hourly(hourly: Decimal | None, monthly: Decimal | None) -> tuple[Decimal, str, list[str]]:
    """The hour's wage, how it stands in the sums, and the line that explains it."""
    if hourly is not None and monthly is None:
        checks.money(hourly, "小时工资", most=_MOST_HOURLY)
        return hourly, yuan(hourly), []
    if monthly is None or hourly is not None:
        raise Unsupported("请给出小时工资或者月工资，只给一个。")
    checks.money(monthly, "月工资", most=checks.MOST_MONTHLY)
    rule = rates().wages
    base = f"{yuan(monthly)} ÷ {number(rule.days_per_month)} 天 ÷ {number(rule.hours_per_day)} 小时"
    value = monthly / (rule.days_per_month * rule.hours_per_day)
    return value, f"（{base}）", [f"小时工资：{base} ≈ {yuan(value)}（折算办法：{rule.source}）"]


def _overtime_assumptions(rest_days: bool) -> tuple[str, ...]:
    said = [
        "按标准工时制算；经批准实行其他工时制度的不同。",
        "这是法律的最低标准，单位规定或者约定更高的按更高的。",
        "已经付过的加班费要从里面减去。",
        "延长工作时间一般每日不超过一小时，特殊情况每日不超过三小时，每月不超过三十六小时。",
    ]
    return ("休息日加班没有安排补休。", *said) if rest_days else tuple(said)
