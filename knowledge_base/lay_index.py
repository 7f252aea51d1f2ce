"""The lay index: for every article what it means for a person, and the questions it answers.

One YAML file a book under ``content/statutes/<law>/``; its format is in docs/content.md.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from knowledge_base.answers import CONTENT, Unfolded
from knowledge_base.articles import Article, Key, UnknownArticle
from knowledge_base.errors import ContentError, Problem
from knowledge_base.statutes import Corpus

EXPLANATIONS = CONTENT / "statutes"
HELDOUT = CONTENT.parent / "heldout_statutes"

_NUMBER = re.compile(r"(\d+)(?:-(\d+))?")
_REFERENCE = re.compile(rf"(?:(?P<law>\D+?)\s*)?{_NUMBER.pattern}")


class Explanation(BaseModel):
    """What one article means and who asks for it. ``see`` names sister articles: a number of the same law
    (``1080``, ``133-1`` for 之一) or a law and a number (``劳动合同法 82``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plain: Annotated[str, Unfolded, StringConstraints(strip_whitespace=True, min_length=8, max_length=110)]
    questions: list[Annotated[str, Unfolded, StringConstraints(strip_whitespace=True, min_length=4, max_length=90)]] = (
        Field(min_length=1, max_length=40)
    )
    see: list[int | str] = []
    rarely_asked: bool = False


@dataclass(frozen=True)
class Entry:
    """An explanation with the article it belongs to and its place on disk."""

    law: str
    number: int
    sub: int
    said: Explanation
    path: Path
    line: int

    @property
    def key(self) -> Key:
        return self.law, self.number, self.sub

    @property
    def see(self) -> list[Key]:
        """Keys of the sister articles; a law's name is as it was written.

        Raises:
            ValueError: a reference is neither a number nor a law and a number.
        """
        return [article_key(str(reference), self.law) for reference in self.said.see]

    def sisters(self, laws: Corpus) -> list[Article]:
        """The sister articles in force. A law may change on a date: what is gone then is left out here and named
        by the linter."""
        found = []
        for key in self.see:
            with suppress(UnknownArticle):
                found.append(laws.find(*key))
        return found


def article_key(text: str, law: str) -> Key:
    """The key that 1080, 133-1 or 劳动合同法 82 names; without a law's name it is an article of ``law``.

    Raises:
        ValueError: it names none.
    """
    match = _REFERENCE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} names no article: write 1080, 133-1 or 劳动合同法 82")
    return match["law"] or law, int(match[2]), int(match[3] or 0)


def read(path: Path) -> Iterator[Entry | Problem]:
    """The entries of one file, and in their place a problem wherever one cannot be read."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        yield Problem(path, mark.line + 1 if mark else 1, f"not YAML: {error.__class__.__name__}",
                      "check indentation, colons and quotes near this line")  # fmt: skip
        return
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    parts = {str(key.value): value for key, value in pairs}
    law, articles = parts.get("law"), parts.get("articles")
    if not isinstance(law, yaml.ScalarNode) or not isinstance(articles, yaml.MappingNode) or len(pairs) != 2:
        yield Problem(path, 1, "not a lay index", "start with `law: <full name>` and `articles:`")
        return
    seen: set[str] = set()
    for number, node in articles.value:
        line = number.start_mark.line + 1
        match = _NUMBER.fullmatch(number.value) if isinstance(number, yaml.ScalarNode) else None
        if not match or number.value in seen:
            yield Problem(path, line, f"{number.value} is no article's number or there twice",
                          "write each article once, as 1079 or 133-1")  # fmt: skip
            continue
        seen.add(number.value)
        try:
            said = Explanation.model_validate(yaml.SafeLoader("").construct_document(node))
        except yaml.YAMLError as error:
            yield Problem(path, line, f"{number.value}: {error.__class__.__name__}", "write plain text and lists")
            continue
        except ValidationError as error:
            for fault in error.errors():
                where = ".".join(map(str, fault["loc"]))
                yield Problem(path, line, f"{number.value}: {where}: {fault['msg']}",
                              f"correct `{where}` as docs/content.md describes")  # fmt: skip
            continue
        yield Entry(law.value, int(match[1]), int(match[2] or 0), said, path, line)


def load(folder: Path = EXPLANATIONS) -> list[Entry]:
    """Every explanation below ``folder``.

    Raises:
        ContentError: one or more files are broken; it lists file, line and fix for each.
    """
    found = [item for path in sorted(folder.glob("*/*.yml")) for item in read(path)]
    problems = [item for item in found if isinstance(item, Problem)]
    if problems:
        raise ContentError(problems)
    return [item for item in found if isinstance(item, Entry)]


@cache
def lay_index() -> dict[Key, Entry]:
    """The shipped explanations by article, loaded once a process."""
    return {entry.key: entry for entry in load()}
