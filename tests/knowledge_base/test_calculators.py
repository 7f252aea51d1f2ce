import re
from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.calculators import CALCULATORS, Result, Unsupported, claims
from knowledge_base.calculators.checks import today
from knowledge_base.calculators.rates import RATES, load, rates
from knowledge_base.calculators.words import number, yuan
from knowledge_base.errors import ContentError
from knowledge_base.spans import add_months, months_between
from knowledge_base.statutes import corpus

DAY = timedelta(days=1)
DAYS = st.dates(date(2008, 1, 1), date(2026, 1, 1))
WAGES = st.decimals(D(1), D(100_000), places=2)
TOMORROW, FAR = today() + DAY, add_months(today(), 13)

EXAMPLES: dict[str, dict[str, Any]] = {
    "severance": dict(
        started=date(2019, 3, 1),
        ended=date(2024, 8, 31),
        monthly_wage=D(6000),
        local_average=D(8000),
        unlawful=False,
    ),
    "overtime": dict(hourly_wage=D(30), weekday_hours=D(10), rest_day_hours=D(8), holiday_hours=D(4)),
    "double_wage": dict(
        started=date(2024, 1, 1), signed=None, ended=None, asked_on=date(2025, 1, 10), monthly_wage=D(5000)
    ),
    "late_interest": dict(principal=D(100_000), yearly_rate=D(6), from_day=date(2021, 3, 1), to_day=date(2022, 4, 10)),
    "court_fee": dict(kind="property", amount=D(550_000), simplified=False),
    "deposit": dict(price=D(100_000), deposit=D(30_000), breached_by="receiver"),
    "child_support": dict(monthly=D(1500), from_day=date(2024, 1, 1), to_day=date(2024, 12, 31), paid=D(6000)),
    "consumer_damages": dict(price=D(1000), kind="fraud"),
    "time_limit": dict(start=date(2026, 11, 20), area="court", court="judgment-appeal"),
}


def work_out(name: str, **changed: Any) -> Result:
    return CALCULATORS[name](**{**EXAMPLES[name], **changed})


def value(result: Result) -> D:
    return D(result.amount.removesuffix(" 元").replace(",", ""))


def amount(name: str, **changed: Any) -> D:
    return value(work_out(name, **changed))


# All of them


def test_every_calculator_has_an_example() -> None:
    assert EXAMPLES.keys() == CALCULATORS.keys()


VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in EXAMPLES),
    ("severance", dict(unlawful=True)),
    ("severance", dict(notice_month=True)),
    ("severance", dict(started=date(2003, 1, 1))),
    ("severance", dict(monthly_wage=D(30_000), local_average=None)),
    ("overtime", dict(hourly_wage=None, monthly_wage=D(6000))),
    ("double_wage", dict(signed=date(2024, 5, 16))),
    ("late_interest", dict(from_day=date(2019, 1, 1))),
    *(("court_fee", dict(kind=kind, simplified=True)) for kind in ("divorce", "labour", "other", "personality")),
    *(("court_fee", dict(kind=kind, amount=None)) for kind in ("divorce", "labour", "other", "personality")),
    ("deposit", dict(breached_by="payer")),
    ("child_support", dict(paid=D(50_000))),
    ("consumer_damages", dict(kind="food")),
    ("consumer_damages", dict(kind="food", loss=D(5000))),
]


