"""Topics, intents and services as ``taxonomy.yml`` lists them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

TAXONOMY = Path(__file__).parent / "taxonomy.yml"


@dataclass(frozen=True)
class Topic:
    slug: str
    title: str
    service: str
    intents: dict[str, str]


@dataclass(frozen=True)
class Service:
    slug: str
    title: str
    letter: str


@dataclass(frozen=True)
class Taxonomy:
    topics: dict[str, Topic]
    services: dict[str, Service]
    dialogue: dict[str, str]

    def topic_of(self, intent: str) -> Topic | None:
        """The topic of a consultation intent; None for a dialogue intent."""
        return next((t for t in self.topics.values() if intent in t.intents), None)

    def title_of(self, intent: str) -> str:
        topic = self.topic_of(intent)
        return topic.intents[intent] if topic else self.dialogue.get(intent, intent)


@cache
def taxonomy(path: Path = TAXONOMY) -> Taxonomy:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Taxonomy(
        {slug: Topic(slug, **fields) for slug, fields in data["topics"].items()},
        {slug: Service(slug, **fields) for slug, fields in data["services"].items()},
        data["dialogue"],
    )
