"""Messages that only make sense together with what was said before: 那要多久, 如果没有借条呢, 孩子才一岁.

A small classifier learns them from ``content/followups.yml`` and, as messages that stand alone, from
the NLU's training examples. What it finds is read together with the question before it.
"""

import re
from functools import cache
from pathlib import Path

import yaml

from knowledge_base.answers import CONTENT
from knowledge_base.text import normalise
from knowledge_base.text_model import TextModel, text_model
from nlu_data.lint import HERE as NLU_DATA
from nlu_data.lint import examples
from nlu_data.taxonomy import taxonomy

EXAMPLES = CONTENT / "followups.yml"
FOLLOWS, STANDS = "follows", "stands"
# Examples of first messages are thirty times as many as the second messages written for this; 好的 and
# 谢谢 are second messages themselves.
EVERYDAY_WEIGHT, DIALOGUE_WEIGHT = 0.015, 0.2
# On the test set, never trained on: see tests/knowledge_base/test_followup.py.
SURE = 0.2
BARE = 3  # characters: shorter ones that ask nothing (是的, 没有) are a yes or a no
LONGEST = 200  # characters of what was said before
_ASKS = re.compile(
    r"[?？]|[吗呢么嘛不没]$|怎么|怎样|咋|什么|啥|多久|多少|多长|几|哪|谁|为何|为什么|能不能|可不可以|要不要|是不是|有没有|行不行|算不算"
)


def fit() -> TextModel:
    written = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    labelled = [(normalise(entry["says"]), label, 1.0) for label in (FOLLOWS, STANDS) for entry in written[label]]
    alone = [
        (normalise(e.text), STANDS, DIALOGUE_WEIGHT if e.intent in taxonomy().dialogue else EVERYDAY_WEIGHT)
        for e in examples(NLU_DATA / "intents")
    ]
    texts, labels, weights = zip(*labelled, *alone, strict=True)
    return TextModel.fit(texts, labels, weights)


@cache
def followup_model() -> TextModel:
    learns_from = [EXAMPLES, *sorted((NLU_DATA / "intents").glob("*/*.yml")), Path(__file__)]
    return text_model("followup", learns_from, fit)


def follows(text: str) -> bool:
    """Whether a normalised message needs what was said before to be understood."""
    if len(text) <= BARE and not asks(text):
        return False
    return followup_model().chances(text)[FOLLOWS] >= SURE


def asks(text: str) -> bool:
    """Whether a follow-up asks something more; otherwise it adds a fact."""
    return bool(_ASKS.search(text))


def together(before: str, text: str) -> str:
    """The question before and what follows it, as one text."""
    return f"{before[:LONGEST].rstrip('。，！？；,.!?; ')}，{text}"