@pytest.mark.parametrize(("name", "changed"), VARIANTS)
def test_results_are_complete_and_cite_articles_in_force(name: str, changed: dict[str, Any]) -> None:
    result = work_out(name, **changed)
    assert result.lines and result.assumptions and result.citations
    assert name == "time_limit" or re.fullmatch(r"[\d,.]+ 元(至 [\d,.]+ 元)?", result.amount)
    for citation in result.citations:
        assert corpus().find(*citation.key).law == citation.law  # the full official name
    assert result.title and not re.search(r"[a-zA-Z{}]", "".join(result.lines + result.assumptions))


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("severance", dict(ended=date(2019, 2, 28)), "早于"),
    ("severance", dict(started=date(1994, 12, 31)), "1995"),
    ("severance", dict(started=TOMORROW, ended=TOMORROW), "还没到"),
    ("severance", dict(ended=FAR), "太远"),
    ("severance", dict(started=date(2001, 1, 1), ended=date(2007, 12, 31)), "2008"),
    ("severance", dict(monthly_wage=D(10_000_000)), "月工资超过 1,000,000 元"),
    ("severance", dict(monthly_wage=D(-1)), "负数"),
    ("severance", dict(monthly_wage=D(0)), "不能是 0"),
    ("severance", dict(monthly_wage=D("0.001")), "太小"),
    ("severance", dict(monthly_wage=D("NaN")), "不是一个数"),
    ("severance", dict(local_average=D(120_000)), "平均工资超过"),
    ("severance", dict(unlawful=True, notice_month=True), "只选一种"),
    ("overtime", dict(hourly_wage=None), "只给一个"),
    ("overtime", dict(monthly_wage=D(6000)), "只给一个"),
    ("overtime", dict(hourly_wage=D(20_000)), "小时工资超过"),
    ("overtime", dict(hourly_wage=None, monthly_wage=D(10_000_000)), "月工资超过"),
    ("overtime", dict(weekday_hours=D(-1)), "负数"),
    ("overtime", dict(weekday_hours=D(9000)), "超过 8,784 小时"),
    ("overtime", dict(weekday_hours=D(8000), rest_day_hours=D(1000)), "最多算一年"),
    ("overtime", dict(weekday_hours=D(0), rest_day_hours=D(0), holiday_hours=D(0)), "多少小时"),
    ("double_wage", dict(started=date(2007, 12, 31)), "2008"),
    ("double_wage", dict(asked_on=date(2023, 12, 31)), "早于"),
    ("double_wage", dict(asked_on=FAR), "太远"),
    ("double_wage", dict(signed=TOMORROW), "还没到"),
    ("double_wage", dict(ended=date(2023, 12, 31)), "早于"),
    ("double_wage", dict(monthly_wage=D(-5000)), "负数"),
    ("late_interest", dict(principal=D(0)), "本金"),
    ("late_interest", dict(principal=D("1e11")), "本金超过"),
    ("late_interest", dict(yearly_rate=D(0)), "视为没有利息"),
    ("late_interest", dict(yearly_rate=D(-6)), "负数"),
    ("late_interest", dict(yearly_rate=D(1001)), "超过 1,000 %"),
    ("late_interest", dict(to_day=date(2021, 2, 28)), "早于"),
    ("late_interest", dict(to_day=date(2021, 3, 1)), "同一天"),
    ("late_interest", dict(from_day=date(1995, 1, 1), to_day=date(2025, 1, 2)), "30 年"),
    ("late_interest", dict(from_day=TOMORROW, to_day=TOMORROW + DAY), "还没到"),
    ("late_interest", dict(to_day=FAR), "太远"),
    ("court_fee", dict(amount=None), "多少钱"),
    ("court_fee", dict(amount=D(0)), "不能是 0"),
    ("court_fee", dict(kind="divorce", amount=D(-1)), "负数"),
    ("court_fee", dict(kind="murder"), "财产案件"),
    ("deposit", dict(price=D(0)), "标的额"),
    ("deposit", dict(deposit=D(-1)), "负数"),
    ("deposit", dict(deposit=D(100_001)), "还多"),
    ("deposit", dict(breached_by="both"), "付定金的一方违约"),
    ("child_support", dict(monthly=D(0)), "每月抚养费"),
    ("child_support", dict(paid=D(-1)), "负数"),
    ("child_support", dict(to_day=TOMORROW), "还没到"),
    ("child_support", dict(to_day=date(2023, 12, 31)), "早于"),
    ("child_support", dict(from_day=date(2000, 1, 1), to_day=date(2018, 1, 1)), "成年"),
    ("consumer_damages", dict(price=D(0)), "价款"),
    ("consumer_damages", dict(kind="drug"), "欺诈"),
    ("consumer_damages", dict(loss=D(-1)), "负数"),
]


