"""Hybrid search over short texts: words, character bigrams and sentence vectors.

The three rankings are fused by weighted reciprocal rank. An index is built once and kept on disk
under a name made from everything it depends on.
"""

import hashlib
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base import encoder
from knowledge_base.text import LEXICON, bigrams, words

FORMAT = "1"
Scores = NDArray[np.float32]


def cache_folder() -> Path:
    """``FAZHU_CACHE``, by default a folder in ``FAZHU_VAR``. Everything there can be made again."""
    return Path(os.environ.get("FAZHU_CACHE") or Path(os.environ.get("FAZHU_VAR", "var")) / "cache")


@dataclass(frozen=True)
class Weights:
    """How much each ranking counts, and how fast its later ranks fade."""

    words: float = 1.0
    bigrams: float = 1.0
    vectors: float = 1.0
    fade: float = 20.0
    pool: int = 100  # ranks considered from each


class HybridIndex:
    """Search over ``n`` texts by position."""

    def __init__(self, by_word: bm25s.BM25, by_bigram: bm25s.BM25, vectors: encoder.Vectors) -> None:
        self._by_word = by_word
        self._by_bigram = by_bigram
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    def word_scores(self, text: str) -> Scores:
        return _bm25(self._by_word, words(text), len(self))

    def bigram_scores(self, text: str) -> Scores:
        return _bm25(self._by_bigram, bigrams(text), len(self))

    def similarities(self, text: str) -> Scores:
        """Cosine of ``text`` with every text of the index, in [-1, 1]."""
        return self._vectors @ encoder.encode(text)

    def search(self, text: str, expanded: str, limit: int, weights: Weights) -> list[tuple[int, float]]:
        """Positions and fused scores, best first. ``expanded`` is what the word ranking sees."""
        fused = np.zeros(len(self), np.float32)
        for weight, scores in (
            (weights.words, self.word_scores(expanded)),
            (weights.bigrams, self.bigram_scores(text)),
            (weights.vectors, self.similarities(text)),
        ):
            best = _top(scores, weights.pool)
            fused[best] += weight / (weights.fade + np.arange(1, len(best) + 1))
        return [(int(i), float(fused[i])) for i in _top(fused, limit)]

    def save(self, folder: Path) -> None:
        self._by_word.save(str(folder / "words"))
        self._by_bigram.save(str(folder / "bigrams"))
        np.save(folder / "vectors.npy", self._vectors.astype(np.float16))

    @classmethod
    def load(cls, folder: Path) -> "HybridIndex":
        return cls(
            bm25s.BM25.load(str(folder / "words")),
            bm25s.BM25.load(str(folder / "bigrams")),
            np.load(folder / "vectors.npy").astype(np.float32),
        )


def _top(scores: Scores, n: int) -> NDArray[np.intp]:
    """Positions of the ``n`` best positive scores, best first."""
    n = min(n, len(scores))
    if n == 0:
        return np.empty(0, np.intp)
    best = np.argpartition(scores, -n)[-n:]
    best = best[np.argsort(-scores[best], kind="stable")]
    return best[scores[best] > 0]


def _bm25(model: bm25s.BM25, tokens: list[str], n: int) -> Scores:
    known = [token for token in tokens if token in model.vocab_dict]
    if not known:
        return np.zeros(n, np.float32)
    return np.asarray(model.get_scores(known), np.float32)


def _lexical(texts: Sequence[str], split: Callable[[str], list[str]]) -> bm25s.BM25:
    model = bm25s.BM25()
    model.index([split(text) for text in texts], show_progress=False)
    return model


def build(texts: Sequence[str]) -> HybridIndex:
    return HybridIndex(_lexical(texts, words), _lexical(texts, bigrams), encoder.encode_all(list(texts)))


class Wording:
    """BM25 of character pairs over whole documents, small enough to be indexed at every start."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        self._model = _lexical(texts, bigrams)

    def scores(self, text: str) -> Scores:
        """Score of every document for each pair of characters of ``text``."""
        pairs = bigrams(text)
        return _bm25(self._model, pairs, self._size) / np.float32(max(len(pairs), 1))


class PairOverlap:
    """How much two texts share of their pairs of characters, rare pairs counting more."""

    def __init__(self, texts: Sequence[str]) -> None:
        pairs = [set(bigrams(text)) for text in texts]
        self._postings: dict[str, list[int]] = {}
        for i, found in enumerate(pairs):
            for pair in found:
                self._postings.setdefault(pair, []).append(i)
        self._most = math.log(1 + len(texts))
        self._own = np.array([sum(map(self._information, found)) for found in pairs], np.float32)

    def _information(self, pair: str) -> float:
        return self._most - math.log(len(self._postings.get(pair, ())) or 1)

    def overlaps(self, text: str) -> Scores:
        """Dice coefficient of ``text`` with every indexed text, in [0, 1]."""
        pairs = set(bigrams(text))
        shared = np.zeros(len(self._own), np.float32)
        for pair in pairs & self._postings.keys():
            shared[self._postings[pair]] += self._information(pair)
        total = self._own + sum(map(self._information, pairs))
        share: Scores = np.divide(2 * shared, total, out=np.zeros_like(shared), where=total > 0)
        return share


def fingerprint(texts: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{FORMAT} {encoder.version()} {bm25s.__version__}".encode())
    digest.update((LEXICON / "legal_terms.txt").read_bytes())
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:16]


def kept(name: str, texts: Sequence[str], write: Callable[[Path], None]) -> Path:
    """A cache folder that ``write`` filled for ``texts``, now or earlier.

    It is filled beside its place and moved there whole, so an interrupted build leaves nothing.
    """
    folder = cache_folder()
    place = folder / f"{name}-{fingerprint(texts)}"
    if place.exists():
        return place
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        work = Path(scratch) / "index"
        work.mkdir()
        write(work)
        try:
            work.rename(place)
        except OSError:
            if not place.exists():  # not merely another process that was faster
                raise
    for stale in folder.glob(f"{name}-*"):
        if stale != place:
            shutil.rmtree(stale, ignore_errors=True)
    return place


def load_or_build(name: str, texts: Sequence[str]) -> HybridIndex:
    """The hybrid index over ``texts``, from disk when nothing it rests on has changed."""
    return HybridIndex.load(kept(name, texts, lambda folder: build(texts).save(folder)))


def vectors(name: str, texts: Sequence[str]) -> encoder.Vectors:
    """The sentence vectors of ``texts``, shape ``(n, 512)``, from disk where possible."""

    def write(folder: Path) -> None:
        np.save(folder / "vectors.npy", encoder.encode_all(list(texts)))

    found: encoder.Vectors = np.load(kept(name, texts, write) / "vectors.npy")
    return found
