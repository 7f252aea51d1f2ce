"""What a new corpus changes: ``make statutes`` (``python -m knowledge_base.corpus_update [--accept]``).

``corpus.lock`` holds a fingerprint of every article of the national corpus that the content was last
checked against. Articles that are new, changed or gone are listed with the content that rests on them;
``--accept`` writes the new fingerprints once that content has been read again.
"""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge_base import local_laws, national
from knowledge_base.answers import ANSWERS
from knowledge_base.answers import load as load_answers
from knowledge_base.articles import Article, Key, short_name
from knowledge_base.lay_index import EXPLANATIONS
from knowledge_base.lay_index import load as load_explanations

LOCK = Path(__file__).parent / "corpus.lock"
_SHOWN = 12  # articles named in a line

Fingerprints = Mapping[Key, str]


@dataclass(frozen=True)
class Changes:
    """Keys of articles by what happened to them."""

    new: list[Key]
    changed: list[Key]
    gone: list[Key]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def fingerprints(articles: Iterable[Article]) -> dict[Key, str]:
    return {a.key: hashlib.sha256(a.text.encode()).hexdigest()[:8] for a in articles if a.number}


def compare(before: Fingerprints, after: Fingerprints) -> Changes:
    return Changes(
        [key for key in after if key not in before],
        [key for key in after if key in before and after[key] != before[key]],
        [key for key in before if key not in after],
    )


def write_lock(prints: Fingerprints, path: Path = LOCK) -> None:
    """One line a law: its name, a tab, ``number[-sub]:fingerprint`` by blanks."""
    by_law: dict[str, list[str]] = defaultdict(list)
    for (law, number, sub), mark in prints.items():
        by_law[law].append(f"{number}-{sub}:{mark}" if sub else f"{number}:{mark}")
    path.write_text("".join(f"{law}\t{' '.join(marks)}\n" for law, marks in sorted(by_law.items())), encoding="utf-8")


def read_lock(path: Path = LOCK) -> dict[Key, str]:
    prints: dict[Key, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        law, _, marks = line.partition("\t")
        for mark in marks.split():
            place, _, value = mark.partition(":")
            number, _, sub = place.partition("-")
            prints[law, int(number), int(sub or 0)] = value
    return prints


def resting_on(keys: Iterable[Key]) -> Iterator[tuple[Key, str]]:
    """(article, what rests on it and where) for every answer and explanation."""
    wanted = set(keys)
    for answer in load_answers(ANSWERS):
        for citation in answer.citations:
            if citation.key in wanted:
                yield citation.key, f"answer {answer.id} ({answer.topic}/{answer.intent}.yml)"
    for entry in load_explanations(EXPLANATIONS):
        if entry.key in wanted:
            yield entry.key, f"explanation ({entry.path.parent.name}/{entry.path.name}:{entry.line})"


def _report(changes: Changes) -> Iterator[str]:
    for what, keys in (("new", changes.new), ("changed", changes.changed), ("no longer in force", changes.gone)):
        by_law: dict[str, list[str]] = defaultdict(list)
        for law, number, sub in keys:
            by_law[law].append(f"{number}-{sub}" if sub else str(number))
        for law, places in by_law.items():
            more = f" … {len(places)} in all" if len(places) > _SHOWN else ""
            yield f"{what}: {short_name(law)} {', '.join(places[:_SHOWN])}{more}"
    for (law, number, sub), what in resting_on([*changes.changed, *changes.gone]):
        yield f"read again: {what} rests on {short_name(law)} {number}" + (f"-{sub}" if sub else "")


def main(arguments: list[str]) -> int:
    _, articles, _ = national.read(date.today())
    now = fingerprints(articles)
    if arguments == ["--accept"]:
        write_lock(now)
        print(f"{LOCK.name} written for {national.PACKAGE} {national.version()}: {len(now)} articles")
        return 0
    changes = compare(read_lock(), now)
    print("\n".join(_report(changes)) or f"{national.PACKAGE} {national.version()}: nothing has changed")
    for law in local_laws.read()[0]:
        print(f"added by hand: {law.name} ({law.kind}, from {law.effective})")
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
