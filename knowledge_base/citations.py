"""Citations in running text: found, looked up, judged.

``python -m knowledge_base.citations [FILE …]`` checks files, or what it is given on standard input.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from knowledge_base.answers import CONTENT
from knowledge_base.numbers import parse_number
from knowledge_base.statutes import Article, Corpus, UnknownArticle, corpus, short_name

NAMES = CONTENT / "law_names.yml"
_MOST_IN_A_RANGE = 30

_NUMERAL = r"(?:\d{1,5}|[零〇一二两三四五六七八九十百千万]{1,9})"
_ARTICLE = rf"第?\s*(?P<number>{_NUMERAL})\s*条(?:之(?P<sub>[一二三四五六七八九十]))?"
_PART = rf"(?:\s*第\s*(?P<paragraph>{_NUMERAL})\s*款)?(?:\s*第\s*[（(]?\s*(?P<item>{_NUMERAL})\s*[）)]?\s*项)?"
_PLACE = re.compile(_ARTICLE + _PART)
# A bare number is an article only where nothing counts by it: not 刑法14岁, 劳动法15天年假, 民法典1.5倍.
_BARE = re.compile(
    r"(?P<number>\d{1,4})(?P<sub>(?!))?(?P<paragraph>(?!))?(?P<item>(?!))?"
    r"(?=\s*(?:$|[，,。；;、？?！!）)]|第|和|与|及|到|至|是|怎么|说|讲|规定|啥|什么|原文|内容|意思))"
)
_GLUE = re.compile(r"[\s的》，,]{0,3}(?:[（(][^（）()]{1,12}[）)])?\s*(?:中|里)?\s*")
_NEXT = re.compile(r"\s*(?P<to>至|到|[-—~～]+)\s*|\s*(?:[、，,；;]|和|与|及|以及|或者?|还有)\s*")
_SAME_LAW = re.compile(r"(?:该|(?<!合)同|此)法(?:的|中)?\s*")
# A name that goes on is another instrument: 商标法实施条例, 民法典时间效力的规定.
_NO_MORE = r"(?!实施|施行|司法|时间效力|修正案|的?解释|学|院|律|[^，。；、\s第条]{0,12}(?:条例|细则|解释))"

# Short names may end longer ones: 移民法, 德国民法. They stand alone, or behind a word that leads to a law.
_ALONE = r"(?:(?<![\u4e00-\u9fff])|(?<=[据照反用于及和与的看查问按依是说在]))"


class Verdict(StrEnum):
    IN_FORCE = "in force"
    REPEALED = "the law is no longer in force"
    NO_ARTICLE = "the law has no such article"
    NO_PARAGRAPH = "the article has no such paragraph or item"
    NOT_HELD = "the corpus does not hold this law: it cannot be checked"


@dataclass(frozen=True)
class Citation:
    """A citation as written at ``text[start:end]``. ``law`` is its full official name where it is known,
    else as written; ``sub``, ``paragraph`` (款) and ``item`` (项) are 0 where none is named. ``named_at`` is where
    the law's name starts, or the citation itself in a list."""

    named_at: int
    start: int
    end: int
    law: str
    number: int
    sub: int = 0
    paragraph: int = 0
    item: int = 0


@dataclass(frozen=True)
class Checked:
    """A citation and what the corpus says to it; ``successor`` took the place of a repealed law."""

    citation: Citation
    verdict: Verdict
    article: Article | None = None
    successor: str | None = None


class LawNames:
    """Every way to name a law: in full, without 中华人民共和国, and by the names of `law_names.yml`."""

    def __init__(self, laws: Corpus, path: Path = NAMES) -> None:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.successors: dict[str, str] = {laws.law(law) and name: law for name, law in table["repealed"].items()}
        self._official = {name: law for law in laws.laws for name in (law, short_name(law))}
        self._official |= {laws.law(law) and name: law for name, law in table["short"].items()}
        self.everyday = [laws.law(law) for law in table["everyday"]]
        official = {*laws.laws, *map(short_name, laws.laws), *self.successors, *map(short_name, laws.repealed)}
        known = "|".join(map(re.escape, sorted(official, key=len, reverse=True)))
        short = "|".join(map(re.escape, sorted(table["short"], key=len, reverse=True)))
        self._pattern = re.compile(
            rf"《(?P<title>[^《》]{{2,60}})》{_NO_MORE}|(?:中华人民共和国)?(?P<name>{known}|{_ALONE}(?:{short})){_NO_MORE}"
        )

    def official(self, name: str) -> str:
        """The full official name, or the name as written where none is known."""
        bare = name.strip("《》 \n")
        return self._official.get(bare) or self._official.get(short_name(bare)) or short_name(bare)

    def named(self, text: str) -> Iterator[tuple[int, int, str]]:
        """(start, end, law) wherever ``text`` names a law."""
        for match in self._pattern.finditer(text):
            yield match.start(), match.end(), self.official(match["title"] or match["name"])