@pytest.mark.parametrize(("name", "changed", "said"), REFUSED)
def test_what_makes_no_sense_is_refused_in_words(name: str, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Unsupported) as refused:
        work_out(name, **changed)
    assert said in refused.value.reason
    assert refused.value.reason.endswith("。")


# 劳动合同法 40, 47, 87, 97


@pytest.mark.parametrize(
    ("started", "ended", "months"),
    [
        (date(2024, 1, 1), date(2024, 1, 1), "0.5"),
        (date(2024, 1, 1), date(2024, 6, 29), "0.5"),  # a day less than six months
        (date(2024, 1, 1), date(2024, 6, 30), "1"),  # six months exactly
        (date(2024, 1, 1), date(2024, 12, 31), "1"),  # a year exactly
        (date(2024, 1, 1), date(2025, 1, 1), "1.5"),
        (date(2019, 3, 1), date(2024, 8, 31), "6"),
        (date(2019, 3, 1), date(2024, 8, 30), "5.5"),
        (date(2024, 2, 29), date(2025, 2, 27), "1"),  # a year from a leap day
        (date(2024, 2, 29), date(2025, 2, 28), "1.5"),
    ],
)
def test_years_of_severance(started: date, ended: date, months: str) -> None:
    assert amount("severance", started=started, ended=ended) == 6000 * D(months)
    assert amount("severance", started=started, ended=ended, unlawful=True) == 12_000 * D(months)


def test_severance_shows_its_steps() -> None:
    result = work_out("severance")
    assert result.title == "经济补偿"
    assert result.amount == "36,000 元"
    assert result.lines[1] == "满 5 年：5 个月工资；余下六个月以上不满一年，按一年算：1 个月工资；合计 6 个月工资"
    assert result.lines[-1] == "6,000 元 × 6 个月 = 36,000 元"


def test_caps_hold_only_above_three_times_the_average() -> None:
    long = dict(started=date(2008, 1, 1), ended=date(2025, 12, 31))  # eighteen years
    assert amount("severance", **long, monthly_wage=D(24_000)) == 24_000 * 18
    assert amount("severance", **long, monthly_wage=D("24_000.01")) == 24_000 * 12
    assert amount("severance", **long, monthly_wage=D(30_000), unlawful=True) == 24_000 * 12 * 2
    assert amount("severance", monthly_wage=D(30_000)) == 24_000 * 6
    assert amount("severance", **long, monthly_wage=D(30_000), local_average=None) == 30_000 * 18


def test_the_month_of_notice_is_added_and_not_capped() -> None:
    assert amount("severance", notice_month=True) == 6000 * 7
    assert amount("severance", monthly_wage=D(30_000), notice_month=True) == 24_000 * 6 + 30_000


def test_years_before_the_law_count_only_for_unlawful_dismissal() -> None:
    span = dict(started=date(2006, 1, 1), ended=date(2009, 12, 31))
    result = work_out("severance", **span)
    assert value(result) == 6000 * 2
    assert 97 in [citation.article for citation in result.citations]
    assert "2008" in "".join(result.assumptions)
    assert amount("severance", **span, unlawful=True) == 6000 * 4 * 2


def test_a_last_day_that_decides_is_told() -> None:
    assert any("5.5 个月" in said for said in work_out("severance").assumptions)
    assert not any("离职当天" in said for said in work_out("severance", ended=date(2024, 7, 15)).assumptions)


