"""A small classifier of short messages that needs no sentence vector: character n-grams, logistic regression.

Built at set-up and kept on disk under a name made from the files it learns from.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from knowledge_base.index import kept


class TextModel:
    def __init__(self, vectorizer: Any, classifier: Any) -> None:
        self._vectorizer = vectorizer
        self._classifier = classifier

    @cached_property
    def classes(self) -> list[str]:
        return [str(name) for name in self._classifier.classes_]

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], weights: Sequence[float]) -> "TextModel":
        """Learn from normalised texts, each with its label and how much it counts."""
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True, dtype=np.float32)
        features = vectorizer.fit_transform(texts)
        classifier = LogisticRegression(C=30.0, max_iter=400).fit(features, labels, np.asarray(weights, np.float32))
        classifier.coef_ = classifier.coef_.astype(np.float32)
        return cls(vectorizer, classifier)

    def chances(self, text: str) -> dict[str, float]:
        """The probability of every class for a normalised text."""
        [row] = self._classifier.predict_proba(self._vectorizer.transform([text]))
        return dict(zip(self.classes, map(float, row), strict=True))

    def save(self, folder: Path) -> None:
        joblib.dump((self._vectorizer, self._classifier), folder / "model.joblib")

    @classmethod
    def load(cls, folder: Path) -> "TextModel":
        return cls(*joblib.load(folder / "model.joblib"))


def text_model(name: str, learns_from: Sequence[Path], fit: Callable[[], TextModel]) -> TextModel:
    """The model from disk, or from ``fit`` when one of the files it ``learns_from`` has changed."""
    state = [sklearn.__version__, *(path.read_text(encoding="utf-8") for path in learns_from)]
    return TextModel.load(kept(name, state, lambda folder: fit().save(folder)))
