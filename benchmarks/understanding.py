"""What the trained model makes of texts, asked of the bot in its own environment."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from actions.turn import FALLBACK

ROOT = Path(__file__).parent.parent

Ranking = list[tuple[str, float]]


def rankings(texts: Sequence[str]) -> list[Ranking]:
    """Intents with their probabilities, best first, for each text.

    Raises:
        subprocess.CalledProcessError: the bot has no model or failed; its output says why.
    """
    lines = "\n".join(text.replace("\n", " ") for text in texts)
    run = subprocess.run(
        ["bot/.venv/bin/python", "-W", "ignore", "-m", "bot", "parse"],
        cwd=ROOT, input=lines, stdout=subprocess.PIPE, text=True, check=True, timeout=600,
    )  # fmt: skip
    found = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert len(found) == len(texts)
    return [
        [(i["name"], float(i["confidence"])) for i in message["intent_ranking"] if i["name"] != FALLBACK]
        for message in found
    ]
