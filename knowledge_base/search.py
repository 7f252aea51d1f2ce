"""Finding articles and answers for a citizen's own words."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from knowledge_base import encoder
from knowledge_base.answers import Answer, answers
from knowledge_base.index import PairOverlap, Weights, load_or_build, vectors
from knowledge_base.statutes import Article, Corpus, corpus, short_name
from knowledge_base.text import expand, normalise

# Chosen on the answers' own phrasings and the articles they cite: hit@10 0.43 with equal weights, 0.45 so.
STATUTE_WEIGHTS = Weights(words=1.0, bigrams=0.5, vectors=1.0, fade=5.0)


@dataclass(frozen=True)
class Hit:
    article: Article
    score: float


@dataclass(frozen=True)
class Match:
    """An answer and how near its nearest phrasing is.

    ``similarity`` is a cosine in [-1, 1]; ``overlap`` what question and phrasing share of their
    pairs of characters, in [0, 1].
    """

    answer: Answer
    phrase: str
    similarity: float
    overlap: float


class StatuteSearch:
    def __init__(self, laws: Corpus) -> None:
        self._articles = [article for article in laws if not article.amends]
        self._index = load_or_build("statutes", [_searchable(a) for a in self._articles])

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """The nearest articles, best first; none when ``text`` holds no word."""
        text = normalise(text)
        found = self._index.search(text, expand(text), limit, STATUTE_WEIGHTS)
        return [Hit(self._articles[i], score) for i, score in found]


def _searchable(article: Article) -> str:
    return f"{short_name(article.law)} {article.text}"


class AnswerSearch:
    def __init__(self, entries: Sequence[Answer]) -> None:
        self._owners = [entry for entry in entries for _ in entry.phrases]
        self._phrases = [phrase for entry in entries for phrase in entry.phrases]
        self._vectors = vectors("answers", self._phrases)
        self._pairs = PairOverlap(self._phrases)

    def search(self, text: str, limit: int = 8) -> list[Match]:
        """The nearest answers, best first, each by its best phrasing."""
        text = normalise(text)
        if not text or not self._phrases:
            return []
        similarity = self._vectors @ encoder.encode(text)
        overlap = self._pairs.overlaps(text)
        nearness = similarity + overlap
        matches: dict[str, Match] = {}
        for i in np.argsort(-nearness, kind="stable"):
            answer = self._owners[i]
            if answer.id not in matches:
                matches[answer.id] = Match(answer, self._phrases[i], float(similarity[i]), float(overlap[i]))
                if len(matches) == limit:
                    break
        return list(matches.values())


@cache
def statute_search() -> StatuteSearch:
    return StatuteSearch(corpus())


@cache
def answer_search() -> AnswerSearch:
    return AnswerSearch(answers())


if __name__ == "__main__":  # build both indexes before anything is served
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("jieba").setLevel(logging.WARNING)
    statute_search()
    answer_search()
