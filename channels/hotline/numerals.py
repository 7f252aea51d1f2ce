"""Numbers in Chinese words, and back from a caller's mouth."""

import re

from knowledge_base.numbers import parse_number

_DIGITS = "零一二三四五六七八九"
_ONE_BY_ONE = str.maketrans("0123456789", "零幺二三四五六七八九")  # 一 and 七 sound alike on a line
_YEAR = str.maketrans("0123456789", _DIGITS)
_SCALES = ("", "万", "亿", "万亿")
LONGEST = 12  # digits; a longer number is no quantity
_HEARD = str.maketrans("零〇幺妖一二两三四五六七八九", "00111223456789")
_SPOKEN_DIGIT = r"[\d零〇幺妖一二两三四五六七八九]"
_SPOKEN_NUMBER = re.compile(rf"{_SPOKEN_DIGIT}(?:[\s，,、\-]*{_SPOKEN_DIGIT})+")


def one_by_one(digits: str) -> str:
    """110 -> 幺幺零, as numbers of telephones and tickets are said."""
    return digits.translate(_ONE_BY_ONE)


def year(digits: str) -> str:
    """2026 -> 二零二六."""
    return digits.translate(_YEAR)


def cardinal(number: int) -> str:
    """1079 -> 一千零七十九; below 10 ** 16."""
    sections: list[int] = []
    while number:
        number, section = divmod(number, 10_000)
        sections.append(section)
    words = ""
    gap = False
    for place in reversed(range(len(sections))):
        if not sections[place]:
            gap = True
            continue
        words += "零" if words and (gap or sections[place] < 1000) else ""
        words += _section(sections[place]) + _SCALES[place]
        gap = False
    return words.removeprefix("一") if words.startswith("一十") else words or "零"


def _section(number: int) -> str:
    """1 to 9999."""
    words = ""
    gap = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + name
        gap = not digit
    return words


def quantity(text: str) -> str:
    """517.24 -> 五百一十七点二四; 007 and what is too long for a quantity one by one."""
    whole, point, part = text.partition(".")
    if len(whole) > LONGEST or (len(whole) > 1 and whole.startswith("0")):
        words = one_by_one(whole)
    else:
        words = re.sub("^二(?=[千万亿])", "两", cardinal(int(whole)))
    return f"{words}点{year(part)}" if point and part else words


def digit_of(word: str) -> str:
    """两 -> 2."""
    return word.translate(_HEARD)


def heard_digits(text: str) -> str:
    """As recognised from a caller who reads a number out: 幺三零 零零 -> 13000. Other words stay."""
    return _SPOKEN_NUMBER.sub(lambda found: re.sub(r"[\s，,、\-]", "", found[0]).translate(_HEARD), text)


def heard_date(text: str) -> str:
    """二零二六年十月三十号 -> 2026年10月30日."""
    parts = re.sub(
        r"[一二三四五六七八九十]{1,3}(?=[月日号])", lambda found: str(parse_number(found[0])), heard_digits(text)
    )
    return re.sub(r"(?<=\d)号", "日", parts)