@given(DAYS, DAYS, st.integers(0, 2000), WAGES, st.none() | WAGES, st.booleans())
def test_more_years_never_pay_less(a: date, b: date, more: int, wage: D, average: D | None, unlawful: bool) -> None:
    started, ended = min(a, b), max(a, b)
    later = min(ended + timedelta(days=more), today())
    same = dict(started=started, monthly_wage=wage, local_average=average, unlawful=unlawful)
    assert 0 <= amount("severance", ended=ended, **same) <= amount("severance", ended=later, **same)


# 劳动法 44


def test_overtime_by_the_hour() -> None:
    # 30 × (10 × 150 % + 8 × 200 % + 4 × 300 %)
    assert amount("overtime") == 450 + 480 + 360
    assert work_out("overtime").lines[-1] == "合计：450 元 + 480 元 + 360 元 = 1,290 元"


def test_overtime_by_the_month_names_the_conversion() -> None:
    result = work_out("overtime", hourly_wage=None, monthly_wage=D(6000), rest_day_hours=D(0), holiday_hours=D(0))
    assert result.amount == "517.24 元"  # 6000 ÷ 174 × 15 = 517.241…
    assert "21.75" in result.lines[0] and rates().wages.source in result.lines[0]
    assert result.beyond_corpus and rates().wages.source in result.beyond_corpus
    assert any("四舍五入" in said for said in result.assumptions)


@given(WAGES, *[st.decimals(0, 100, places=1)] * 4)
def test_more_hours_never_pay_less(wage: D, weekday: D, rest: D, holiday: D, more: D) -> None:
    hours = dict(rest_day_hours=rest, holiday_hours=holiday)
    less = dict(hourly_wage=None, monthly_wage=wage, weekday_hours=weekday + 1, **hours)
    assert 0 <= amount("overtime", **less) <= amount("overtime", **{**less, "weekday_hours": weekday + 1 + more})


# 劳动合同法 82, 劳动争议调解仲裁法 27


@pytest.mark.parametrize(
    ("changed", "owed"),
    [
        ({}, "55000"),
        (dict(signed=date(2024, 2, 1)), "0"),  # within the month
        (dict(signed=date(2023, 12, 20)), "0"),  # before the work began
        (dict(signed=date(2024, 2, 2)), "172.41"),  # one day of twenty-nine
        (dict(signed=date(2024, 5, 16)), "17419.35"),  # 3 months and 15 of 31 days
        (dict(ended=date(2024, 1, 31)), "0"),
        (dict(ended=date(2024, 6, 30)), "25000"),
        (dict(ended=date(2024, 12, 31)), "55000"),
        (dict(asked_on=date(2024, 6, 30)), "25000"),
        (dict(started=date(2023, 1, 31), asked_on=date(2024, 3, 1)), "55000"),  # from a month's last day
        (dict(started=date(2024, 2, 29), asked_on=date(2025, 4, 1)), "55000"),
    ],
)
def test_double_wage(changed: dict[str, Any], owed: str) -> None:
    assert amount("double_wage", **changed) == D(owed)


def test_a_year_without_contract_is_one_without_end() -> None:
    assert "无固定期限" in work_out("double_wage").lines[-1]
    for changed in (dict(signed=date(2024, 12, 31)), dict(ended=date(2024, 12, 30)), dict(asked_on=date(2024, 12, 1))):
        assert "无固定期限" not in "".join(work_out("double_wage", **changed).lines)


def test_the_limitation_is_told_and_cuts_nothing() -> None:
    in_time = work_out("double_wage", asked_on=date(2025, 1, 31))
    assert "全部在时效内" in "".join(in_time.lines)
    half = work_out("double_wage", asked_on=date(2025, 7, 1))
    assert half.amount == "55,000 元"
    assert any("2024年7月1日以后" in line and line.endswith("× 6 个月 = 30,000 元") for line in half.lines)
    late = work_out("double_wage", asked_on=date(2026, 1, 1))
    assert late.amount == "55,000 元"
    assert "已超过一年" in "".join(late.lines)


