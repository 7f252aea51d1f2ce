"""Answers for lawyers to review, as data: one YAML file an intent under ``content/answers``."""

import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from knowledge_base.errors import ContentError, Problem

CONTENT = Path(__file__).parent / "content"
ANSWERS = CONTENT / "answers"

_FOLD = re.compile(r"(?<=[^\x00-\x7f])[ \n]+(?=[^\x00-\x7f])")


def unfold(text: object) -> object:
    """YAML joins folded lines with blanks; Chinese has none."""
    return _FOLD.sub("", text.strip()) if isinstance(text, str) else text


Unfolded = BeforeValidator(unfold)
Line = Annotated[str, Unfolded, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]


class Citation(BaseModel):
    """An article by the law's full official name; ``sub`` is the 之一, 之二 … of the article."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    law: str
    article: int = Field(ge=1)
    sub: int = Field(default=0, ge=0)

    @property
    def key(self) -> tuple[str, int, int]:
        return self.law, self.article, self.sub


class Adaptation(BaseModel):
    """What to add when the citizen named a quantity: ``from`` <= value < ``under``.

    ``fact`` is an entity of `knowledge_base.facts`: an age in years, a duration in months, an amount in yuan.
    ``near`` are words one of which stands in the same clause, where an answer could meet several of a kind.
    ``say`` repeats the citizen's own words where it has ``{said}``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    fact: Literal["age", "duration", "amount"]
    near: tuple[str, ...] = ()
    at_least: float = Field(default=0.0, alias="from")
    under: float = float("inf")
    say: Line


class Review(BaseModel):
    """The lawyer who has read an answer, and when. An answer without is a draft."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=30)]
    on: date


class Answer(BaseModel):
    """One question a citizen asks and what FaZhu says to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    question: Line
    phrasings: list[Line] = Field(min_length=5)
    answer: Annotated[str, Unfolded, StringConstraints(strip_whitespace=True, min_length=15, max_length=220)]
    next_steps: list[Line] = Field(min_length=1, max_length=6)
    citations: list[Citation] = Field(min_length=1, max_length=6)
    exceptions: list[Line] = []
    # When the matter is one for a lawyer, a mediator or another service, and which.
    see: Line | None = None
    # The answer as it is said on the phone: short sentences, numbers as words, no lists.
    spoken: Annotated[str, Unfolded, StringConstraints(strip_whitespace=True, min_length=15, max_length=160)] | None = (
        None
    )
    adapt: list[Adaptation] = []
    deadlines: list[str] = []  # ids of content/deadlines.yml that this answer is about
    tools: list[str] = Field(default=[], max_length=2)  # ids of interviews that take the matter further
    # The one short question whose answer changes this one.
    ask: Line | None = None
    # What regulations, judicial interpretations or local standards decide, which the corpus lacks.
    beyond_corpus: Line | None = None
    # Quantities that are worked out and not quoted: as written in the text -> the sum.
    computed: dict[str, str] = {}
    reviewed: Review | None = None
    topic: str = ""  # from the path
    intent: str = ""  # from the path

    @property
    def phrases(self) -> list[str]:
        return [self.question, *self.phrasings]

    @property
    def told(self) -> str:
        """What is said to everyone who asks."""
        return "\n".join([self.answer, *self.next_steps, *self.exceptions])

    @property
    def claims(self) -> str:
        """Everything that may be said to a citizen, for checking."""
        parts = [self.told, self.see, self.spoken, self.ask, *(adaptation.say for adaptation in self.adapt)]
        return "\n".join(part for part in parts if part)


def read_file(path: Path) -> list[tuple[int, dict[str, object]]]:
    """The entries of one file with the line each starts at.

    Raises:
        ContentError: not YAML, or not a list of mappings.
    """
    text = path.read_text(encoding="utf-8")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        entries = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ContentError([Problem(path, line, f"not YAML: {error.__class__.__name__}",
                                    "check indentation, colons and quotes near this line")]) from error  # fmt: skip
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ContentError([Problem(path, 1, "not a list of answers", "start each answer with `- id:`")])
    assert isinstance(node, yaml.SequenceNode)
    return [(item.start_mark.line + 1, entry) for item, entry in zip(node.value, entries, strict=True)]


def load(folder: Path = ANSWERS) -> list[Answer]:
    """Every answer below ``folder``.

    Raises:
        ContentError: one or more files are broken; it lists file, line and fix for each.
    """
    answers: list[Answer] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*/*.yml")):
        try:
            entries = read_file(path)
        except ContentError as error:
            problems += error.problems
            continue
        for line, entry in entries:
            try:
                answers.append(Answer(**{**entry, "topic": path.parent.name, "intent": path.stem}))  # type: ignore[arg-type]
            except ValidationError as error:
                for fault in error.errors():
                    where = ".".join(map(str, fault["loc"]))
                    problems.append(Problem(path, line, f"{entry.get('id', '?')}: {where}: {fault['msg']}",
                                            f"correct `{where}` as docs/content.md describes"))  # fmt: skip
    if problems:
        raise ContentError(problems)
    return answers


def shown(answers: Iterable[Answer]) -> list[Answer]:
    """Those that citizens may see: all of them, or with ``FAZHU_DRAFTS=hide`` those a lawyer has reviewed.

    Raises:
        ValueError: ``FAZHU_DRAFTS`` is neither show nor hide.
    """
    wanted = os.environ.get("FAZHU_DRAFTS", "show")
    if wanted not in ("show", "hide"):
        raise ValueError(f"FAZHU_DRAFTS={wanted}: say show or hide")
    return [answer for answer in answers if wanted == "show" or answer.reviewed]
