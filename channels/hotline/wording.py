"""Text made for a screen, made for a voice: no links, lists, brackets or digits; short sentences."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import yaml

from channels.hotline.numerals import cardinal, one_by_one, quantity, year
from knowledge_base.answers import CONTENT

SENTENCE, PORTION = 40, 200  # characters
TAIL = 6  # so short an end, such as ，按一。, stays with what is before it
_ENDS = "。？！"

_CODE = re.compile(r"(?<!\d)(\d{6})-?(\d{8})-?([A-Z])(\d{4,6})-?([0-9A-Z])(?![0-9A-Za-z])")
_UNITS = r"\s*(?:[元块角分年月日天周个倍人次名份条款项种家位岁万亿亩米]|小时|工作日|公里|平方)"
_PAIRED = r"\s*(?:[元块年天周个倍人次名份种家位岁万亿]|小时|分钟)"  # what 2 is 两 before

_SCREEN = (
    ("您想问的是下面哪一个？选一个就行；都不是的话，请换个说法再说一遍。", "您想问的，是不是这几个？"),
    ("或者看看是不是下面这几个问题", "或者看看是不是这几个问题"),
    ("我只看得懂文字。请用一两句话说说您遇到的事", "没听清楚。请用一两句话说说您遇到的事"),
    ("工作人员可能直接在这里回复您，也会按您留的方式联系您；没留电话的，请凭编号回来看答复。",
     "留了电话的，工作人员会尽快给您回电；没留电话的，请再打来查工单。"),
    ("没留电话的请凭编号回来看答复", "没留电话的，请再打来查工单"),
    ("（点下面看全文）", ""),
    ("再点一次", "再说一次"),
    ("请点一个选项，或者回复前面的数字", "请按键选一个，或者直接说"),
    ("是下面哪", "是哪"),
)  # fmt: skip
_MARKS = str.maketrans(
    {
        "【": "", "】": "，", "(": "，", ")": "，", "[": "，", "]": "，", "{": "，", "}": "，", ":": "，", ";": "。",
        ",": "，", "?": "？", "!": "！", "\n": "。", "—": "，", "–": "，", "~": "到", "×": "乘", "÷": "除以", "=": "等于",
        "+": "加", "&": "和", "/": "或", "%": "百分之", "、": "、", "。": "。",
    }
)  # fmt: skip


@cache
def _hotlines() -> str:
    """A pattern; 110 may also count something, 12348 hardly."""
    numbers = yaml.safe_load((CONTENT / "hotlines.yml").read_text(encoding="utf-8"))
    return "|".join(f"{number}(?!{_UNITS})" if len(number) < 5 else number for number in numbers)


def code_aloud(code: str) -> str:
    """A ticket code in groups: 三七零九零零，二零二六，幺二零幺，字母L，零零零幺，字母K."""
    region, day, letter, serial, check = _CODE.fullmatch(code).groups()  # type: ignore[union-attr]
    groups = (region, day[:4], day[4:], letter, serial, check)
    return "，".join(f"字母{group}" if group.isalpha() else one_by_one(group) for group in groups)


def _date(found: re.Match[str]) -> str:
    month, day = int(found[2]), int(found[3])
    return f"{year(found[1])}年{cardinal(month)}月{cardinal(day)}日"


def _time(found: re.Match[str]) -> str:
    minutes = int(found[2])
    said = {0: "", 30: "半"}.get(minutes, f"{'零' if minutes < 10 else ''}{cardinal(minutes)}分")
    return f"{cardinal(int(found[1]))}点{said}{'，' if found[3] else ''}"


def _percent(found: re.Match[str]) -> str:
    return f"{'百' if found[2] == '%' else '千'}分之{quantity(found[1])}"


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]:
    """In this order: what a later rule would read as an ordinary number comes first."""
    return (
        (re.compile(r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+\.[!-~]+|(?<![\w])/[a-z][!-~]*", re.ASCII), ""),
        (re.compile(r"(?m)^(\d{1,2})\. "), lambda found: f"第{cardinal(int(found[1]))}项，"),
        (_CODE, lambda found: code_aloud(found[0])),
        (re.compile(r"(?<!\d)(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)日?"), _date),
        (re.compile(r"(?<!\d)(\d{4})(?=\s*年(?!多|期|以))"), lambda found: year(found[1])),
        (re.compile(r"(?<![\d-])(\d{1,2})-(\d{1,2})(?=\s+\d{1,2}:\d{2})"),
         lambda found: f"{cardinal(int(found[1]))}月{cardinal(int(found[2]))}日"),
        (re.compile(r"(?<=:\d\d)\s*-\s*(?=\d{1,2}:\d{2})"), "到"),
        (re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::\d{2})?(?!\d)( +(?=[一-鿿\d]))?"), _time),
        (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),
        (re.compile(r"(\d+(?:\.\d+)?)\s*([%‰])"), _percent),
        (re.compile(rf"(?<!\d)(?:0\d{{2,3}}-?\d{{7,8}}|400-?\d{{3}}-?\d{{4}}|1[3-9]\d{{9}}|(?:{_hotlines()}))(?!\d)"),
         lambda found: one_by_one(found[0].replace("-", ""))),
        (re.compile(r"(?<=\d)\s*[-~至]+\s*(?=\d)"), "到"),
        (re.compile(rf"(?<![\d.第])2(?={_PAIRED})"), "两"),
        (re.compile(rf"(?<!\d)\d{{7,}}(?![\d.])(?!{_UNITS})"), lambda found: one_by_one(found[0])),
        (re.compile(r"\d+(?:\.\d+)?"), lambda found: quantity(found[0])),
    )  # fmt: skip


def aloud(text: str) -> str:
    """What a voice says for ``text``: Chinese words, letters and ，、。？！ only."""
    for shown, said in _SCREEN:
        text = text.replace(shown, said)
    text = unicodedata.normalize("NFKC", text.replace("……", "。").replace("㎡", "平方米"))
    text = re.sub(r"(?<=[一-鿿])[^\S\n]+(?=[一-鿿])", "，", text)
    for pattern, words in _rules():
        text = pattern.sub(words, text)
    text = "".join(_sayable(char) for char in text.translate(_MARKS))
    return _tidy(text)


def _sayable(char: str) -> str:
    if "一" <= char <= "鿿" or char in "，、。？！〇" or (char.isascii() and char.isalpha()):
        return char
    if (value := unicodedata.digit(char, None)) is not None:  # of other scripts
        return one_by_one(str(value))
    return " " if char.isspace() else ""


def _tidy(text: str) -> str:
    text = re.sub(r"(?<![A-Za-z]) +| +(?![A-Za-z])", "", text)
    text = re.sub(r"[，、。？！]*[。？！][，、。？！]*", _end, text)
    text = re.sub(r"[，、]*，[，、]*|、+", lambda found: "，" if "，" in found[0] else "、", text)
    return text.strip("，、。 ") if not text.endswith(("？", "！")) else text.lstrip("，、。？！ ")


def _end(marks: re.Match[str]) -> str:
    return next((mark for mark in "？！" if mark in marks[0]), "。")


def sentences(text: str) -> list[str]:
    """Of at most `SENTENCE` characters, where there is punctuation to break them at."""
    whole = re.findall(rf"[^{_ENDS}]+[{_ENDS}]?", text)
    return [short for one in whole for short in _broken(one if one[-1] in _ENDS else f"{one}。")]


def _broken(sentence: str) -> list[str]:
    if len(sentence) <= SENTENCE:
        return [sentence]
    last = len(sentence) - TAIL
    comma = sentence.rfind("，", 1, min(SENTENCE, last))
    if comma < 0:
        comma = sentence.find("，", SENTENCE, last)
    if comma < 0:
        return [sentence]
    return [f"{sentence[:comma]}。", *_broken(sentence[comma + 1 :])]


def portions(said: list[str], limit: int = PORTION) -> list[str]:
    """Sentences gathered into what is said at a time."""
    gathered = [""]
    for sentence in said:
        if gathered[-1] and len(gathered[-1]) + len(sentence) > limit:
            gathered.append("")
        gathered[-1] += sentence
    return [portion for portion in gathered if portion]


def ending(said: str, limit: int) -> str:
    """The last sentences of what was said: they hold the question."""
    kept = ""
    for sentence in reversed(sentences(said)):
        if len(kept) + len(sentence) > limit:
            break
        kept = sentence + kept
    return kept


def spoken(text: str) -> str:
    """`aloud`, in short sentences."""
    return "".join(sentences(aloud(text)))


def slowly(text: str) -> str:
    """Every clause a sentence of its own: a synthesised voice rests longer at a full stop."""
    return text.replace("，", "。").replace("、", "，")