@given(DAYS, st.none() | DAYS, st.none() | DAYS, st.integers(0, 900), WAGES)
def test_double_wage_is_eleven_months_at_most(
    started: date, signed: date | None, ended: date | None, waited: int, wage: D
) -> None:
    asked_on = min(started + timedelta(days=waited), today())
    if ended is not None:
        ended = max(started, ended)
    same = dict(started=started, asked_on=asked_on, monthly_wage=wage)
    assert 0 <= amount("double_wage", signed=signed, ended=ended, **same) <= amount("double_wage", **same) <= wage * 11


# 民法典 676, 680


def test_interest_by_years_and_days() -> None:
    # 100,000 × 6 % = 6,000; 40 of 365 days of it = 657.53…
    assert work_out("late_interest").amount == "6,657.53 元"
    assert work_out("late_interest", to_day=date(2022, 3, 1)).amount == "6,000 元"
    assert work_out("late_interest", to_day=date(2021, 3, 2)).amount == "16.44 元"


def test_a_leap_day_does_not_raise_the_year() -> None:
    leap = dict(from_day=date(2023, 3, 1))
    assert amount("late_interest", **leap, to_day=date(2024, 3, 1)) == 6000
    assert amount("late_interest", **leap, to_day=date(2024, 2, 29)) == 6000
    assert amount("late_interest", from_day=date(2024, 2, 29), to_day=date(2025, 2, 28)) == 6000


def test_no_ceiling_is_known_and_that_is_told() -> None:
    assert rates().interest.ceiling is None
    result = work_out("late_interest", yearly_rate=D(60))
    assert value(result) > 60_000
    assert result.beyond_corpus and "司法解释" in result.beyond_corpus


def test_a_configured_ceiling_limits_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = rates().model_copy(update={"interest": rates().interest.model_copy(
        update={"ceiling": D(12), "source": "某日公布的利率"})})  # fmt: skip
    monkeypatch.setattr(claims, "rates", lambda: limited)
    result = work_out("late_interest", yearly_rate=D(24), to_day=date(2022, 3, 1))
    assert result.amount == "12,000 元"
    assert "某日公布的利率" in result.lines[0]
    assert amount("late_interest", yearly_rate=D(12), to_day=date(2022, 3, 1)) == 12_000


@given(DAYS, st.integers(1, 4000), st.integers(0, 400), st.decimals(D("0.01"), 1000, places=2))
def test_more_days_never_cost_less(start: date, days: int, more: int, rate: D) -> None:
    same = dict(from_day=start, yearly_rate=rate)
    end = max(start + DAY, min(start + timedelta(days=days), today()))
    assert amount("late_interest", to_day=end, **same) >= 0
    assert amount("late_interest", to_day=end, **same) <= amount(
        "late_interest", to_day=min(end + timedelta(days=more), max(end, today())), **same
    )


# 诉讼费用交纳办法 13, 15, 16


@pytest.mark.parametrize(
    ("claimed", "fee"),
    [
        ("0.01", "50"),
        ("10_000", "50"),
        ("10_040", "51"),
        ("100_000", "2300"),
        ("200_000", "4300"),
        ("500_000", "8800"),
        ("550_000", "9300"),
        ("1_000_000", "13800"),
        ("2_000_000", "22800"),
        ("5_000_000", "46800"),
        ("10_000_000", "81800"),
        ("20_000_000", "141800"),
        ("30_000_000", "191800"),
    ],
)
def test_property_fees(claimed: str, fee: str) -> None:
    assert amount("court_fee", amount=D(claimed)) == D(fee)
    assert amount("court_fee", amount=D(claimed), simplified=True) == D(fee) / 2


