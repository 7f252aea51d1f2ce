"""Texts a city adds to the national corpus: local regulations, judicial interpretations, departmental rules.

One UTF-8 text file each in ``FAZHU_STATUTES`` (by default ``statutes`` in ``FAZHU_VAR``): a few lines
``名称：…``, an empty line, then the text as promulgated. docs/statutes.md shows one.
"""

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from knowledge_base.articles import DIGITS, Article, Law
from knowledge_base.errors import ContentError, Problem
from knowledge_base.numbers import parse_number

KINDS = (
    "法律", "行政法规", "监察法规", "地方性法规", "自治条例", "单行条例", "司法解释", "部门规章", "地方政府规章", "规范性文件",
)  # fmt: skip
REQUIRED = ("名称", "种类", "制定机关", "施行日期", "来源")
OPTIONAL = ("失效日期",)

_NUMERAL = "一二三四五六七八九十百千零〇"
_COLON = re.compile("[：:]")
_ARTICLE = re.compile(rf"(第([{_NUMERAL}]+)条(?:之([{DIGITS}]))?)[\s　]*(.*)")
_SPACED = re.compile(rf"第[{_NUMERAL}]+条(?:之[{DIGITS}])?[\s　]")
_POINT = re.compile(rf"(([{_NUMERAL}]+)、)\s*(.*)")  # replies and older interpretations count 一、二、三、
_HEADING = re.compile(rf"第[{_NUMERAL}]+(编|分编|章|节)[\s　]*[^\s，。；：][^，。；：]{{0,40}}|附[\s　]*则")


def folder() -> Path:
    return Path(os.environ.get("FAZHU_STATUTES") or Path(os.environ.get("FAZHU_VAR", "var")) / "statutes")


def read(place: Path | None = None, today: date | None = None) -> tuple[list[Law], list[Article], set[str]]:
    """The laws in force on ``today`` (default: now) among the added texts, their articles, and the names of
    those that are not, or not yet.

    Raises:
        ContentError: one or more files are broken; it lists file, line and fix for each.
    """
    laws: list[Law] = []
    articles: list[Article] = []
    others: set[str] = set()
    problems: list[Problem] = []
    for path in sorted((place or folder()).glob("*.txt")):
        try:
            head, law, found = _read_file(path)
        except ContentError as error:
            problems += error.problems
            continue
        day = (today or date.today()).isoformat()
        if not law.effective <= day < head.get("失效日期", "9999"):
            others.add(law.name)
        elif law.name in {other.name for other in laws}:
            problems.append(Problem(path, 1, f"{law.name} is in force in another file too",
                                    "keep one, or give the older a 失效日期"))  # fmt: skip
        else:
            laws.append(law)
            articles += found
    if problems:
        raise ContentError(problems)
    return laws, articles, others


def _read_file(path: Path) -> tuple[dict[str, str], Law, list[Article]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ContentError([Problem(path, 1, "not UTF-8", "save the file as UTF-8")]) from error
    end = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    head = _head(path, lines[:end])
    law = Law(head["名称"], head["种类"], head["制定机关"], head["施行日期"], head["种类"], head["来源"])
    articles = list(_articles(path, law.name, lines, end + 1))
    if not articles:
        raise ContentError([Problem(path, end + 1, "no article found", "begin each with 第一条 …, or 一、 …")])
    return head, law, articles


def _head(path: Path, lines: list[str]) -> dict[str, str]:
    head: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        name, *rest = (part.strip() for part in _COLON.split(line, maxsplit=1))
        if not rest or name not in REQUIRED + OPTIONAL:
            problems.append(Problem(path, number, f"unknown line {line[:20]!r}",
                                    "write 名称：, 种类：, 制定机关：, 施行日期：, 来源：, then an empty line"))  # fmt: skip
        head[name] = "".join(rest)
    problems += [
        Problem(path, 1, f"{name} is missing", f"add a line {name}：…") for name in REQUIRED if not head.get(name)
    ]
    if head.get("种类", KINDS[0]) not in KINDS:
        problems.append(Problem(path, 1, f"{head['种类']} is no kind of law", f"one of {'、'.join(KINDS)}"))
    for name in ("施行日期", "失效日期"):
        if name in head and not _is_date(head[name]):
            problems.append(Problem(path, 1, f"{name}：{head[name]} is no date", "write 2024-05-01"))
    if problems:
        raise ContentError(problems)
    return head


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _articles(path: Path, law: str, lines: list[str], start: int) -> Iterator[Article]:
    """The articles from line ``start`` (0-based) on; headings say where they stand."""
    body = [(number, line.strip(" 　\t")) for number, line in enumerate(lines[start:], start + 1)]
    begins = next((begin for _, line in body for begin in (_ARTICLE, _POINT) if begin.match(line)), _ARTICLE)
    book = chapter = section = ""
    current: Article | None = None
    text: list[str] = []
    seen: set[tuple[int, int]] = set()
    for number, line in body:
        if not line:
            continue
        if _HEADING.fullmatch(line):
            if current:
                yield _with(current, text)
                current = None
            book, chapter, section = _moved(line, book, chapter, section)
        elif (match := begins.match(line)) and (_SPACED.match(line) or _follows(match, current)):
            if current:
                yield _with(current, text)
            sub = DIGITS.index(match[3]) + 1 if begins is _ARTICLE and match[3] else 0
            key = int(parse_number(match[2])), sub
            if key in seen:
                raise ContentError([Problem(path, number, f"{match[1]} is there twice", "keep one")])
            seen.add(key)
            label = match[1].rstrip("、")
            current = Article(law, *key, label, "", book, chapter, section)
            text = [match[match.lastindex or 0]]
        elif current:
            text.append(line)
    if current:
        yield _with(current, text)


def _follows(match: re.Match[str], current: Article | None) -> bool:
    """Whether a line that begins with an article's number begins that article, and does not only name it:
    第九条规定的情形除外。 stands in article 2."""
    return current is None or current.number <= int(parse_number(match[2])) <= current.number + 1


def _moved(heading: str, book: str, chapter: str, section: str) -> tuple[str, str, str]:
    match = _HEADING.fullmatch(heading)
    kind = match[1] if match else None
    if kind in ("编", "分编"):
        return heading, "", ""
    if kind == "节":
        return book, chapter, heading
    return book, heading, ""


def _with(article: Article, lines: list[str]) -> Article:
    return Article(article.law, article.number, article.sub, article.label, "\n".join(filter(None, lines)),
                   article.book, article.chapter, article.section)  # fmt: skip
