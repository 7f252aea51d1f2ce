"""Finding answers for a citizen's own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from knowledge_base import encoder
from knowledge_base.answers import Answer, answers
from knowledge_base.index import PairOverlap, Scores, Wording, vectors
from knowledge_base.text import normalise


@dataclass(frozen=True)
class Match:
    """An answer and what speaks for it; `decision` weighs it.

    ``nearest`` and ``similarity`` are cosines of the question with the answer's nearest phrasing and
    with its three nearest on average, ``body`` with what it says; ``overlap`` is the share of
    character pairs in common with the three nearest phrasings, in [0, 1]; ``wording`` the BM25 score of
    the whole answer for each pair of characters asked. ``exact``: the question is one of its phrasings.
    """

    answer: Answer
    exact: bool = False
    nearest: float = 0.0
    similarity: float = 0.0
    overlap: float = 0.0
    body: float = 0.0
    wording: float = 0.0


class AnswerSearch:
    def __init__(self, entries: Sequence[Answer]) -> None:
        self._entries = list(entries)
        phrases = [phrase for entry in entries for phrase in entry.phrases]
        self._places = _places([len(entry.phrases) for entry in entries])
        self._exact = {normalise(phrase): entry.id for entry in entries for phrase in entry.phrases}
        self._vectors = vectors("answers", phrases)
        self._bodies = vectors("bodies", [entry.answer for entry in entries])
        self._pairs = PairOverlap(phrases)
        self._wording = Wording([_everything(entry) for entry in entries])

    def search(self, text: str) -> list[Match]:
        """Every answer with its evidence, in the order of the content; none when there is nothing to look for."""
        text = normalise(text)
        if not text or not self._entries:
            return []
        vector = encoder.encode(text)
        near = self._best_three(self._vectors @ vector)
        overlap = self._best_three(self._pairs.overlaps(text)).mean(axis=1)
        evidence = zip(
            self._entries, near[:, -1], near.mean(axis=1), overlap, self._bodies @ vector, self._wording.scores(text),
            strict=True,
        )  # fmt: skip
        exact = self._exact.get(text)
        return [Match(entry, entry.id == exact, *map(float, values)) for entry, *values in evidence]

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


def _everything(entry: Answer) -> str:
    return "\n".join([*entry.phrases, entry.claims, entry.beyond_corpus or ""])


@cache
def answer_search() -> AnswerSearch:
    return AnswerSearch(answers())
