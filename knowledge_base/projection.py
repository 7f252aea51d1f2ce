"""Sentence vectors turned and scaled so that what people ask of one article lies close together.

The encoder measures how alike two sentences are in general; here it matters only which article they are
about. Linear discriminant analysis keeps the directions in which articles differ and plays down those in
which the questions about one article differ: who asks, how long, how upset.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from knowledge_base.encoder import Vectors

DIMENSIONS = 256
SHRINKAGE = 0.3  # of the scatter within articles, which a dozen questions each leave uncertain
_NEAREST = 30


@dataclass(frozen=True)
class Projection:
    """``vectors -> unit((vectors - mean) @ axes)``; shapes ``(512,)`` and ``(512, 256)``."""

    mean: Vectors
    axes: Vectors

    @classmethod
    def fit(cls, vectors: Vectors, owners: NDArray[np.intp]) -> "Projection":
        """Learn from sentence vectors, each with the number of the article it belongs to."""
        sizes = np.bincount(owners)
        means = np.zeros((len(sizes), vectors.shape[1]), np.float32)
        np.add.at(means, owners, vectors)
        means /= sizes[:, None]
        within = np.cov(vectors - means[owners], rowvar=False, bias=True)
        within += SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
        # Every article counts once, however much is asked about it. scikit-learn's analysis counts it by its
        # questions, which finds 3 of 100 articles fewer.
        between = np.cov(means, rowvar=False, bias=True)
        spread, axes = eigh(between, within)
        spread, axes = spread[::-1][:DIMENSIONS].clip(0), axes[:, ::-1][:, :DIMENSIONS]
        # Along each axis the scatter within articles is 1 and `spread` that between them: axes with little of it
        # hold mostly noise and count for less.
        return cls(vectors.mean(axis=0), (axes * np.sqrt(spread / (1 + spread))).astype(np.float32))

    def __call__(self, vectors: Vectors) -> Vectors:
        """Unit vectors of the same leading shape, ``(…, 256)``."""
        return unit((vectors - self.mean) @ self.axes)

    def save(self, path: Path) -> None:
        np.savez(path, mean=self.mean, axes=self.axes)

    @classmethod
    def load(cls, path: Path) -> "Projection":
        with np.load(path) as held:
            return cls(held["mean"], held["axes"])


@dataclass(frozen=True)
class Meanings:
    """One vector for each of ``n`` things to be found, shape ``(n, 256)``, and how near each is to questions anyway.

    Some vectors are near to almost every question, those of well explained articles above all. Half of the mean
    similarity with the questions nearest to it is taken off (cross-domain similarity local scaling, Conneau et al.,
    2018): what counts is to be nearer than usual.
    """

    vectors: Vectors
    usual: Vectors

    @classmethod
    def of(cls, vectors: Vectors, questions: Vectors) -> "Meanings":
        """Unit vectors of what is to be found, and of what is usually asked."""
        usual = [
            np.sort(questions @ some.T, axis=0)[-_NEAREST:].mean(axis=0)
            for some in np.array_split(vectors, max(len(vectors) // 1000, 1))
        ]
        return cls(vectors, np.concatenate(usual))

    def near(self, vector: Vectors) -> Vectors:
        """How near each is to a question's unit vector, shape ``(n,)``."""
        return np.asarray(self.vectors @ vector - self.usual / 2, np.float32)

    def save(self, path: Path) -> None:
        np.savez(path, vectors=self.vectors.astype(np.float16), usual=self.usual)

    @classmethod
    def load(cls, path: Path) -> "Meanings":
        with np.load(path) as held:
            return cls(held["vectors"].astype(np.float32), held["usual"])


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Each vector divided by its length."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
