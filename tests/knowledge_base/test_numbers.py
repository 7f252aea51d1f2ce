from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.numbers import parse_number, quantities, unsupported

_DIGITS = "零一二三四五六七八九"


def _in_chinese(n: int) -> str:
    """0–9999 as the statutes write it."""
    if n < 10:
        return _DIGITS[n]
    out, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, n = divmod(n, unit)
        if digit:
            out += ("零" if gap and out else "") + _DIGITS[digit] + name
            gap = False
        elif out:
            gap = True
    return out.removeprefix("一") if out.startswith("一十") else out


@given(st.integers(0, 9999))
def test_every_numeral_of_the_statutes_is_read(n: int) -> None:
    assert parse_number(_in_chinese(n)) == n
    assert parse_number(str(n)) == n


@given(st.text(alphabet="日天年月倍%百分之零一二三十百千万亿半个元0123456789.", max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    quantities(text)


def test_words_for_numbers_of_articles_are_no_quantities() -> None:
    assert quantities("依照第三十条，本月支付，每日计算，一次性付清") == {}


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("30天内", "三十日内"),
        ("两倍工资", "二倍的工资"),
        ("12个月", "一年"),
        ("20%", "百分之二十"),
        ("三分之一", "三分之一"),
        ("2万元", "二万元"),
        ("1年半", "一年半"),
    ],
)
def test_the_same_quantity_in_other_words_is_supported(claim: str, source: str) -> None:
    assert unsupported(claim, [source]) == []


def test_a_quantity_without_support_is_named_as_written() -> None:
    assert unsupported("应在15日内答复，赔偿三倍", ["三倍赔偿"]) == ["15日"]


def test_half_a_year_more_is_not_the_year() -> None:
    assert quantities("一年半") == {(Fraction(3, 2), "年"): "一年半"}
