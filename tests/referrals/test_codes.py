from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.codes import SERVICE_LETTERS, looks_like_code, make_code, make_pin, read_code, read_pin, without_pin

codes = st.builds(
    make_code,
    st.from_regex(r"[1-9]\d{5}", fullmatch=True).filter(str.isascii),
    st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    st.sampled_from(sorted(SERVICE_LETTERS)),
    st.integers(1, 999_999),
)


@given(codes)
def test_a_code_is_read_back(code: str) -> None:
    assert read_code(code) == code
    assert read_code(f"我的工单是{code}，查一下") == code
    assert read_code(code.lower().replace("-", " ")) == code


@given(codes, st.data())
def test_one_wrong_character_is_noticed(code: str, data: st.DataObject) -> None:
    places = [i for i, c in enumerate(code) if c.isdigit()]
    i = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != code[i]]))
    assert read_code(code[:i] + other + code[i + 1 :]) is None


@given(codes, st.from_regex(r"[0-9]{6}", fullmatch=True).filter(str.isascii))
def test_code_and_pin_are_told_apart(code: str, pin: str) -> None:
    assert read_pin(f"{code} {pin}") == pin
    assert read_pin(f"查询码：{pin}，编号{code}") == pin
    assert read_pin(code) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    read_code(text), read_pin(text), looks_like_code(text)


@pytest.mark.parametrize("text", ["12345", "我要查工单", "13000000000", "2026年11月"])
def test_other_numbers_are_no_codes(text: str) -> None:
    assert read_code(text) is None and not looks_like_code(text)


def test_a_pin_has_six_digits() -> None:
    assert all(len(make_pin()) == 6 and make_pin().isdigit() for _ in range(50))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("查工单 370900-20261123-L0001-K 435732", "查工单 370900-20261123-L0001-K ******"),
        ("工单编号：370900-20261123-L0001-K\n查询码：435732", "工单编号：370900-20261123-L0001-K\n查询码：******"),
        ("435732", "******"),
        ("我的查询码是435732", "我的查询码是******"),
        ("他欠我 120000 元", "他欠我 120000 元"),
        ("邮编271000的那个小区", "邮编271000的那个小区"),
    ],
)
def test_staff_do_not_read_a_citizens_pin(said: str, read: str) -> None:
    assert without_pin(said) == read
