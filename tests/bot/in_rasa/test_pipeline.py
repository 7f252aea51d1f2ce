"""Run with the bot's own Python by tests/bot/test_in_rasa.py."""

import asyncio
import unittest

import numpy as np
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot import rasa_patches, spacy_model
from bot.components.sentence_encoder import SentenceEncoderFeaturizer
from bot.components.tracker_store import BoundedTrackerStore


class SpacyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        rasa_patches.install()
        cls.nlp = spacy_model.pipeline()

    def test_the_legal_lexicon_keeps_terms_whole(self) -> None:
        self.assertIn("人身安全保护令", [token.text for token in self.nlp("申请人身安全保护令")])

    def test_kin_and_party_roles_are_recognised(self) -> None:
        doc = self.nlp("老板欠我5000块，我老公也在那干")
        self.assertEqual(
            [(e.label_, e.text, e.ent_id_) for e in doc.ents],
            [("relation", "老板", "employer"), ("relation", "老公", "spouse")],
        )


class SentenceEncoderTest(unittest.TestCase):
    def test_every_text_gets_one_unit_vector(self) -> None:
        featurizer = SentenceEncoderFeaturizer("encoder", SentenceEncoderFeaturizer.get_default_config())
        message = Message({TEXT: "老板拖欠工资"})
        silent = Message({})
        featurizer.process([message, silent])
        [features] = message.features
        self.assertEqual(features.features.shape, (1, 512))
        self.assertAlmostEqual(float(np.linalg.norm(features.features)), 1.0, places=3)
        self.assertEqual(silent.features, [])


class BoundedTrackerStoreTest(unittest.TestCase):
    def test_the_conversations_longest_untouched_are_forgotten(self) -> None:
        store = BoundedTrackerStore(Domain.empty(), limit=2)

        async def visit(*senders: str) -> "list[str]":
            for sender in senders:
                await store.save(DialogueStateTracker.from_events(sender, []))
            return list(await store.keys())

        self.assertEqual(asyncio.run(visit("a", "b", "a", "c")), ["a", "c"])


if __name__ == "__main__":
    unittest.main()
