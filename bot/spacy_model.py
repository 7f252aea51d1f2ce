"""The spaCy pipeline Rasa loads: blank Chinese, jieba words, an entity ruler from data.

No Chinese model of spaCy's own is needed: tokens come from jieba, entities from
``nlu_data/entities/*.yml``.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any, Dict, List

import spacy
import yaml
from spacy.language import Language

ROOT = Path(__file__).parent.parent
ENTITIES = ROOT / "nlu_data" / "entities"
TARGET = ROOT / "bot" / "spacy_zh"


def patterns(folder: Path = ENTITIES) -> List[Dict[str, Any]]:
    """Entity ruler patterns from one file an entity, which lists under ``words`` the words for each value."""
    return [
        {"label": path.stem, "pattern": word, "id": value}
        for path in sorted(folder.glob("*.yml"))
        for value, words in yaml.safe_load(path.read_text(encoding="utf-8"))["words"].items()
        for word in words
    ]


def pipeline() -> Language:
    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
    ruler = nlp.add_pipe("entity_ruler", config={"overwrite_ents": True})
    ruler.add_patterns(patterns())
    return nlp


def build(target: Path = TARGET) -> None:
    """Write the pipeline to ``target``, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        fresh = Path(scratch) / target.name
        pipeline().to_disk(fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
