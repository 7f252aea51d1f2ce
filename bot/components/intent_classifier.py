"""Rasa's intent classifier of FaZhu: a linear model with probabilities that mean what they say."""

from __future__ import annotations

import logging
from typing import Any, Dict, List, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.linear_model import Example, LinearModel, Settings

log = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Ranks all intents; `temperature` makes the confidences probabilities (see ``make nlu-report``)."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> List[Text]:
        return ["sklearn", "scipy"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"characters": 1.0, "words": 0.7, "sentence": 1.0, "freedom": 0.5, "temperature": 0.16}

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self._settings = Settings(**{name: config[name] for name in self.get_default_config()})
        self._storage = storage
        self._resource = resource
        self._model = LinearModel(self._settings)

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        messages = [m for m in training_data.intent_examples if m.get(TEXT)]
        examples = [_example(m) for m in messages]
        labels = [m.get(INTENT) for m in messages]
        self._model = LinearModel(self._settings).fit(examples, labels)
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            loaded._model = LinearModel.load(folder, loaded._settings)
        return loaded

    def process(self, messages: List[Message]) -> List[Message]:
        asked = [m for m in messages if m.get(TEXT)]
        if not asked:
            return messages
        for message, row in zip(asked, self._model.probabilities([_example(m) for m in asked]), strict=True):
            ranking = [{INTENT_NAME_KEY: self._model.classes[i], "confidence": float(row[i])} for i in np.argsort(-row)]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _example(message: Message) -> Example:
    vector = next(
        f.features[0]
        for f in message.features
        if f.type == FEATURE_TYPE_SENTENCE and f.attribute == TEXT and f.is_dense()
    )
    return Example(message.get(TEXT), [t.text for t in message.get(TOKENS_NAMES[TEXT])], np.asarray(vector))
