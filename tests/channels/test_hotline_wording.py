"""What a voice is given to say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.hotline.numerals import cardinal, heard_date, heard_digits, quantity
from channels.hotline.wording import PORTION, SENTENCE, TAIL, aloud, ending, portions, sentences, slowly, spoken
from knowledge_base.numbers import parse_number

_MARKS = "0123456789 ０３①²½.,:;/-%％‰·•【】（）()《》“”…—~×÷=+&@#*_`|<>[]{}\n\t年月日元条个万点？！。，；：、天"
TEXTS = st.text(st.sampled_from(_MARKS + "您的工资abcXYZ😀") | st.characters(exclude_categories=["Cs"]), max_size=120)


@given(TEXTS)
def test_whatever_is_written_what_is_said_has_no_digits_links_bullets_or_brackets(text: str) -> None:
    assert re.fullmatch(r"[一-鿿〇A-Za-z，、。？！ ]*", spoken(text))


@given(TEXTS)
def test_saying_again_what_was_said_changes_nothing(text: str) -> None:
    assert spoken(spoken(text)) == spoken(text)


@given(TEXTS)
def test_sentences_are_short_where_there_is_a_comma_to_break_them_at(text: str) -> None:
    for sentence in sentences(aloud(text)):
        assert len(sentence) <= SENTENCE or "，" not in sentence[1 : len(sentence) - TAIL]


@given(TEXTS)
def test_portions_lose_nothing_and_hold_no_more_than_is_listened_to(text: str) -> None:
    said = sentences(aloud(text))
    parts = portions(said, 60)
    assert "".join(parts) == "".join(said)
    assert all(len(part) <= 60 or part in said for part in parts)
    assert PORTION == 200


@given(st.integers(0, 99_999_999))
def test_numbers_in_words_are_the_same_numbers(number: int) -> None:
    assert parse_number(cardinal(number)) == number
    assert not re.search(r"零零|零$|^零.", cardinal(number)) or number == 0


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"), (10, "十"), (12, "十二"), (110, "一百一十"), (1010, "一千零一十"), (100_000, "十万"),
        (1_020_304, "一百零二万零三百零四"), (100_000_001, "一亿零一"), (100_010_000, "一亿零一万"), (30_010, "三万零一十"),
    ],
)  # fmt: skip
def test_cardinals(number: int, said: str) -> None:
    assert cardinal(number) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("《民法典》第1079条", "民法典第一千零七十九条。"),
        ("拖欠 30,000 元，一共517.24元", "拖欠三万元，一共五百一十七点二四元。"),
        ("2000元，2个月，2 年，2倍，第2条，2分钟", "两千元，两个月，两年，两倍，第二条，两分钟。"),
        ("到2026年12月1日，还有 3 天", "到二零二六年十二月一日，还有三天。"),
        ("2026-12-01 08:30", "二零二六年十二月一日八点半。"),
        ("· 11-26 13:05 已受理 请等电话", "十一月二十六日十三点零五分，已受理，请等电话。"),
        ("周一至周五 09:00-12:00 13:30-17:30", "周一至周五九点到十二点，十三点半到十七点半。"),
        ("2008年买的", "二零零八年买的。"),
        ("拨打12348、110、96110；12315 分别管什么", "拨打幺二三四八、幺幺零、九六幺幺零。幺二三幺五分别管什么。"),
        ("拘留110天，罚款120元", "拘留一百一十天，罚款一百二十元。"),
        ("电话0538-1234567或13000000000", "电话零五三八幺二三四五六七或幺三零零零零零零零零零。"),
        ("利率15.4%，3-5天", "利率百分之十五点四，三到五天。"),
        ("30000 × 3 ＝ 90000", "三万乘三等于九万。"),
        ("【紧急】请马上办（别等）", "紧急，请马上办，别等。"),
        ("请看 https://a.example/b?c=1 或 /statutes/x", "请看或。"),
        ("接下来可以：\n· 投诉；\n· 仲裁。", "接下来可以。投诉。仲裁。"),
        ("1. 工资：3000 元\n2. 月数：6", "第一项，工资，三千元。第二项，月数，六。"),
        ("您离职了吗，哪天走的？告诉我日期……", "您离职了吗，哪天走的？告诉我日期。"),
        ("真的？！", "真的？"),
        ("编号 1234567", "编号幺二三四五六七。"),
    ],
)
def test_what_is_written_for_the_eye_is_said_for_the_ear(written: str, said: str) -> None:
    assert spoken(written) == said


def test_a_ticket_code_is_said_in_groups_and_its_letters_as_letters() -> None:
    assert spoken("370900-20261201-L0012-K") == "三七零九零零，二零二六，幺二零幺，字母L，零零幺二，字母K。"


def test_a_long_sentence_is_broken_at_commas_but_never_right_before_its_key() -> None:
    title = "被公司辞退、裁员或者合同到期不续，我到底能拿到多少补偿金和赔偿金"
    assert spoken(f"{title}，按一。").endswith("我到底能拿到多少补偿金和赔偿金，按一。")


def test_slowly_every_clause_is_a_sentence_and_a_list_keeps_its_pauses() -> None:
    assert slowly("您好，把转账、考勤留好。") == "您好。把转账，考勤留好。"


def test_the_end_of_what_was_said_is_whole_sentences() -> None:
    assert ending("您好。同意吗？同意请按一。", 12) == "同意吗？同意请按一。"[-12:]
    assert ending("您好。同意请按一。", 8) == "同意请按一。"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("我的电话是幺三零零零零零 零零零一", "我的电话是13000000001"),
        ("三七零九零零，二零二六幺二零幺 L 零零零幺 K", "37090020261201 L 0001 K"),
        ("我有一个孩子", "我有一个孩子"),
    ],
)
def test_digits_read_out_by_a_caller_become_digits(heard: str, meant: str) -> None:
    assert heard_digits(heard) == meant


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("二零二六年十月三十号", "2026年10月30日"),
        ("2020年三月一日", "2020年3月1日"),
        ("二零一九年十二月二十一", "2019年12月二十一"),
    ],
)
def test_days_told_by_a_caller_become_dates(heard: str, meant: str) -> None:
    assert heard_date(heard) == meant


def test_numbers_too_long_for_a_quantity_are_said_one_by_one() -> None:
    assert quantity("007") == "零零七"
    assert quantity("1234567890123").startswith("幺二三四")
