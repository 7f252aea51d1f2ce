"""逾期利息, 定金 and the punitive damages of consumers."""

from datetime import date
from decimal import Decimal
from typing import Literal

from knowledge_base.calculators import checks
from knowledge_base.calculators.model import Result, Unsupported, cite
from knowledge_base.calculators.rates import rates
from knowledge_base.calculators.words import number, rounding, yuan
from knowledge_base.spans import add_months, day, months_between

_CIVIL_CODE = "中华人民共和国民法典"
_CIVIL_CODE_SINCE = date(2021, 1, 1)  # 民法典 1260
_CONSUMER_LAW = "中华人民共和国消费者权益保护法"
_FOOD_LAW = "中华人民共和国食品安全法"
_MOST_YEARS = 30
_MOST_DEPOSIT = Decimal("0.2")  # 民法典 586 II
_PARTIES = {"payer": "付定金的一方违约", "receiver": "收定金的一方违约"}
_CONSUMER_KINDS = {"fraud": "商品或者服务有欺诈", "food": "食品不符合安全标准"}


def late_interest(*, principal: Decimal, yearly_rate: Decimal, from_day: date, to_day: date) -> Result:
    """Simple interest on a debt that is late (民法典 676), at the rate the citizen names.

    Whole years count as years, the days left over as 365ths: a leap day never makes a year cost more.

    Args:
        principal: yuan.
        yearly_rate: percent a year, as agreed; limited by the ceiling of ``rates.yml`` where there is one.
        from_day: when payment was due; not counted (民法典 201).
        to_day: the last day counted.

    Raises:
        Unsupported: a rate, a sum or a span that makes no sense.
    """
    checks.money(principal, "本金")
    if yearly_rate == 0:
        raise Unsupported(
            "没有约定利率的，借款合同视为没有利息（民法典第六百八十条）；逾期利息按国家有关规定，本库没有这个标准，请问律师。"
        )
    checks.percent(yearly_rate, "年利率")
    checks.past(from_day, "应当还款的日期")
    checks.soon(to_day, "算到的日期")
    checks.in_order(from_day, "应当还款的日期", to_day, "算到的日期")
    if from_day == to_day:
        raise Unsupported("还款日和算到的日期是同一天，还没有逾期。请核对日期。")
    if to_day > add_months(from_day, 12 * _MOST_YEARS):
        raise Unsupported(f"时间超过 {_MOST_YEARS} 年，不像真的。请核对日期，或者请律师计算。")
    rate, limited = _limited(yearly_rate)
    years = months_between(from_day, to_day)[0] // 12
    days = (to_day - add_months(from_day, 12 * years)).days
    total = principal * rate * years / 100 + principal * rate * days / 36500
    base = f"{yuan(principal)} × {number(rate)}%"
    terms = [f"{base} × {years} 年"] * bool(years) + [f"{base} × {days} 天 ÷ 365 天"] * bool(days)
    length = " ".join([f"{years} 年"] * bool(years) + [f"{days} 天"] * bool(days))
    said = [
        "按单利算，不算利息的利息；中间没有还过款。",
        "应当还款的当天不算，最后一天算在内；不满一年的按 365 天折算。",
        "利率是双方约定的；合同没有写明的，对方可能不认。",
        "按借款算；买卖等其他合同逾期付款，看约定的违约金，过高的可以请求减少。",
    ]
    if from_day < _CIVIL_CODE_SINCE:
        said.append("2021 年以前的部分可能适用当时的法律。")
    return Result(
        title="逾期利息",
        amount=yuan(total),
        lines=(
            *limited,
            f"{day(from_day)}次日至{day(to_day)}，{length}",
            f"{' + '.join(terms)} = {yuan(total)}",
            f"本金和利息合计：{yuan(principal + total)}",
        ),
        assumptions=(*said, *rounding(total)),
        citations=cite(_CIVIL_CODE, 201, 585, 676, 680),
        beyond_corpus=(
            "禁止高利放贷；民间借贷利率的司法上限（一年期贷款市场报价利率的四倍）由司法解释规定，不在本库中，"
            "超过上限的部分法院不支持。"
        ),
    )


def _limited(rate: Decimal) -> tuple[Decimal, tuple[str, ...]]:
    """The rate courts support, where the ceiling is configured, and the line that says so."""
    rule = rates().interest
    if rule.ceiling is None or rate <= rule.ceiling:
        return rate, ()
    return rule.ceiling, (f"约定年利率 {number(rate)}% 超过上限，按 {number(rule.ceiling)}% 算（{rule.source}）",)


