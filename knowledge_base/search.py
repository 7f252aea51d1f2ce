"""Finding answers for a citizen's own words."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base import encoder
from knowledge_base.answers import ANSWERS, Answer, shown
from knowledge_base.answers import load as answers
from knowledge_base.index import PairOverlap, Scores, Wording, vectors
from knowledge_base.lint import lint
from knowledge_base.periods import asks_when
from knowledge_base.reloading import Reloading
from knowledge_base.text import normalise
from nlu_data.lint import HERE as NLU_DATA
from nlu_data.lint import examples

_POOL = 60  # best answers by each kind of evidence that are weighed; taking more finds no more


@dataclass(frozen=True)
class Match:
    """An answer and what speaks for it; `decision` weighs it.

    ``nearest`` and ``similarity`` are cosines of the question with the answer's nearest phrasing and
    with its three nearest on average, ``body`` with what it says; ``overlap`` is the share of
    character pairs in common with the three nearest phrasings, in [0, 1]; ``wording`` the BM25 score of
    the whole answer for each pair of characters asked; ``period``: both ask when or how long. ``exact``: the question
    is one of its phrasings.
    """

    answer: Answer
    exact: bool = False
    nearest: float = 0.0
    similarity: float = 0.0
    overlap: float = 0.0
    body: float = 0.0
    wording: float = 0.0
    period: bool = False


class AnswerSearch:
    """Search over answers, each known by its phrasings and by what ``asked`` lists under its id."""

    def __init__(self, entries: Sequence[Answer], asked: Mapping[str, Sequence[str]]) -> None:
        self._entries = list(entries)
        known = [[*entry.phrases, *asked.get(entry.id, ())] for entry in entries]
        phrases = [phrase for said in known for phrase in said]
        self._places = _places(list(map(len, known)))
        # Where two answers know the same words, an answer's own question counts most, then its phrasings.
        self._exact = {normalise(text): id for id, texts in asked.items() for text in texts}
        self._exact |= {normalise(phrase): entry.id for entry in entries for phrase in entry.phrasings}
        self._exact |= {normalise(entry.question): entry.id for entry in entries}
        self._vectors = vectors("answers", phrases)
        self._bodies = vectors("bodies", [entry.answer for entry in entries])
        self._pairs = PairOverlap(phrases)
        self._wording = Wording(["\n".join([*said, _told(entry)]) for entry, said in zip(entries, known, strict=True)])

    @property
    def entries(self) -> list[Answer]:
        return self._entries

    def answer(self, id: str) -> Answer | None:
        return next((entry for entry in self._entries if entry.id == id), None)

    def search(self, text: str) -> list[Match]:
        """The answers that any evidence speaks for, in the order of the content; none when there is nothing to look for."""
        text = normalise(text)
        if not text or not self._entries:
            return []
        vector = encoder.encode(text)
        near = self._best_three(self._vectors @ vector)
        overlap = self._best_three(self._pairs.overlaps(text)).mean(axis=1)
        evidence = np.stack(
            [near[:, -1], near.mean(axis=1), overlap, self._bodies @ vector, self._wording.scores(text)], axis=1
        )
        exact = self._exact.get(text)
        found = {i for column in evidence.T for i in np.argpartition(-column, min(_POOL, len(column)) - 1)[:_POOL]}
        found |= {i for i, entry in enumerate(self._entries) if entry.id == exact}
        when = asks_when(text)
        return [self._match(i, exact, evidence[i], when) for i in sorted(found)]

    def _match(self, place: int, exact: str | None, evidence: Scores, when: bool) -> Match:
        entry = self._entries[place]
        nearest, similarity, overlap, body, wording = map(float, evidence)
        period = when and asks_when(entry.question)
        return Match(entry, entry.id == exact, nearest, similarity, overlap, body, wording, period)

    def _best_three(self, scores: Scores) -> Scores:
        """Each answer's three best of the scores of all phrasings, rising; shape (answers, 3)."""
        best: Scores = np.sort(np.append(scores, -1.0)[self._places], axis=1)[:, -3:]
        return best


def _places(counts: Sequence[int]) -> NDArray[np.intp]:
    """Positions of each answer's phrasings in the list of all, one row an answer, filled up with -1."""
    ends = np.cumsum(counts)
    table = np.full((len(counts), max(counts, default=1)), -1, np.intp)
    for row, (count, end) in enumerate(zip(counts, ends, strict=True)):
        table[row, :count] = np.arange(end - count, end)
    return table


def _told(entry: Answer) -> str:
    return "\n".join([entry.told, entry.beyond_corpus or ""])


def asked_before() -> dict[str, list[str]]:
    """What people ask of each answer, from the classifier's examples."""
    found: dict[str, list[str]] = defaultdict(list)
    for example in examples(NLU_DATA / "intents"):
        if example.answer:
            found[example.answer].append(example.text)
    return found


def _files() -> list[Path]:
    return [*ANSWERS.glob("*/*.yml"), *(NLU_DATA / "intents").glob("*/*.yml")]


def _load() -> AnswerSearch:
    return AnswerSearch(shown(answers()), asked_before())


# The search over the shipped answers.
answer_search: Callable[[], AnswerSearch] = Reloading(_files, _load, lint)
