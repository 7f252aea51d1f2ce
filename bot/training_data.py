"""What the NLU learns from beside ``nlu_data/intents``: the questions the written answers answer."""

from pathlib import Path
from typing import Dict, List

import yaml

ANSWERS = Path(__file__).parent.parent / "knowledge_base" / "content" / "answers"


def from_answers(folder: Path = ANSWERS) -> str:
    """Rasa training data, as YAML text: every question and phrasing under the intent its file names."""
    asked: Dict[str, List[str]] = {}
    for path in sorted(folder.glob("*/*.yml")):
        for answer in yaml.safe_load(path.read_text(encoding="utf-8")):
            asked.setdefault(path.stem, []).extend([answer["question"], *answer["phrasings"]])
    items = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in asked.items()
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": items}, allow_unicode=True)
