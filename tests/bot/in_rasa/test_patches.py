"""Run with the bot's own Python by tests/bot/test_in_rasa.py."""

import inspect
import logging
import unittest

from jsonschema import ValidationError
from rasa.core.actions import action

from bot import rasa_patches

ORIGINAL = action.RemoteAction._validate_action_result
ORIGINAL_DIGEST = rasa_patches.validator_digest()  # before any test installs the patches


class PatchesTest(unittest.TestCase):
    def setUp(self) -> None:
        self.remote = action.RemoteAction("action_consult", None)

    def test_rasa_has_not_changed_the_code_that_is_replaced(self) -> None:
        self.assertEqual(
            ORIGINAL_DIGEST, rasa_patches.VALIDATOR_DIGEST,
            "Rasa changed RemoteAction._validate_action_result: read it, adapt rasa_patches, then set the new digest",
        )  # fmt: skip

    def test_the_compiled_validator_passes_and_refuses_what_rasas_does(self) -> None:
        good = {"events": [{"event": "slot"}], "responses": [{"text": "好"}]}
        for result in (good, {"events": None}, {"events": "x"}, {"responses": [1]}, {"events": [{}]}, {}, []):
            own = self.verdict(rasa_patches.validate_action_result, result)
            self.assertEqual(own, self.verdict(ORIGINAL, result), result)

    def verdict(self, validate: object, result: object) -> object:
        try:
            return validate(self.remote, result)  # type: ignore[operator]
        except ValidationError as error:
            return error.message

    def test_nothing_a_citizen_says_reaches_the_log(self) -> None:
        event = {
            "event": "processor.message.received",
            "text": "老公打我",
            "sender_id": "abc",
            "slot_values": {"phone": "13000000000"},
        }
        kept = rasa_patches.drop_personal(logging.getLogger(), "info", event)
        self.assertNotIn("老公", str(kept))
        self.assertNotIn("13000000000", str(kept))
        self.assertEqual(kept["event"], "processor.message.received")

    def test_install_puts_everything_in_place(self) -> None:
        rasa_patches.install()
        self.assertIs(action.RemoteAction._validate_action_result, rasa_patches.validate_action_result)
        self.assertEqual(action.DEFAULT_REQUEST_TIMEOUT, rasa_patches.ACTION_TIMEOUT)
        self.assertIn("DEFAULT_REQUEST_TIMEOUT", inspect.getsource(action.RemoteAction.run))


if __name__ == "__main__":
    unittest.main()
