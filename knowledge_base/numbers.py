"""Quantities in Chinese legal text: 三十日, 2 倍, 百分之二十, 一年半, 周岁.

Used to check that what an answer says stands in the articles it cites. Only quantities with a
unit count; a bare number is not a legal statement.
"""

import re
from fractions import Fraction

_CHINESE = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_NUMBER = r"(?:\d+(?:\.\d+)?[万亿]?|[零〇一二两三四五六七八九十百千万亿]+)"
_UNITS = {
    "个工作日": "工作日", "工作日": "工作日", "日": "日", "天": "日", "个月": "月", "月": "月",
    "周岁": "岁", "岁": "岁", "年": "年", "倍": "倍", "元": "元", "小时": "小时", "分钟": "分钟",
    "人": "人", "次": "次", "周": "周", "%": "%", "％": "%",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_QUANTITY = re.compile(
    rf"百分之(?P<percent>{_NUMBER})|(?P<number>{_NUMBER})\s*(?P<half>个?半)?(?P<unit>{_UNIT})(?P<tail>半)?"
    rf"|(?P<parts>[一二三四五六七八九十]+)分之(?P<of>[一二三四五六七八九十]+)"
)
# Ordinary speech, not quantities of law.
_SPEECH = re.compile(
    r"每[日天月年人次周]|[同当本近去今明前][日天月年人]|一次性|[第].{1,8}?[次年日天]|一人|别人|每一"
    r"|一次|有人|一天|同一(?:日|天|人)|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?"
)

Quantity = tuple[Fraction, str]


def parse_number(text: str) -> Fraction:
    """Arabic or Chinese numeral to its value: '1.5万' → 15000, '一千零七十九' → 1079.

    Raises:
        ValueError: ``text`` is not a numeral.
    """
    arabic = re.fullmatch(r"(\d+(?:\.\d+)?)([万亿]?)", text)
    if arabic:
        return Fraction(arabic[1]) * _SCALES.get(arabic[2], 1)
    total = section = digit = 0
    for char in text:
        if char in _CHINESE:
            digit = digit * 10 + _CHINESE[char] if digit and section == 0 else _CHINESE[char]
        elif char in ("万", "亿"):
            total = (total + section + digit) * _SCALES[char]
            section = digit = 0
        elif char in _SCALES:
            section += (digit or 1) * _SCALES[char]
            digit = 0
        else:
            raise ValueError(f"not a numeral: {text!r}")
    return Fraction(total + section + digit)


def quantities(text: str) -> dict[Quantity, str]:
    """Every quantity in ``text`` as (value, unit) with the words it was written in."""
    found: dict[Quantity, str] = {}
    for match in _QUANTITY.finditer(_SPEECH.sub("，", text)):
        if match["percent"]:
            key = (parse_number(match["percent"]), "%")
        elif match["parts"]:
            key = (parse_number(match["of"]) / parse_number(match["parts"]), "分")
        else:
            value = parse_number(match["number"])
            if match["half"] or match["tail"]:
                value += Fraction(1, 2)
            key = (value, _UNITS[match["unit"]])
        found.setdefault(key, match[0])
    return found


def unsupported(claim: str, sources: list[str]) -> list[str]:
    """The quantities of ``claim``, as written, that stand in none of ``sources``."""
    known: set[Quantity] = set()
    for source in sources:
        known.update(_equivalents(quantities(source)))
    return [words for key, words in quantities(claim).items() if not _equivalents({key: ""}) & known]


def _equivalents(keys: dict[Quantity, str]) -> set[Quantity]:
    """A year is twelve months; one and a half years is eighteen."""
    same = set(keys)
    for value, unit in keys:
        if unit == "年":
            same.add((value * 12, "月"))
    return same
