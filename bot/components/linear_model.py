"""A linear text classifier: TF-IDF of characters and words beside a sentence vector, one against the rest.

Linear support vectors (liblinear) learn some twenty thousand examples and a hundred intents in half a
minute; what they score becomes a probability through one temperature, chosen on held-out examples.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

THREADS = 2
REST = ""  # what a class is told from


@dataclass(frozen=True)
class Example:
    """A message as the classifier sees it: its text, its words, its sentence vector of shape (512,)."""

    text: str
    words: Sequence[str]
    vector: np.ndarray


@dataclass(frozen=True)
class Settings:
    """The length each view of a message has, how little the weights are held small, and what scores
    are divided by before they become probabilities."""

    characters: float
    words: float
    sentence: float
    freedom: float
    temperature: float


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
    """Learns five classes or more. Scores are above 0 for the right class; see `probabilities`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.classes: List[str] = []
        self._vectorizers = _vectorizers()
        self._centre = np.zeros(0, np.float32)
        self._weights = np.zeros((0, 0), np.float32)  # (features, classes)
        self._bias = np.zeros(0, np.float32)

    def fit(self, examples: Sequence[Example], labels: Sequence[str]) -> LinearModel:
        self._centre = np.mean([e.vector for e in examples], axis=0)
        for name, vectorizer in self._vectorizers.items():
            vectorizer.fit(self._view(examples, name))
        features, named = self._features(examples), np.asarray(labels)
        self.classes = sorted(set(labels))
        with ThreadPoolExecutor(THREADS) as side_by_side:
            shares = [self.classes[i::THREADS] for i in range(THREADS)]
            learned = side_by_side.map(lambda share: self._one_against_rest(features, named, share), shares)
            found = {name: weights for share in learned for name, weights in share.items()}
        self._weights = np.stack([found[name][:-1] for name in self.classes], axis=1).astype(np.float32)
        self._bias = np.array([found[name][-1] for name in self.classes], np.float32)
        return self

    def _one_against_rest(
        self, features: csr_matrix, labels: np.ndarray, share: Sequence[str]
    ) -> Dict[str, np.ndarray]:
        """Weights and bias of each class in ``share``; liblinear leaves Python's lock alone meanwhile."""
        sizes = {name: int((labels == name).sum()) for name in share}
        weights = {name: len(labels) / (len(self.classes) * size) for name, size in sizes.items()}
        machine = LinearSVC(C=self.settings.freedom, class_weight={**weights, REST: 1.0}, random_state=0)
        machine.fit(features, np.where(np.isin(labels, share), labels, REST))
        both = np.column_stack([machine.coef_, machine.intercept_])
        return {name: row for name, row in zip(machine.classes_.tolist(), both, strict=True) if name != REST}

    def scores(self, examples: Sequence[Example]) -> np.ndarray:
        """Shape (examples, classes)."""
        return self._features(examples) @ self._weights + self._bias

    def probabilities(self, examples: Sequence[Example]) -> np.ndarray:
        """Shape (examples, classes); rows sum to one."""
        return softmax(self.scores(examples) / self.settings.temperature)

    @staticmethod
    def _view(examples: Sequence[Example], name: str) -> List:
        return [e.text.lower() if name == "characters" else e.words for e in examples]

    def _features(self, examples: Sequence[Example]) -> csr_matrix:
        parts = [
            getattr(self.settings, name) * vectorizer.transform(self._view(examples, name))
            for name, vectorizer in self._vectorizers.items()
        ]
        vectors = np.array([e.vector for e in examples], np.float32) - self._centre
        vectors *= self.settings.sentence / np.linalg.norm(vectors, axis=1, keepdims=True)
        return hstack([*parts, csr_matrix(vectors)], format="csr", dtype=np.float32)

    def save(self, folder: Path) -> None:
        vocabularies = {name: v.get_feature_names_out().tolist() for name, v in self._vectorizers.items()}
        described = {"classes": self.classes, "vocabularies": vocabularies}
        (folder / "model.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
        np.savez(
            folder / "weights.npz", weights=self._weights.astype(np.float16), bias=self._bias, centre=self._centre,
            **{f"idf_{name}": v.idf_ for name, v in self._vectorizers.items()},
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> LinearModel:
        described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        model = cls(settings)
        model.classes = described["classes"]
        model._vectorizers = _vectorizers(described["vocabularies"])
        with np.load(folder / "weights.npz") as kept:
            model._weights = kept["weights"].astype(np.float32)
            model._bias, model._centre = kept["bias"], kept["centre"]
            for name, vectorizer in model._vectorizers.items():
                vectorizer.idf_ = kept[f"idf_{name}"]
        return model


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
