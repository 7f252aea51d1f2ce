"""Check answers, interviews and the tables beside them: ``python -m knowledge_base.lint [FILE …]``.

Names file, line and fix for every fault: broken YAML, a citation (in the list or in the text) that does not exist or
is not in force, a quantity that stands in no cited article, a question asked twice, a promise of outcome.
"""

import csv
import re
import sys
from collections import Counter
from pathlib import Path

import yaml

from knowledge_base.answers import ANSWERS, CONTENT, Answer, load, read_file
from knowledge_base.calculators.rates import load as load_rates
from knowledge_base.citations import unsound
from knowledge_base.deadlines import deadlines
from knowledge_base.deadlines import load as load_deadlines
from knowledge_base.errors import ContentError, Problem
from knowledge_base.interviews.lint import lint_interviews
from knowledge_base.interviews.model import interviews
from knowledge_base.numbers import unsupported
from knowledge_base.places.directory import INSTITUTIONS
from knowledge_base.places.table import load as load_institutions
from knowledge_base.statutes import Corpus, UnknownArticle, corpus
from knowledge_base.text import LEXICON
from nlu_data.taxonomy import taxonomy

# Folders of answers beside the twenty topics: services people ask for by name.
SERVICE_FOLDERS = {"legal_aid": {"legal_aid"}}
PROMISES = ("一定能赢", "肯定能赢", "包赢", "必胜", "保证胜诉", "百分百", "绝对没问题", "一定会支持", "肯定会判")
LONGEST_SPOKEN = 40  # characters of a sentence
# Digits are for hotlines only: 12348, 110.
_NOT_SPOKEN = re.compile(r"[《》【】（）()·•%％/:：;；]|[A-Za-z]|(?<!\d)\d{1,2}(?!\d)|\d{6,}")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{3,5}(?!\d)(?!\s*[元年日天个])")


def check(answer: Answer, laws: Corpus, hotlines: frozenset[str]) -> list[tuple[str, str]]:
    """(fault, fix) for everything wrong with one answer."""
    faults: list[tuple[str, str]] = []
    intents = SERVICE_FOLDERS.get(answer.topic)
    if intents is None:
        topic = taxonomy().topics.get(answer.topic)
        intents = set(topic.intents) if topic else set()
    if answer.intent not in intents:
        faults.append((f"{answer.topic}/{answer.intent} is not in nlu_data/taxonomy.yml",
                       "move the file to content/answers/<topic>/<intent>.yml"))  # fmt: skip
    texts = []
    for citation in answer.citations:
        try:
            article = laws.find(*citation.key)
        except UnknownArticle as error:
            faults.append((f"citation: {error}", "cite an article in force: python -m knowledge_base.statutes LAW N"))
            continue
        texts.append(article.text)
        if article.law != citation.law:
            faults.append((f"citation: {citation.law} is a short name", f"write {article.law}"))
    for words in unsupported(answer.claims, texts):
        if words not in answer.computed:
            faults.append((f"{words} stands in no cited article",
                           "cite the article that says it, drop it, or explain it under `computed`"))  # fmt: skip
    for found in unsound("\n".join([answer.claims, answer.beyond_corpus or ""])):
        at = found.citation
        faults.append((f"{at.law} {at.number}: {found.verdict}", "name an article in force, or none"))
    for number in _LONG_NUMBER.findall(answer.claims):
        if number not in hotlines:
            faults.append((f"{number} is no known hotline", "use a number from content/hotlines.yml"))
    for promise in PROMISES:
        if promise in answer.claims:
            faults.append((f"promises an outcome: {promise}", "say what the law provides, not who wins"))
    for name in ("see", "spoken"):
        if getattr(answer, name) is None:
            faults.append((f"has no `{name}`", f"write `{name}` as docs/content.md describes"))
    for id in answer.deadlines:
        if id not in deadlines():
            faults.append((f"no deadline {id}", "one of content/deadlines.yml"))
    for id in answer.tools:
        if id not in interviews():
            faults.append((f"no interview {id}", "one of content/interviews"))
    if answer.ask and not (answer.deadlines or answer.adapt):
        faults.append(("asks, but nothing would change", "add `adapt` or `deadlines`, or drop `ask`"))
    if answer.spoken:
        faults += unspeakable(answer.spoken)
    for phrase, times in Counter(answer.phrases).items():
        if times > 1:
            faults.append((f"says twice: {phrase}", "keep one"))
    return faults


