"""A small classifier for danger now, for what no pattern foresees.

It learns from the messages in ``content/red_line_examples.yml`` and, as harmless ones, from second
messages in conversations (``content/followups.yml``) and the NLU's training examples.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

from knowledge_base.answers import CONTENT
from knowledge_base.text import normalise
from knowledge_base.text_model import TextModel, text_model
from nlu_data.lint import HERE as NLU_DATA
from nlu_data.lint import examples

EXAMPLES = CONTENT / "red_line_examples.yml"
FOLLOWUPS = CONTENT / "followups.yml"
HARMLESS = "none"
# An everyday consultation says less about where the border lies than a look-alike written for it.
EVERYDAY_WEIGHT = 0.5

Labelled = tuple[str, str]  # (situation or `HARMLESS`, normalised message)


def labelled(path: Path = EXAMPLES) -> list[Labelled]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [(situation, normalise(text)) for situation, texts in data.items() for text in texts]


def everyday(may_speak_of_danger: Sequence[str]) -> list[Labelled]:
    first = [e.text for e in examples(NLU_DATA / "intents") if e.intent not in may_speak_of_danger]
    second = [
        entry["says"] for entries in yaml.safe_load(FOLLOWUPS.read_text(encoding="utf-8")).values() for entry in entries
    ]
    return [(HARMLESS, normalise(text)) for text in (*first, *second)]


def fit(written: Sequence[Labelled], harmless: Sequence[Labelled]) -> TextModel:
    both = [*written, *harmless]
    weights = [1.0] * len(written) + [EVERYDAY_WEIGHT] * len(harmless)
    return TextModel.fit([text for _, text in both], [situation for situation, _ in both], weights)


def judge(model: TextModel, text: str) -> tuple[str, float]:
    """The likeliest situation of a normalised message and the probability that it is any at all."""
    chances = model.chances(text)
    danger = 1.0 - chances.pop(HARMLESS)
    return max(chances, key=chances.__getitem__), danger


@cache
def danger_model(may_speak_of_danger: tuple[str, ...]) -> TextModel:
    learns_from = [EXAMPLES, FOLLOWUPS, *sorted((NLU_DATA / "intents").glob("*/*.yml")), Path(__file__)]
    return text_model("danger", learns_from, lambda: fit(labelled(), everyday(may_speak_of_danger)))