@pytest.mark.parametrize(
    ("kind", "claimed", "fee"),
    [
        ("divorce", None, "50 元至 300 元"),
        ("divorce", D(200_000), "50 元至 300 元"),
        ("divorce", D(1_000_000), "4,050 元至 4,300 元"),
        ("personality", None, "100 元至 500 元"),
        ("personality", D(50_000), "100 元至 500 元"),
        ("personality", D(100_000), "600 元至 1,000 元"),
        ("personality", D(300_000), "1,600 元至 2,000 元"),
        ("labour", D(300_000), "10 元"),
        ("other", D(300_000), "50 元至 100 元"),
    ],
)
def test_other_fees(kind: str, claimed: D | None, fee: str) -> None:
    assert work_out("court_fee", kind=kind, amount=claimed).amount == fee


def test_simplified_cases_cost_half_and_the_court_has_the_last_word() -> None:
    result = work_out("court_fee", kind="divorce", amount=None, simplified=True)
    assert result.amount == "25 元至 150 元"
    assert "费用以法院缴费通知为准。" in result.assumptions
    assert result.citations[0].key == ("中华人民共和国民事诉讼法", 121, 0)


@given(st.decimals(D("0.01"), D(100_000_000), places=2), st.decimals(0, D(1_000_000), places=2))
def test_higher_claims_never_cost_less(claimed: D, more: D) -> None:
    assert 50 <= amount("court_fee", amount=claimed) <= amount("court_fee", amount=claimed + more)


# 民法典 586 to 588


@pytest.mark.parametrize(
    ("paid", "breached_by", "back"),
    [
        (20_000, "receiver", 40_000),  # the cap just met
        (30_000, "receiver", 50_000),
        (10_000, "receiver", 20_000),
        (20_000, "payer", 0),
        (30_000, "payer", 10_000),
    ],
)
def test_deposits(paid: int, breached_by: str, back: int) -> None:
    assert amount("deposit", deposit=D(paid), breached_by=breached_by) == back


@given(st.decimals(1, 10**9, places=2), st.decimals(D("0.01"), 1, places=2))
def test_a_breach_by_the_receiver_gives_back_at_least_the_deposit(price: D, paid: D) -> None:
    assert amount("deposit", price=price, deposit=paid) >= paid
    assert 0 <= amount("deposit", price=price, deposit=paid, breached_by="payer") <= paid


# 民法典 1085


@pytest.mark.parametrize(
    ("changed", "owed"),
    [
        ({}, "12000"),
        (dict(paid=D(0)), "18000"),
        (dict(paid=D(18_000)), "0"),
        (dict(paid=D(20_000)), "0"),
        (dict(from_day=date(2024, 2, 1), to_day=date(2024, 2, 29), paid=D(0)), "1500"),
        (dict(from_day=date(2023, 2, 1), to_day=date(2023, 2, 14), paid=D(0)), "750"),
        (dict(from_day=date(2024, 1, 31), to_day=date(2024, 2, 28), paid=D(0)), "1500"),
    ],
)
def test_child_support_owed(changed: dict[str, Any], owed: str) -> None:
    assert amount("child_support", **changed) == D(owed)


def test_no_share_of_income_is_worked_out() -> None:
    result = work_out("child_support")
    assert result.beyond_corpus and "百分之几" in result.beyond_corpus
    assert "%" not in "".join(result.lines)


@given(DAYS, st.integers(0, 3000), st.integers(0, 300), WAGES, st.decimals(0, 100_000, places=2))
def test_more_days_never_owe_less(start: date, days: int, more: int, monthly: D, paid: D) -> None:
    end = min(start + timedelta(days=days), today())
    same = dict(from_day=start, monthly=monthly, paid=paid)
    later = min(end + timedelta(days=more), today())
    assert 0 <= amount("child_support", to_day=end, **same) <= amount("child_support", to_day=later, **same)


# 消费者权益保护法 55, 食品安全法 148


