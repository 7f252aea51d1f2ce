"""What searching is made of: BM25 over words or pairs of characters, overlaps, sentence vectors, and a cache for them.

Whatever takes long to build is built once and kept on disk under a name made from everything it depends on.
"""

import hashlib
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge_base import encoder
from knowledge_base.text import LEXICON, bigrams

FORMAT = "2"
Scores = NDArray[np.float32]


def cache_folder() -> Path:
    """``FAZHU_CACHE``, by default a folder in ``FAZHU_VAR``. Everything there can be made again."""
    return Path(os.environ.get("FAZHU_CACHE") or Path(os.environ.get("FAZHU_VAR", "var")) / "cache")


class Lexical:
    """BM25 over ``n`` texts given as tokens."""

    def __init__(self, model: bm25s.BM25) -> None:
        self._model = model
        self._size = int(model.scores["num_docs"])
        holders = np.diff(model.scores["indptr"])
        self._information = np.log1p((self._size - holders + 0.5) / (holders + 0.5))  # as in Lucene's BM25

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> "Lexical":
        model = bm25s.BM25()
        model.index(texts, show_progress=False)
        return cls(model)

    def scores(self, tokens: Sequence[str]) -> Scores:
        """BM25 of every text, shape ``(n,)``."""
        known = self._known(tokens)
        if not known:
            return np.zeros(self._size, np.float32)
        return np.asarray(self._model.get_scores_from_ids(known), np.float32)

    def shares(self, tokens: Sequence[str]) -> Scores:
        """How much of what is asked each text holds, rare tokens counting more: BM25 over its upper bound, in
        [0, 1). Unlike BM25 itself it means the same for short and long questions."""
        return self.scores(tokens) / np.float32(max(self._information[self._known(tokens)].sum(), 1e-6))

    def _known(self, tokens: Sequence[str]) -> list[int]:
        """Numbers of the tokens that stand in any text; bm25s gives the empty one a number that is none."""
        return [self._model.vocab_dict[token] for token in tokens if token and token in self._model.vocab_dict]

    def save(self, folder: Path) -> None:
        self._model.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> "Lexical":
        return cls(bm25s.BM25.load(str(folder)))


def best(scores: Scores, n: int) -> NDArray[np.intp]:
    """Positions of the ``n`` best positive scores, best first."""
    found = np.flatnonzero(scores > 0)  # first, since partitioning thousands of zeros is slow
    if len(found) > n:
        found = found[np.argpartition(scores[found], -n)[-n:]]
    return found[np.argsort(-scores[found], kind="stable")]


def reciprocal_ranks(rankings: Iterable[NDArray[np.intp]], size: int, fade: float) -> Scores:
    """Rankings of ``size`` things put together: each rank from 0 on gives 1 / (fade + rank)."""
    total = np.zeros(size, np.float32)
    for found in rankings:
        total[found] += 1 / (fade + np.arange(len(found)))
    return total


class Wording:
    """BM25 of character pairs over whole documents, small enough to be indexed at every start."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._model = Lexical.build([bigrams(text) for text in texts])

    def scores(self, text: str) -> Scores:
        """Score of every document for each pair of characters of ``text``."""
        pairs = bigrams(text)
        return self._model.scores(pairs) / np.float32(max(len(pairs), 1))


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


def vectors(name: str, texts: Sequence[str]) -> encoder.Vectors:
    """The sentence vectors of ``texts``, shape ``(n, 512)``, from disk where possible; texts that an earlier set held
    are not encoded again."""

    def write(folder: Path) -> None:
        known = _encoded_before(name)
        new = [text for text in dict.fromkeys(texts) if _digest(text) not in known]
        known |= dict(zip(map(_digest, new), encoder.encode_all(new).astype(np.float16), strict=True)) if new else {}
        np.save(folder / "vectors.npy", np.array([known[_digest(text)] for text in texts], np.float16))
        (folder / "texts.txt").write_text("\n".join([encoder.version(), *map(_digest, texts)]), encoding="ascii")

    found: encoder.Vectors = np.load(kept(name, texts, write) / "vectors.npy").astype(np.float32)
    return found.reshape(len(texts), -1)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _encoded_before(name: str) -> dict[str, NDArray[np.float16]]:
    """Vectors of the sets of this name that are still on disk, made by the same encoder."""
    known: dict[str, NDArray[np.float16]] = {}
    for folder in cache_folder().glob(f"{name}-*"):
        try:
            version, *digests = (folder / "texts.txt").read_text(encoding="ascii").split("\n")
            if version == encoder.version():
                known |= dict(zip(digests, np.load(folder / "vectors.npy"), strict=True))
        except (OSError, ValueError):  # of another format, or being removed by another process
            continue
    return known
