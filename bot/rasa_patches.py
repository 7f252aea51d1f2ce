"""What FaZhu changes in Rasa 3.6 at start-up, each for a measured or stated reason.

Applied by ``python -m bot`` before Rasa's own command line runs; nothing on disk is altered.
"""

import hashlib
import inspect
from pathlib import Path
from typing import Any, Dict

import jieba
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions import action
from rasa.engine.training import hooks
from rasa.shared.constants import DOCS_BASE_URL
from rasa.utils import log_utils

LEXICON = Path(__file__).parent.parent / "nlu_data" / "lexicon" / "legal_terms.txt"
ACTION_TIMEOUT = 5.0
# The Rasa code the validator below stands in for. Another digest means Rasa changed it: read the
# new code, adapt `validate_action_result`, then update this.
VALIDATOR_DIGEST = "f8cdb4be6812396167ced74161b2ccd65c5ea676ad86d7d359d8c322d9d8dc42"

_PERSONAL = [
    "text",
    "response_text",
    "user_text",
    "slot_values",
    "parse_data_text",
    "parse_data_entities",
    "prediction_events",
    "tracker_latest_message",
    "prefilled_slots",
    "message",
    "response",
    "slot_candidates",
    "rasa_event",
    "rasa_events",
    "tracker_states",
    "current_states",
    "old_states",
    "successes",
    "current_entity",
    "next_entity",
    "states",
    "entity",
    "token_text",
    "user_message",
    "json_message",
]

_schema = action.RemoteAction.action_response_format_spec()
_validator = validator_for(_schema)(_schema)


def validator_digest() -> str:
    source = inspect.getsource(action.RemoteAction._validate_action_result)
    return hashlib.sha256(source.encode()).hexdigest()


def validate_action_result(self: Any, result: Dict[str, Any]) -> bool:
    """Rasa's check of an action server's reply, with the schema compiled once.

    Rasa checks the fixed schema against the metaschema on every call, about 27 ms of a 34 ms turn.

    Raises:
        jsonschema.ValidationError: as Rasa's own, with the same advice added.
    """
    error = best_match(_validator.iter_errors(result))
    if error is None:
        return True
    error.message += (
        ". Failed to validate Action server response from API, make sure your response from the"
        f" Action endpoint is valid. For more information about the format visit {DOCS_BASE_URL}/custom-actions"
    )
    raise error


def drop_personal(_: Any, __: str, event: Dict[str, Any]) -> Dict[str, Any]:
    """Log processor: what citizens say and slots hold never reaches a log."""
    return {key: "…" if key in _PERSONAL else value for key, value in event.items()}


def keep_nothing(*_: Any, **__: Any) -> Dict[str, Any]:
    """Training hook: Rasa takes the fingerprint of all it hands on, twenty seconds of a training, for a
    cache that is switched off."""
    return {}


def install() -> None:
    hooks.TrainingHook.on_before_node = hooks.TrainingHook.on_after_node = keep_nothing
    action.RemoteAction._validate_action_result = validate_action_result
    action.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT  # Rasa waits 300 s
    log_utils._anonymizer = drop_personal
    jieba.setLogLevel("WARNING")
    with open(LEXICON, "rb") as lexicon:
        jieba.load_userdict(lexicon)  # spaCy's tokenizer uses the global one
