"""What a law and an article are, wherever they were read from."""

import re
from dataclasses import dataclass
from functools import cached_property

LABEL = re.compile(r"第([一二三四五六七八九十百千零〇]+)条(?:之([一二三四五六七八九十]))?")
_ITEM = re.compile(r"^[（(][一二三四五六七八九十]+[）)]")
_AMENDMENT = re.compile(r"修正案|关于修改《")
_PREFIX = "中华人民共和国"
DIGITS = "一二三四五六七八九十"

Key = tuple[str, int, int]


@dataclass(frozen=True)
class Law:
    """A law in force. ``kind`` is what it is (法律, 司法解释, 地方性法规 …); ``effective`` is an ISO date;
    ``source`` says where a text that the city added was taken from, and is empty for the national corpus."""

    name: str
    kind: str = "法律"
    issued_by: str = ""
    effective: str = ""
    field: str = ""
    source: str = ""

    @property
    def is_local(self) -> bool:
        return bool(self.source)

    @property
    def amends(self) -> bool:
        """Whether it only says how another law is reworded; the reworded law stands beside it."""
        return amends(self.name)

    @property
    def told(self) -> str:
        """For people: 法律，全国人民代表大会，2021-01-01 起施行，现行有效."""
        parts = [self.kind, self.issued_by, self.effective and f"{self.effective} 起施行", "现行有效"]
        return "，".join(filter(None, parts)) + (f"。本地添加，来源：{self.source}" if self.is_local else "")


@dataclass(frozen=True)
class Article:
    """One article in force. ``number`` is 0 for an instrument that has no articles;
    ``sub`` is the 之一, 之二 … of articles inserted later, 0 for the article itself."""

    law: str
    number: int
    sub: int
    label: str
    text: str
    book: str = ""
    chapter: str = ""
    section: str = ""

    @property
    def key(self) -> Key:
        return self.law, self.number, self.sub

    @property
    def place(self) -> str:
        """Number as addresses and files write it: 1079, 133-1."""
        return f"{self.number}-{self.sub}" if self.sub else str(self.number)

    @property
    def amends(self) -> bool:
        return amends(self.law)

    @property
    def title(self) -> str:
        """For people: 《民法典》第一千零七十九条."""
        return f"《{short_name(self.law)}》{self.label}"

    @cached_property
    def paragraphs(self) -> list[list[str]]:
        """The article's 款, each a list of its lead and its 项."""
        parts: list[list[str]] = []
        for line in self.text.split("\n"):
            if parts and _ITEM.match(line):
                parts[-1].append(line)
            else:
                parts.append([line])
        return parts

    def has(self, paragraph: int, item: int) -> bool:
        """Whether the article has such a 款 and 项; 0 asks for none. An item without a paragraph may stand in any."""
        if paragraph > len(self.paragraphs):
            return False
        chosen = [self.paragraphs[paragraph - 1]] if paragraph else self.paragraphs
        return any(len(part) > item for part in chosen)


class UnknownArticle(LookupError):
    """The corpus holds no such article in force."""


def amends(law: str) -> bool:
    return bool(_AMENDMENT.search(law))


def short_name(law: str) -> str:
    """The name people use: without 中华人民共和国 in front."""
    return law.removeprefix(_PREFIX)


def full_name(law: str) -> str:
    return _PREFIX + law
