"""A linear text classifier: TF-IDF of characters and words beside a sentence vector, by ridge regression.

Solved in closed form over the examples' kernel, which for some ten thousand examples and a hundred
intents takes seconds where iterated logistic regression takes minutes, at the same accuracy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Sequence, Tuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer


@dataclass(frozen=True)
class Example:
    """A message as the classifier sees it: its text, its words, its sentence vector of shape (512,)."""

    text: str
    words: Sequence[str]
    vector: np.ndarray


@dataclass(frozen=True)
class Settings:
    """How much each view of a message counts, and how strongly weights are held small."""

    characters: float
    words: float
    sentence: float
    penalty: float


def _vectorizers(vocabularies: Mapping[str, Sequence[str]] | None = None) -> Dict[str, TfidfVectorizer]:
    known = vocabularies or {}
    return {
        "characters": TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True, vocabulary=known.get("characters")
        ),
        "words": TfidfVectorizer(analyzer=_itself, min_df=2, sublinear_tf=True, vocabulary=known.get("words")),
    }


def _itself(words: Sequence[str]) -> Sequence[str]:
    return words


class LinearModel:
    """Scores near 1 for the right class and near 0 for the others; see `probabilities`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.classes: List[str] = []
        self.temperature = 0.1
        self._vectorizers = _vectorizers()
        self._centre = np.zeros(0, np.float32)
        self._count_weights = self._vector_weights = np.zeros((0, 0), np.float32)
        self._bias = np.zeros(0, np.float32)

    def fit(self, examples: Sequence[Example], labels: Sequence[str]) -> LinearModel:
        self.classes = sorted(set(labels))
        self._centre = np.mean([e.vector for e in examples], axis=0)
        for name, vectorizer in self._vectorizers.items():
            vectorizer.fit(self._view(examples, name))
        counts, vectors = self._features(examples)
        # A constant part in the kernel stands for the bias.
        kernel = (counts @ counts.T).toarray() + vectors @ vectors.T + np.float32(0.1)
        kernel[np.diag_indices_from(kernel)] += self.settings.penalty
        targets = np.zeros((len(labels), len(self.classes)), np.float32)
        targets[np.arange(len(labels)), [self.classes.index(label) for label in labels]] = 1
        duals = cho_solve(cho_factor(kernel, overwrite_a=True, check_finite=False), targets, check_finite=False)
        self._count_weights = counts.T @ duals
        self._vector_weights = vectors.T @ duals
        self._bias = 0.1 * duals.sum(axis=0)
        return self

    def scores(self, examples: Sequence[Example]) -> np.ndarray:
        """Shape (examples, classes)."""
        counts, vectors = self._features(examples)
        return counts @ self._count_weights + vectors @ self._vector_weights + self._bias

    def probabilities(self, examples: Sequence[Example]) -> np.ndarray:
        """Shape (examples, classes); rows sum to one."""
        return softmax(self.scores(examples) / self.temperature)

    @staticmethod
    def _view(examples: Sequence[Example], name: str) -> List:
        return [e.text.lower() if name == "characters" else e.words for e in examples]

    def _features(self, examples: Sequence[Example]) -> Tuple[csr_matrix, np.ndarray]:
        """Sparse and dense features; each view has unit length and counts by its weight."""
        parts = [
            getattr(self.settings, name) ** 0.5 * vectorizer.transform(self._view(examples, name))
            for name, vectorizer in self._vectorizers.items()
        ]
        vectors = np.array([e.vector for e in examples], np.float32) - self._centre
        vectors *= self.settings.sentence**0.5 / np.linalg.norm(vectors, axis=1, keepdims=True)
        return hstack(parts, format="csr", dtype=np.float32), vectors

    def save(self, folder: Path) -> None:
        vocabularies = {name: v.get_feature_names_out().tolist() for name, v in self._vectorizers.items()}
        described = {"classes": self.classes, "temperature": self.temperature, "vocabularies": vocabularies}
        (folder / "model.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / "weights.npz", count_weights=self._count_weights.astype(np.float16), vector_weights=self._vector_weights, bias=self._bias, centre=self._centre,
            **{f"idf_{name}": v.idf_ for name, v in self._vectorizers.items()},
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> LinearModel:
        described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        model = cls(settings)
        model.classes, model.temperature = described["classes"], described["temperature"]
        model._vectorizers = _vectorizers(described["vocabularies"])
        with np.load(folder / "weights.npz") as kept:
            model._count_weights = kept["count_weights"].astype(np.float32)
            model._vector_weights = kept["vector_weights"]
            model._bias, model._centre = kept["bias"], kept["centre"]
            for name, vectorizer in model._vectorizers.items():
                vectorizer.idf_ = kept[f"idf_{name}"]
        return model


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def best_temperature(scores: np.ndarray, right: np.ndarray) -> float:
    """The temperature under which examples the model has not seen are least surprising.

    ``scores`` has shape (examples, classes), ``right`` the index of each example's class.
    """
    rows = np.arange(len(right))
    candidates = np.geomspace(0.02, 0.5, 60)
    surprise = [-np.log(softmax(scores / t)[rows, right] + 1e-12).mean() for t in candidates]
    return float(candidates[int(np.argmin(surprise))])
