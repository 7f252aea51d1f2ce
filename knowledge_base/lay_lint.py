"""Check the lay index: ``python -m knowledge_base.lay_lint [FILE …]``, and show what it covers.

Names file, line and fix for every fault: an article that does not exist or is not in force, a quantity
that does not stand in it, too few questions, a question asked twice or in the article's own words. Then the questions
that measure the search, ``knowledge_base/heldout_statutes``.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from knowledge_base.errors import Problem
from knowledge_base.lay_index import EXPLANATIONS, HELDOUT, Entry, article_key, read
from knowledge_base.numbers import unsupported
from knowledge_base.statutes import Article, Corpus, UnknownArticle, corpus, short_name
from knowledge_base.text import normalise
from nlu_data.similarity import bare, near_duplicates, pairs

ENOUGH = 3  # questions for each article that anybody asks about
ALIKE = 0.7  # share of character pairs at which two questions of an article are one
PARROT = 0.7  # share of a question's character pairs that stand in the article: its words, not a person's
LEAK = 0.7  # share of character pairs at which a test question is one the index knows
_SHORT = 9  # characters below which sharing a term or two proves nothing


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    asked: str
    articles: list[str] = Field(min_length=1)


_QUESTIONS = TypeAdapter(list[_Question])


def check(entry: Entry, laws: Corpus) -> Iterator[tuple[str, str]]:
    """(fault, fix) for everything wrong with one explanation."""
    try:
        article = laws.find(*entry.key)
    except UnknownArticle as error:
        yield str(error), "explain an article in force: python -m knowledge_base.statutes LAW N"
        return
    if article.law != entry.law:
        yield f"{entry.law} is a short name", f"write law: {article.law}"
    for words in unsupported(entry.said.plain, [article.text]):
        yield f"plain: {words} does not stand in the article", "say what the article says, or leave the number out"
    yield from _sisters(entry, laws)
    yield from _questions(entry.said.questions, entry.said.rarely_asked, article)


def _sisters(entry: Entry, laws: Corpus) -> Iterator[tuple[str, str]]:
    try:
        for sister in entry.see:
            if laws.find(*sister).key == entry.key:
                yield "see: names itself", "drop it"
    except (UnknownArticle, ValueError) as error:
        yield f"see: {error}", "name articles in force"


def _questions(questions: Sequence[str], rarely_asked: bool, article: Article) -> Iterator[tuple[str, str]]:
    if (len(questions) < ENOUGH) != rarely_asked:
        yield (
            f"{len(questions)} questions and rarely_asked: {str(rarely_asked).lower()}",
            f"ask {ENOUGH} questions from different situations, or fewer and rarely_asked: true if nobody asks",
        )
    for one, other, _ in near_duplicates(questions, questions, ALIKE):
        yield f"asks twice: {questions[other]} / {questions[one]}", "ask from another situation"
    own = pairs(article.text)
    for question in questions:
        asked = pairs(question)
        if len(bare(question)) >= _SHORT and len(asked & own) / len(asked) > PARROT:
            yield f"repeats the article's words: {question}", "ask as someone who has never read it"


def lint(folder: Path = EXPLANATIONS, laws: Corpus | None = None) -> list[Problem]:
    """Every problem of the lay index below ``folder``, file by file."""
    laws = laws or corpus()
    problems = []
    entries: dict[tuple[str, int, int], Entry] = {}
    asked: dict[str, Entry] = {}
    for path in sorted(folder.glob("*/*.yml")):
        for item in read(path):
            if isinstance(item, Problem):
                problems.append(item)
                continue
            faults = list(check(item, laws))
            first = entries.setdefault(item.key, item)
            if first is not item:
                faults.append((f"is explained in {first.path.name} too", "explain it once"))
            for question in item.said.questions:
                other = asked.setdefault(bare(normalise(question)), item)
                if other is not item:
                    faults.append((f"{question} also stands at {short_name(other.law)} {other.number}",
                                   "keep it where it is answered best"))  # fmt: skip
            where = f"{item.number}-{item.sub}" if item.sub else str(item.number)
            problems += [Problem(path, item.line, f"{where}: {fault}", fix) for fault, fix in faults]
    return problems


def held_out(entries: Sequence[Entry], laws: Corpus, folder: Path = HELDOUT) -> list[Problem]:
    """Problems of the questions that measure the search: an article not in force, a question the lay index holds."""
    learned = [question for entry in entries for question in entry.said.questions]
    problems = []
    for path in sorted(folder.glob("*.yml")):
        lines = path.read_text(encoding="utf-8").splitlines()
        starts = [number for number, line in enumerate(lines, 1) if line.startswith("- ")]
        try:
            items = _QUESTIONS.validate_python(yaml.safe_load("\n".join(lines)))
        except (yaml.YAMLError, ValidationError) as error:
            fault = f"no list of questions: {error.__class__.__name__}"
            problems.append(Problem(path, 1, fault, "write `- asked: …` and `  articles: [民法典 1079]` for each"))
            continue
        for start, item in zip(starts, items, strict=False):
            for reference in item.articles:
                try:
                    laws.find(*article_key(reference, ""))
                except (UnknownArticle, ValueError) as error:
                    problems.append(Problem(path, start, str(error), "name articles in force: 民法典 1079"))
        asked = [item.asked for item in items]
        for one, other, _ in near_duplicates(asked, learned, LEAK):
            problems.append(Problem(path, starts[one], f"stands in the lay index: {learned[other]}",
                                    "ask something else here, or leave it out there"))  # fmt: skip
    return problems


def coverage(entries: Sequence[Entry], laws: Corpus) -> str:
    """How many articles of each law are explained, with how many questions, book by book."""
    sizes = Counter(article.law for article in laws)
    lines = ["| law, book | articles explained | of | questions | rarely asked |", "| --- | --- | --- | --- | --- |"]
    for law, of_law in groupby(entries, key=lambda entry: entry.law):
        found = list(of_law)
        lines.append(_row(f"**{short_name(law)}**", found, str(sizes[law])))
        books = [(path, list(of_book)) for path, of_book in groupby(found, key=lambda entry: entry.path)]
        if len(books) > 1:
            lines += [_row(path.stem, of_book, "") for path, of_book in books]
    return "\n".join([*lines, _row("**all**", entries, str(len(laws)))])


def _row(name: str, entries: Sequence[Entry], size: str) -> str:
    questions = sum(len(entry.said.questions) for entry in entries)
    rare = sum(entry.said.rarely_asked for entry in entries)
    return f"| {name} | {len(entries)} | {size} | {questions} | {rare} |"


def main(arguments: list[str]) -> int:
    from knowledge_base.lay_index import load

    wanted = {Path(a).resolve() for a in arguments}
    every = lint()
    every = every or held_out(load(), corpus())
    problems = [p for p in every if not wanted or p.path.resolve() in wanted]
    for problem in problems:
        print(problem)
    if problems:
        return 1
    if every:
        print(f"no problems in these files, {len(every)} in others")
        return 0
    print(coverage(load(), corpus()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