def unspeakable(text: str) -> list[tuple[str, str]]:
    """(fault, fix) for what a voice on the phone cannot say well."""
    faults = []
    if found := _NOT_SPOKEN.search(text):
        faults.append((f"spoken: {found[0]!r} cannot be said", "write it as words, hotline numbers apart"))
    for sentence in re.split(r"[。？！]", text):
        if len(sentence) > LONGEST_SPOKEN:
            faults.append((f"spoken: a sentence of {len(sentence)} characters: {sentence[:12]}…",
                           f"at most {LONGEST_SPOKEN} characters a sentence"))  # fmt: skip
    return faults


def lint(folder: Path = ANSWERS, laws: Corpus | None = None) -> list[Problem]:
    """Every problem of the answers below ``folder``, in file order."""
    try:
        answers = load(folder)
    except ContentError as error:
        return error.problems
    laws = laws or corpus()
    hotlines = frozenset(yaml.safe_load((CONTENT / "hotlines.yml").read_text(encoding="utf-8")))
    lines = {
        (path.parent.name, path.stem, entry["id"]): (path, line)
        for path in sorted(folder.glob("*/*.yml"))
        for line, entry in read_file(path)
    }
    problems = []
    ids: dict[str, Answer] = {}
    phrases: dict[str, Answer] = {}
    for answer in answers:
        path, line = lines[answer.topic, answer.intent, answer.id]
        faults = check(answer, laws, hotlines)
        if answer.id in ids:
            faults.append((f"id {answer.id} is used in {ids[answer.id].intent} too", "choose another id"))
        ids.setdefault(answer.id, answer)
        for phrase in answer.phrases:
            other = phrases.setdefault(phrase, answer)
            if other is not answer:
                faults.append(
                    (f"{phrase!r} also belongs to {other.id}", "a phrase leads to one answer: keep it in one")
                )
        problems += [Problem(path, line, f"{answer.id}: {fault}", fix) for fault, fix in faults]
    return problems


def lint_homophones(table: Path = LEXICON / "homophones.csv", laws: Corpus | None = None) -> list[Problem]:
    """Writings taken for errors that are correct Chinese after all: they stand in an article in force."""
    written = "\n".join(article.text for article in laws or corpus())
    problems = []
    seen: set[str] = set()
    with open(table, encoding="utf-8", newline="") as rows:
        for line, row in enumerate(csv.DictReader(rows), 2):
            heard, meant = row["heard"], row["meant"]
            if heard in written:
                problems.append(
                    Problem(table, line, f"{heard} stands in the law", "add the word beside it, or drop it")
                )
            if heard in seen or heard == meant:
                problems.append(Problem(table, line, f"{heard} is there twice or means itself", "drop this line"))
            seen.add(heard)
    return problems


def _unreadable() -> list[Problem]:
    """What is wrong with the tables beside the answers."""
    problems = []
    for read in (load_deadlines, load_rates, lambda: load_institutions(INSTITUTIONS)):
        try:
            read()
        except ContentError as error:
            problems += error.problems
    return problems


def main(arguments: list[str]) -> int:
    wanted = {Path(a).resolve() for a in arguments}
    every = [*lint(), *lint_homophones(), *lint_interviews(), *_unreadable()]
    problems = [p for p in every if not wanted or p.path.resolve() in wanted]
    for problem in problems:
        print(problem)
    if problems:
        return 1
    if every:
        print(f"no problems in these files, {len(every)} in others")
        return 0
    counts = Counter(answer.topic for answer in load())
    print(f"{sum(counts.values())} answers, no problems: " + ", ".join(f"{t} {n}" for t, n in sorted(counts.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
