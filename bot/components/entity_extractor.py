"""Rasa's entity extractor of FaZhu over `bot.entities`."""

from __future__ import annotations

from functools import cache
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.entities import EntityFinder


@cache
def _finder() -> EntityFinder:
    return EntityFinder()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ConsultationEntityExtractor(EntityExtractorMixin, GraphComponent):
    """Adds sums, times, ages, names, places and numbers to mask; see `bot.entities.Entity` for the values."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ConsultationEntityExtractor:
        _finder()  # loaded with the model, not with the first citizen's message
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            found = [
                {
                    "entity": e.kind,
                    "start": e.start,
                    "end": e.end,
                    "value": text[e.start : e.end] if e.value is None else e.value,
                }
                for e in _finder().find(text)
            ]
            tagged = self.add_extractor_name(found)
            message.set(ENTITIES, [*message.get(ENTITIES, []), *tagged], add_to_output=True)
        return messages
