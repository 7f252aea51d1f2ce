"""案件受理费 of a civil case at first instance."""

from decimal import Decimal
from typing import Literal

from knowledge_base.calculators import checks
from knowledge_base.calculators.model import Result, Unsupported, cite
from knowledge_base.calculators.rates import Fee, rates
from knowledge_base.calculators.words import number, yuan

_PROCEDURE_LAW = "中华人民共和国民事诉讼法"
_ARBITRATION_LAW = "中华人民共和国劳动争议调解仲裁法"
_KINDS = {
    "property": "财产案件",
    "divorce": "离婚案件",
    "labour": "劳动争议案件",
    "other": "其他非财产案件",
    "personality": "人格权案件",
}


def court_fee(
    *,
    kind: Literal["property", "divorce", "labour", "other", "personality"],
    amount: Decimal | None,
    simplified: bool,
) -> Result:
    """What the court asks for on filing, by the tiers of ``rates.yml``; a range where they leave one.

    Args:
        kind: of case.
        amount: in dispute, yuan: the claim, the property to be divided, or the damages. Labour and other cases
            pay by the case, whatever the amount.
        simplified: 简易程序, which costs half.

    Raises:
        Unsupported: an unknown kind, no amount for a property case, or an amount that makes no sense.
    """
    checks.choice(kind, "案件类型", _KINDS)
    if amount is not None:
        checks.money(amount, "金额", zero=kind != "property")
    elif kind == "property":
        raise Unsupported("财产案件的受理费按请求的金额分段计算，请告诉我要求对方付多少钱。")
    rule = rates().court_fees
    fee: Fee = getattr(rule.kinds, kind)
    by_tiers, lines = _tiers(fee, amount or Decimal(0))
    lines.insert(0, f"{_KINDS[kind]}每件 {_between(fee.least, fee.most)}")
    low, high = fee.least + by_tiers, fee.most + by_tiers
    if by_tiers:
        lines.append(f"合计：{_between(low, high)}")
    if simplified:
        part = rule.simplified_percent
        whole = _between(low, high)
        low, high = low * part / 100, high * part / 100
        lines.append(f"适用简易程序，按 {number(part)}%：{whole} → {_between(low, high)}")
    return Result(
        title="案件受理费",
        amount=_between(low, high),
        lines=tuple(lines),
        assumptions=_assumptions(kind, fee, amount, simplified),
        citations=(
            *cite(_PROCEDURE_LAW, 121, *([160] if simplified else [])),
            *(cite(_ARBITRATION_LAW, 53) if kind == "labour" else ()),
        ),
        beyond_corpus=f"标准来自{rule.source}，不在本库中。",
    )


def _tiers(fee: Fee, amount: Decimal) -> tuple[Decimal, list[str]]:
    """The share of ``amount`` that the tiers take, and a line for each tier reached."""
    total, lines = Decimal(0), []
    bounds = [*(tier.above for tier in fee.tiers[1:]), None]
    for tier, upper in zip(fee.tiers, bounds, strict=False):  # a fee may have no tiers
        if amount <= tier.above:
            break
        part = (amount if upper is None else min(amount, upper)) - tier.above
        share = part * tier.percent / 100
        total += share
        reach = f"超过 {yuan(tier.above)}" + (f"至 {yuan(upper)}" if upper else "")
        lines.append(f"{reach}的部分：{yuan(part)} × {number(tier.percent)}% = {yuan(share)}")
    return total, lines


def _between(low: Decimal, high: Decimal) -> str:
    return yuan(low) if low == high else f"{yuan(low)}至 {yuan(high)}"


def _assumptions(kind: str, fee: Fee, amount: Decimal | None, simplified: bool) -> tuple[str, ...]:
    said = [f"{rates().court_fees.note}。", "只是一审的受理费，不含保全费、公告费、鉴定费和律师费。"]
    if not simplified:
        said.append("适用普通程序；适用简易程序、调解结案或者撤诉的减半。")
    if fee.least != fee.most:
        said.append("幅度内的具体数额由本省规定。")
    if fee.tiers and amount is None:
        what = "财产分割；财产总额" if kind == "divorce" else "损害赔偿；赔偿金额"
        said.append(f"没有算{what}超过 {yuan(fee.tiers[0].above)}的，超过部分另交。")
    if not fee.tiers:
        said.append("不论金额多少都按件交。")
    if kind == "labour":
        said.append("劳动仲裁本身不收费。")
    said.append("原告先交，最后由谁负担由法院决定；交费有困难的，可以申请缓交、减交或者免交。")
    return tuple(said)
