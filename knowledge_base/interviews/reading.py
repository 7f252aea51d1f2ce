"""Understanding a citizen's answer to a step, typed, spoken or chosen."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from knowledge_base.facts import Fact
from knowledge_base.interviews.model import NO, PASSED, YES, Step
from knowledge_base.numbers import parse_number
from knowledge_base.text import normalise
from knowledge_base.workdays import today

LONGEST = {"text": 60, "long_text": 600}
_PASS = re.compile(r"^(?:跳过|略过|不填|没有?|无|不知道|不清楚|不确定|不记得|忘了|下一步)了?$")
_NOTHING = re.compile(r"^(?:没有?|无|零)(?:收入|钱)?$")
_NO = re.compile(r"^(?:不|没|否|无|未|非|还没|并没|从没|no$|n$)", re.I)
_YES = re.compile(r"^(?:是|有|对|嗯|好|要|可以|同意|需要|确实|当然|属于|会|能|已经|yes$|y$)", re.I)
_NUMBER = re.compile(r"\d+(?:\.\d+)?[万亿]?|[零〇一二两三四五六七八九十百千万亿]+")
_DAY = re.compile(r"(?:(?P<year>\d{4})\s*[年./-]\s*)?(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})[日号]?")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")
_RELATIVE = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2, "大前天": 3}


class Unclear(ValueError):
    """The answer cannot be read; its text tells the citizen what would help."""


def read_answer(step: Step, text: str, facts: Sequence[Fact] = ()) -> str:
    """What ``text`` answers to ``step``, as it is kept: an option's id, "yes" or "no", a decimal, an ISO date, words.

    ``facts`` are what the classifier found in it.

    Raises:
        Unclear: it is no answer to this question.
    """
    text = text.strip()
    folded = normalise(text)
    if step.kind == "choice":
        return _choice(step, folded)
    if step.kind == "money" and _NOTHING.match(folded):
        return "0"
    if step.optional and (not folded or _PASS.match(folded)):
        return PASSED
    match step.kind:
        case "yes_no":
            return _yes_no(folded)
        case "money" | "number":
            return _quantity(step, folded, facts)
        case "date":
            return _date(step, folded, facts)
        case _:
            return _words(step, text)


def _choice(step: Step, text: str) -> str:
    if text.isdecimal() and 1 <= int(text) <= len(step.options):
        return step.options[int(text) - 1].id
    for option in step.options:
        if text in (option.id, normalise(option.say)):
            return option.id
    # The longest words that stand in the answer decide: 不是农民工 over 农民工.
    found = [
        (len(words), option.id)
        for option in step.options
        for words in (normalise(option.say), *map(normalise, option.also))
        if words in text
    ]
    longest = max((length for length, _ in found), default=0)
    best = {id for length, id in found if length == longest}
    if len(best) != 1:
        raise Unclear("没看懂您选的是哪一个，请点一个选项，或者回复前面的数字。")
    return best.pop()


def _yes_no(text: str) -> str:
    text = {"1": YES, "2": NO}.get(text, text)  # the buttons in their order
    if text in (YES, NO):
        return text
    if _NO.match(text):
        return NO
    if _YES.match(text):
        return YES
    raise Unclear("请回答“是”或者“不是”。")


def _quantity(step: Step, text: str, facts: Sequence[Fact]) -> str:
    sums = {fact.value for fact in facts if fact.kind == "amount" and isinstance(fact.value, float)}
    if step.kind == "money" and len(sums) == 1:
        return _plain(Fraction(sums.pop()).limit_denominator(100))
    found = _NUMBER.findall(text.replace(",", "").replace("，", ""))
    if len(found) != 1:
        example = "请只填一个数，单位是元，例如 6000" if step.kind == "money" else "请只填一个数，例如 3"
        raise Unclear(f"没看懂这个数。{example}。")
    if re.search(r"-\s*\d", text):
        raise Unclear("这里不能是负数，请重新填。")
    return _plain(parse_number(found[0]))


def _plain(value: Fraction) -> str:
    return f"{float(value):.2f}".removesuffix("00").removesuffix(".")


def _date(step: Step, text: str, facts: Sequence[Fact]) -> str:
    found = _explicit(text) or next((fact.value for fact in facts if fact.kind == "date" and fact.exact), None)
    if not isinstance(found, date):
        raise Unclear("没看懂这个日期。请写明年月日，例如 2026年3月1日。")
    if found > today() and not step.future:
        raise Unclear(f"{found.year}年{found.month}月{found.day}日还没到，请核对一下。")
    if not 1949 <= found.year <= today().year + 30:
        raise Unclear("这个年份不对，请核对一下。")
    return found.isoformat()


def _explicit(text: str) -> date | None:
    """A day written out; without a year, the last time it was."""
    for words, days in _RELATIVE.items():
        if text == words:
            return today() - timedelta(days)
    try:
        if compact := _COMPACT.search(text):
            return date(*map(int, compact.groups()))
        if match := _DAY.search(text):
            month, day = int(match["month"]), int(match["day"])
            if match["year"]:
                return date(int(match["year"]), month, day)
            this_year = date(today().year, month, day)
            return this_year if this_year <= today() else date(today().year - 1, month, day)
    except ValueError as error:
        raise Unclear("没有这一天，请核对日期。") from error
    return None


def _words(step: Step, text: str) -> str:
    most = LONGEST[step.kind]
    if not text:
        raise Unclear("请填写，或者说“取消”退出。")
    if len(text) > most:
        raise Unclear(f"太长了，最多 {most} 个字，请写短一点。")
    return text