@cache
def law_names() -> LawNames:
    return LawNames(corpus())


def find(text: str, names: LawNames | None = None) -> list[Citation]:
    """Every citation of an article in ``text``, in order: 《民法典》第一千零七十九条第三款第二项, 民法典1079条,
    第十条、第十二条 behind a law's name, and 该法第三条 after it. An article that no law stands before is none."""
    names = names or law_names()
    anchors = list(names.named(text))
    again = [
        (match.start(), match.end(), law)
        for match in _SAME_LAW.finditer(text)
        if (law := next((law for _, end, law in reversed(anchors) if end <= match.start()), None))
    ]
    found: dict[tuple[int, int], Citation] = {}
    for start, end, law in anchors + again:
        for citation in _listed(text, start, end, law):
            found.setdefault((citation.start, citation.number), citation)
    return [citation for _, citation in sorted(found.items())]


def _listed(text: str, named_at: int, at: int, law: str) -> Iterator[Citation]:
    """The articles listed from ``at`` on, behind a law's name."""
    glue = _GLUE.match(text, at)
    at = glue.end() if glue else at
    match = _PLACE.match(text, at) or _BARE.match(text, at)
    last: Citation | None = None
    ranged = False
    while match:
        numbers = (_int(match[part]) for part in ("number", "sub", "paragraph", "item"))
        citation = Citation(match.start() if last else named_at, match.start(), match.end(), law, *numbers)
        if last and ranged and citation.number > last.number >= citation.number - _MOST_IN_A_RANGE:
            for number in range(last.number + 1, citation.number):
                yield replace(citation, number=number, sub=0, paragraph=0, item=0)
        yield citation
        last = citation
        following = _NEXT.match(text, match.end())
        ranged = bool(following and following["to"])
        match = _PLACE.match(text, following.end()) if following else None


def _int(numeral: str | None) -> int:
    return int(parse_number(numeral)) if numeral else 0


def check(citation: Citation, laws: Corpus | None = None, names: LawNames | None = None) -> Checked:
    """Whether the cited article, paragraph and item exist and are in force."""
    laws, names = laws or corpus(), names or law_names()
    if successor := names.successors.get(citation.law):
        return Checked(citation, Verdict.REPEALED, successor=successor)
    try:
        law = laws.law(citation.law)
    except UnknownArticle:
        return Checked(citation, Verdict.REPEALED if laws.is_repealed(citation.law) else Verdict.NOT_HELD)
    try:
        article = laws.find(law, citation.number, citation.sub)
    except UnknownArticle:
        return Checked(citation, Verdict.NO_ARTICLE)
    if not article.has(citation.paragraph, citation.item):
        return Checked(citation, Verdict.NO_PARAGRAPH, article)
    return Checked(citation, Verdict.IN_FORCE, article)


def check_text(text: str) -> list[Checked]:
    """Every citation in ``text``, checked."""
    return [check(citation) for citation in find(text)]


def unsound(text: str) -> list[Checked]:
    """The citations in ``text`` that must not be sent: of laws no longer in force, and of what does not exist."""
    return [found for found in check_text(text) if found.verdict not in (Verdict.IN_FORCE, Verdict.NOT_HELD)]


def main(arguments: list[str]) -> int:
    texts = {name: Path(name).read_text(encoding="utf-8") for name in arguments} or {"-": sys.stdin.read()}
    wrong = 0
    for name, text in texts.items():
        for checked in check_text(text):
            at = checked.citation
            line = text.count("\n", 0, at.start) + 1
            label = f"{at.law} {at.number}" + (f"-{at.sub}" if at.sub else "")
            print(
                f"{name}:{line}: {label}: {checked.verdict}"
                + (f"; see {checked.successor}" if checked.successor else "")
            )
            if checked.article:
                print(f"    {checked.article.text}".replace("\n", "\n    "))
            wrong += checked.verdict is not Verdict.IN_FORCE
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
