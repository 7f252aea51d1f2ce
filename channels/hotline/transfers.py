"""Which matters are offered a transfer to another public number: ``transfers.yml``."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from knowledge_base.answers import CONTENT
from knowledge_base.errors import ContentError, Problem
from nlu_data.taxonomy import taxonomy

TRANSFERS = Path(__file__).parent / "transfers.yml"
FIX = "write it as the head of transfers.yml describes"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Model):
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


class Transfers(_Model):
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
    text = path.read_text(encoding="utf-8")
    try:
        node, data = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
        return Transfers.model_validate(data)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = Problem(path, mark.line + 1 if mark else 1, "not YAML", "check indentation, colons and quotes")
        raise ContentError([problem]) from error
    except ValidationError as error:
        raise ContentError([_problem(path, node, one["loc"], one["msg"]) for one in error.errors()]) from error


def _problem(path: Path, node: yaml.Node | None, place: tuple[int | str, ...], message: str) -> Problem:
    """With the line of the innermost part of ``place`` that is there."""
    line = 1
    for step in place:
        inner: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            inner = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            inner = node.value[step]
        if inner is None:
            break
        node, line = inner, inner.start_mark.line + 1
    where = ".".join(map(str, place)) or "the file"
    return Problem(path, line, f"{where}: {message.removeprefix('Value error, ')}", FIX)


@cache
def transfers() -> Transfers:
    return load()
