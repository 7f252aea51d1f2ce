"""A small classifier for danger now, for what no pattern foresees: character n-grams, logistic regression.

It learns from the messages in ``content/red_line_examples.yml`` and, as harmless ones, from the NLU's
training examples. Built at set-up, kept beside the search indexes under a name made from all it rests on.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import sklearn
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from knowledge_base.answers import CONTENT
from knowledge_base.index import kept
from knowledge_base.text import normalise
from nlu_data.lint import HERE as NLU_DATA
from nlu_data.lint import examples

EXAMPLES = CONTENT / "red_line_examples.yml"
HARMLESS = "none"
# An everyday consultation says less about where the border lies than a look-alike written for it.
EVERYDAY_WEIGHT = 0.3

Labelled = tuple[str, str]  # (situation or `HARMLESS`, normalised message)


def labelled(path: Path = EXAMPLES) -> list[Labelled]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [(situation, normalise(text)) for situation, texts in data.items() for text in texts]


def everyday(may_speak_of_danger: Sequence[str]) -> list[Labelled]:
    found = examples(NLU_DATA / "intents")
    return [(HARMLESS, normalise(text)) for _, _, intent, text in found if intent not in may_speak_of_danger]


class DangerModel:
    def __init__(self, vectorizer: Any, classifier: Any) -> None:
        self._vectorizer = vectorizer
        self._classifier = classifier
        self._situations = [str(name) for name in classifier.classes_]
        self._harmless = self._situations.index(HARMLESS)

    @classmethod
    def fit(cls, written: Sequence[Labelled], everyday: Sequence[Labelled]) -> "DangerModel":
        both = [*written, *everyday]
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True)
        features = vectorizer.fit_transform([text for _, text in both])
        weights = [1.0] * len(written) + [EVERYDAY_WEIGHT] * len(everyday)
        classifier = LogisticRegression(C=30.0, max_iter=400).fit(features, [s for s, _ in both], weights)
        return cls(vectorizer, classifier)

    def judge(self, text: str) -> tuple[str, float]:
        """The likeliest situation of a normalised message and the probability that it is any at all."""
        chances = self._classifier.predict_proba(self._vectorizer.transform([text]))[0]
        danger = 1.0 - float(chances[self._harmless])
        chances[self._harmless] = 0.0
        return self._situations[int(chances.argmax())], danger

    def save(self, folder: Path) -> None:
        joblib.dump((self._vectorizer, self._classifier), folder / "model.joblib")

    @classmethod
    def load(cls, folder: Path) -> "DangerModel":
        return cls(*joblib.load(folder / "model.joblib"))


@cache
def danger_model(may_speak_of_danger: tuple[str, ...]) -> DangerModel:
    """Built when anything it learns from has changed, else from disk."""
    written, harmless = labelled(), everyday(may_speak_of_danger)
    texts = [f"{sklearn.__version__} {EVERYDAY_WEIGHT}", *(f"{s}\t{text}" for s, text in (*written, *harmless))]
    return DangerModel.load(kept("danger", texts, lambda folder: DangerModel.fit(written, harmless).save(folder)))
