"""Conversations as citizens have them, over the whole running product with real Rasa.

Each is a list of turns in ``*.yml``: what the citizen says, and what of FaZhu's turn is checked:
``types`` of the replies in order, words it ``says`` or ``not_says``, the ``topic``, an article it
``cites``, a ``button`` it offers, whether a ``ticket`` is made. ``{code}`` and ``{pin}`` in what the
citizen says are those shown to them before.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.services import Product

CONVERSATIONS = [
    pytest.param(turns, id=f"{path.stem}: {name}")
    for path in sorted(Path(__file__).parent.glob("*.yml"))
    for name, turns in yaml.safe_load(path.read_text(encoding="utf-8")).items()
]
CHECKS = {"citizen", "types", "says", "not_says", "topic", "cites", "button", "ticket"}


@pytest.mark.parametrize("turns", CONVERSATIONS)
def test_conversation(product: Product, turns: list[dict[str, Any]]) -> None:
    chat = product.chat()
    shown: dict[str, str] = {}
    for turn in turns:
        assert turn.keys() <= CHECKS, turn.keys() - CHECKS
        heard = chat.say(str(turn["citizen"]).format_map(shown))
        text = "\n".join(reply["text"] for reply in heard["replies"])
        context = f"\n{turn['citizen']}\n→ [{heard['intent']}, {heard['topic']}, {heard['confidence']}] {text}"
        assert heard["degraded"] is False, context
        if "types" in turn:
            assert [reply["type"] for reply in heard["replies"]] == turn["types"], context
        for words in turn.get("says", []):
            assert words in text, context
        for words in turn.get("not_says", []):
            assert words not in text, context
        if "topic" in turn:
            assert heard["topic"] == turn["topic"], context
        if "cites" in turn:
            law, article = turn["cites"].split()
            cited = {(c["law"], c["article"]) for reply in heard["replies"] for c in reply["citations"]}
            assert (f"中华人民共和国{law}", int(article)) in cited, context
        if "button" in turn:
            assert turn["button"] in [b["title"] for reply in heard["replies"] for b in reply["buttons"]], context
        if "ticket" in turn:
            assert bool(heard["ticket"]) is turn["ticket"], context
        if found := re.search(r"工单编号：(\S+)\n查询码：(\d{6})", text):
            shown = {"code": found[1], "pin": found[2]}
