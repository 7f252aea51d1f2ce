"""Which matters are offered a transfer to another public number: ``transfers.yml``."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import Field, model_validator

from channels.strict_yaml import Strict, read
from knowledge_base.answers import CONTENT
from nlu_data.taxonomy import taxonomy

TRANSFERS = Path(__file__).parent / "transfers.yml"
FIX = "write it as the head of transfers.yml describes"


class Rule(Strict):
    """One number to transfer to, and for what."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    to: str
    title: str = Field(min_length=2, max_length=30)
    about: str = Field(min_length=2, max_length=40)
    keywords: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> "Rule":
        hotlines = yaml.safe_load((CONTENT / "hotlines.yml").read_text(encoding="utf-8"))
        if self.to not in hotlines:
            raise ValueError(f"{self.to} is no number of content/hotlines.yml")
        if unknown := set(self.topics) - {topic.title for topic in taxonomy().topics.values()}:
            raise ValueError(f"no such topic: {', '.join(sorted(unknown))}")
        if not self.keywords and not self.topics:
            raise ValueError("neither keywords nor topics: it would never be offered")
        return self

    def fits(self, text: str, topic: str | None) -> bool:
        if any(word in text for word in self.unless):
            return False
        return topic in self.topics or any(word in text for word in self.keywords)


class Transfers(Strict):
    agent: str = Field(min_length=1)
    rules: tuple[Rule, ...] = ()

    def rule(self, id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == id)

    def fitting(self, text: str, topic: str | None) -> Rule | None:
        return next((rule for rule in self.rules if rule.fits(text, topic)), None)


def load(path: Path = TRANSFERS) -> Transfers:
    """
    Raises:
        ContentError: the file, the line and the fix of everything wrong.
    """
    return read(path, Transfers, FIX)


@cache
def transfers() -> Transfers:
    return load()
