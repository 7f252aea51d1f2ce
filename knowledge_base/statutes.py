"""The statutes in force: the national corpus and the texts a city added, with look-ups by law and number."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

from knowledge_base import local_laws, national
from knowledge_base.articles import Article, Key, Law, UnknownArticle, full_name, short_name
from knowledge_base.errors import ContentError, Problem

__all__ = ["Article", "Corpus", "Key", "Law", "UnknownArticle", "corpus", "short_name"]


class Corpus:
    """All articles in force, in corpus order, with look-ups by law and number."""

    def __init__(self, laws: Iterable[Law], articles: Iterable[Article], repealed: Iterable[str] = ()) -> None:
        self.laws = {law.name: law for law in laws}
        self.articles = list(articles)
        self.repealed = frozenset(repealed) - self.laws.keys()
        self._by_key = {article.key: article for article in self.articles}
        self._by_law: dict[str, list[Article]] = defaultdict(list)
        for article in self.articles:
            self._by_law[article.law].append(article)
        self._short = {short_name(law): law for law in self.laws}

    def __len__(self) -> int:
        return len(self.articles)

    def __iter__(self) -> Iterator[Article]:
        return iter(self.articles)

    def law(self, name: str) -> str:
        """Full official name for a full or short one.

        Raises:
            UnknownArticle: no law in force bears that name; the message says why.
        """
        name = name.strip("《》 ")
        if name in self.laws:
            return name
        if name in self._short:
            return self._short[name]
        if self.is_repealed(name):
            raise UnknownArticle(f"{name} is in the corpus but no longer in force")
        raise UnknownArticle(f"{name} is not in the corpus")

    def is_repealed(self, name: str) -> bool:
        """Whether the corpus knows the law as one that is no longer in force."""
        return name in self.repealed or full_name(name) in self.repealed

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

    def of_law(self, law: str) -> list[Article]:
        """All articles of a law, in order.

        Raises:
            UnknownArticle: the law is not in force.
        """
        return self._by_law[self.law(law)]

    @classmethod
    def load(cls, today: date | None = None, added: Path | None = None) -> "Corpus":
        """What is in force on ``today`` (default: now): the national corpus and the texts in the folder ``added``
        (default: `local_laws.folder`).

        Raises:
            ContentError: an added text is broken, or names a law that the national corpus holds in force.
        """
        laws, articles, repealed = national.read(today)
        more, their_articles, not_in_force = local_laws.read(added, today)
        national_names = {short_name(law.name) for law in laws}
        if twice := {law.name for law in more if short_name(law.name) in national_names}:
            place = added or local_laws.folder()
            raise ContentError([Problem(place, 1, f"{name} is in the national corpus", "remove the added text")
                                for name in sorted(twice)])  # fmt: skip
        return cls(laws + more, articles + their_articles, repealed | not_in_force)


@cache
def corpus() -> Corpus:
    """The installed corpus, loaded once a process."""
    return Corpus.load()


def main(arguments: list[str]) -> int:
    """``LAW N [N …]`` prints articles; ``--grep WORDS [LAW]`` prints those holding every word."""
    try:
        laws = corpus()
        if arguments[:1] == ["--grep"] and len(arguments) > 1:
            words = arguments[1].split()
            only = laws.law(arguments[2]) if len(arguments) > 2 else None
            found = [a for a in laws if (not only or a.law == only) and all(w in a.text for w in words)]
        elif len(arguments) > 1:
            found = [laws.find(arguments[0], *map(int, number.split("-"))) for number in arguments[1:]]
        else:
            print(main.__doc__)
            return 2
    except (UnknownArticle, ContentError) as error:
        print(error)
        return 1
    except ValueError:
        print(main.__doc__)
        return 2
    for article in found:
        print(f"{article.law} {article.label}\n{article.text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