def deposit(*, price: Decimal, deposit: Decimal, breached_by: Literal["payer", "receiver"]) -> Result:
    """What becomes of a 定金 after a breach that defeats the contract, by 民法典 586 to 588.

    Args:
        price: what the contract is worth, yuan.
        deposit: what was in fact handed over, yuan.
        breached_by: who broke the contract.

    Raises:
        Unsupported: sums that make no sense; a deposit above the price.
    """
    checks.money(price, "合同标的额")
    checks.money(deposit, "定金")
    checks.choice(breached_by, "违约方", _PARTIES)
    if deposit > price:
        raise Unsupported("定金比合同标的额还多，请核对两个数。")
    cap = price * _MOST_DEPOSIT
    effective = min(deposit, cap)
    excess = deposit - effective
    lines = [f"定金最高：{yuan(price)} × 20% = {yuan(cap)}"]
    if excess:
        lines.append(f"有定金效力的是 {yuan(effective)}；超过的 {yuan(excess)}没有定金效力，应当退回或者抵作价款")
    else:
        lines.append(f"实际交付 {yuan(deposit)}，没有超过，全部有定金效力")
    if breached_by == "receiver":
        amount = yuan(effective * 2 + excess)
        lines.append(f"收定金的一方违约，双倍返还：{yuan(effective)} × 2 = {yuan(effective * 2)}")
        lines += [f"加上超过的部分：{yuan(effective * 2)} + {yuan(excess)} = {amount}"] if excess else []
        title = "收定金的一方应当返还"
    else:
        amount = yuan(excess)
        lines.append(f"付定金的一方违约，{yuan(effective)}无权请求返还，可以要回 {amount}")
        title = "付定金的一方可以要回"
    return Result(
        title=title,
        amount=amount,
        lines=tuple(lines),
        assumptions=(
            "写明是定金并且已经实际交付；订金、押金、预付款没有定金的效力。",
            "违约致使不能实现合同目的；一般的迟延、小的瑕疵不适用。",
            "又约定了违约金的，定金和违约金只能选一种。",
            "损失比定金多的，还可以请求赔偿超过的部分，这里没有算。",
        ),
        citations=cite(_CIVIL_CODE, 586, 587, 588),
        beyond_corpus="部分履行、双方都有过错、因第三人或者不可抗力违约时定金怎么算，由司法解释规定，不在本库中。",
    )


def consumer_damages(*, price: Decimal, kind: Literal["fraud", "food"], loss: Decimal | None = None) -> Result:
    """Damages on top of the loss: 消费者权益保护法 55 for fraud, 食品安全法 148 for food below the safety standards.

    Args:
        price: what was paid, yuan.
        kind: fraud, or unsafe food.
        loss: what the food did harm for, yuan; three times it count where that is more than ten times the price.

    Raises:
        Unsupported: sums that make no sense.
    """
    checks.money(price, "价款")
    checks.choice(kind, "情况", _CONSUMER_KINDS)
    if loss is not None:
        checks.money(loss, "损失", zero=True)
    return _food_damages(price, loss) if kind == "food" else _fraud_damages(price)


def _fraud_damages(price: Decimal) -> Result:
    total, lines = _at_least(price * 3, Decimal(500), f"价款的三倍：{yuan(price)} × 3 = {yuan(price * 3)}")
    return Result(
        title="欺诈的增加赔偿",
        amount=yuan(total),
        lines=lines,
        assumptions=(
            "经营者有欺诈行为，并且是为生活消费购买。",
            "退还价款和实际损失的赔偿另外要，没有算在里面。",
            "食品、药品等法律另有规定的，按那个规定。",
        ),
        citations=cite(_CONSUMER_LAW, 55),
        beyond_corpus="什么算欺诈，由行政法规和司法解释细化，不在本库中。",
    )


def _food_damages(price: Decimal, loss: Decimal | None) -> Result:
    lines = [f"价款的十倍：{yuan(price)} × 10 = {yuan(price * 10)}"]
    said = [
        "食品不符合食品安全标准；向经营者要的，经营者明知。",
        "不是标签、说明书上不影响食品安全、不会误导人的瑕疵。",
        "实际损失的赔偿另外要，没有算在里面。",
    ]
    if loss:
        lines.append(f"损失的三倍：{yuan(loss)} × 3 = {yuan(loss * 3)}，两种选多的")
    else:
        said.append("没有给出损失；吃坏身体的，也可以选损失的三倍。")
    total, steps = _at_least(max(price * 10, (loss or Decimal(0)) * 3), Decimal(1000), *lines)
    return Result(
        title="不安全食品的增加赔偿",
        amount=yuan(total),
        lines=steps,
        assumptions=tuple(said),
        citations=cite(_FOOD_LAW, 148),
        beyond_corpus="知假买假、超出生活消费需要的购买能支持多少，由司法解释规定，不在本库中。",
    )


def _at_least(total: Decimal, floor: Decimal, *lines: str) -> tuple[Decimal, tuple[str, ...]]:
    if total < floor:
        return floor, (*lines, f"不足 {yuan(floor)}，按 {yuan(floor)}算")
    return total, lines
