"""Whether a question asks when or how long, and whether an article fixes a period: the one often means the other."""

import re

_ASKS = re.compile(
    r"多久|多长|[几多少](?:个)?(?:天|日|年|月|小时)|多少时间|什么时候|啥时候|几时|哪天|几号|最晚|最迟|期限|时限|时效|过期|逾期"
    r"|到期|超过|期满|来得及|来不及|太晚|拖到|第一天|头一天|从.{0,8}(?:起|算|数)|[年月天]之?[内后]|算进去"
)
_NUMBER = "[一二三四五六七八九十百两半\\d]+"
_FIXES = re.compile(rf"{_NUMBER}(?:个月|年|日|天|小时|周岁|个工作日)(?!第)")


def asks_when(question: str) -> bool:
    return bool(_ASKS.search(question))


def fixes_period(article: str) -> bool:
    return bool(_FIXES.search(article))