@pytest.mark.parametrize(
    ("kind", "price", "loss", "owed"),
    [
        ("fraud", "1000", None, "3000"),
        ("fraud", "166.67", None, "500.01"),
        ("fraud", "166.66", None, "500"),
        ("fraud", "1000", D(9000), "3000"),
        ("food", "30", None, "1000"),
        ("food", "100", None, "1000"),
        ("food", "250", None, "2500"),
        ("food", "30", D(500), "1500"),
        ("food", "30", D(0), "1000"),
    ],
)
def test_consumer_damages(kind: str, price: str, loss: D | None, owed: str) -> None:
    assert amount("consumer_damages", kind=kind, price=D(price), loss=loss) == D(owed)


# Months, words, and the figures in rates.yml


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
    ],
)
def test_months_are_added_as_the_calendar_has_them(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


@given(DAYS, DAYS)
def test_months_and_days_make_up_the_span(a: date, b: date) -> None:
    start, end = min(a, b), max(a, b)
    months, days = months_between(start, end)
    assert add_months(start, months) + timedelta(days=days) == end
    assert 0 <= days <= 31
    assert add_months(start, months + 1) > end


def test_spans_that_do_not_exist_are_errors() -> None:
    with pytest.raises(ValueError, match="before"):
        months_between(date(2024, 1, 2), date(2024, 1, 1))
    with pytest.raises(ValueError, match="no such year"):
        add_months(date(9999, 12, 1), 1)


def test_money_and_numbers_as_citizens_read_them() -> None:
    assert [yuan(D(text)) for text in ("42000", "0.005", "1234.5", "1e3")] == [
        "42,000 元", "0.01 元", "1,234.50 元", "1,000 元",
    ]  # fmt: skip
    assert [number(D(text)) for text in ("21.750", "100", "0.5")] == ["21.75", "100", "0.5"]


BROKEN = [
    ("days_per_month: 21.75", "days_per_month: many", "wages.days_per_month"),
    ("least: 50\n", "least: 60\n", "least is above most"),
    ("{above: 100000, percent: 2}", "{above: 5000, percent: 2}", "do not ascend"),
    ("percent: 2.5}", "percent: 250}", "percent"),
    ("ceiling: null", "ceiling: 12", "needs its source"),
    ("note: ", "remark: ", "note"),
    ("wages:", "wages: [", "not YAML"),
]


@pytest.mark.parametrize(("was", "becomes", "fault"), BROKEN)
def test_broken_rates_are_told_with_their_line(tmp_path: Path, was: str, becomes: str, fault: str) -> None:
    text = RATES.read_text(encoding="utf-8")
    assert was in text
    path = tmp_path / "rates.yml"
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=fault) as broken:
        load(path)
    assert all(problem.path == path and problem.line > 1 and problem.fix for problem in broken.value.problems)


def test_the_line_of_a_fault_is_its_own(tmp_path: Path) -> None:
    lines = RATES.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if "above: 500000," in line)
    lines[at] = lines[at].replace("percent: 1", "percent: much")
    path = tmp_path / "rates.yml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ContentError) as broken:
        load(path)
    assert [problem.line for problem in broken.value.problems] == [at + 1]


def test_rates_that_are_no_mapping_are_told(tmp_path: Path) -> None:
    path = tmp_path / "rates.yml"
    path.write_text("- 1\n", encoding="utf-8")
    with pytest.raises(ContentError):
        load(path)


# Time limits


def test_a_time_limit_moves_past_the_weekend() -> None:
    result = work_out("time_limit")
    assert "2026年12月7日" in result.amount and "顺延到2026年12月7日" in result.lines[0]
    assert {citation.article for citation in result.citations} == {171, 85}


@pytest.mark.parametrize(
    "changed",
    [dict(court=None), dict(labour="labour-arbitration"), dict(court="nothing"), dict(start=date(2199, 1, 1))],
)
def test_a_time_limit_of_no_kind_two_kinds_or_a_day_to_come_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        work_out("time_limit", **changed)
