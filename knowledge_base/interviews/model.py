"""Interviews as data: steps, the conditions under which they are asked, and what follows."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from knowledge_base.answers import CONTENT, Citation, Line, Unfolded
from knowledge_base.errors import ContentError, Problem
from knowledge_base.places.institution import Service
from knowledge_base.reloading import Reloading
from nlu_data.similarity import bare, pairs, share

INTERVIEWS = CONTENT / "interviews"
LOCAL = CONTENT / "local.yml"

Answers = Mapping[str, str]  # step id -> what was answered; "" where the citizen passed
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")]
Kind = Literal["guide", "calculator", "paper"]
Paragraph = Annotated[str, Unfolded, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]

YES, NO, PASSED = "yes", "no", ""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Range(_Model):
    """``from`` <= a number or sum < ``under``; a name stands for a figure of ``content/local.yml``."""

    at_least: float | str | None = Field(default=None, alias="from")
    under: float | str | None = None

    def holds(self, answer: str, local: Mapping[str, float | None]) -> bool:
        """False where the citizen passed, or the place has not set the figure."""
        if not answer:
            return False
        value = float(answer)
        bounds = [local.get(bound) if isinstance(bound, str) else bound for bound in (self.at_least, self.under)]
        if any(
            bound is None and named is not None
            for bound, named in zip(bounds, (self.at_least, self.under), strict=True)
        ):
            return False
        low, high = bounds
        return (low is None or value >= low) and (high is None or value < high)


Condition = dict[str, list[str] | Range]  # step id -> one of these answers; every step named must fit


class Option(_Model):
    id: Name
    say: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    also: list[str] = []  # other words a citizen would use for it


class Step(_Model):
    """One question. ``label`` names it where the answers are checked."""

    id: Name
    ask: Line
    label: Annotated[str, StringConstraints(min_length=1, max_length=16)]
    kind: Literal["choice", "yes_no", "money", "number", "date", "text", "long_text"] = "choice"
    help: Paragraph | None = None
    options: list[Option] = []
    when: Condition = {}
    optional: bool = False
    future: bool = False  # a date may lie ahead

    @model_validator(mode="after")
    def _has_options(self) -> "Step":
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("a choice has options, no other kind does")
        return self

    def said(self, answer: str) -> str:
        """The answer in the words of the question."""
        if answer == PASSED:
            return "没有填"
        if self.kind == "yes_no":
            return "是" if answer == YES else "不是"
        if self.kind == "money":
            return f"{float(answer):,.2f}".removesuffix(".00") + "元"
        if self.kind == "date":
            year, month, day = answer.split("-")
            return f"{int(year)}年{int(month)}月{int(day)}日"
        return next((option.say for option in self.options if option.id == answer), answer)


class Outcome(_Model):
    """The verdict of a guide: the first whose condition holds."""

    when: Condition = {}
    verdict: Literal["likely", "unlikely", "review", "done"]
    say: Paragraph
    citations: list[Citation] = []


class Section(_Model):
    """What is told besides, where its condition holds: materials, where to go, time limits."""

    heading: Annotated[str, StringConstraints(min_length=2, max_length=24)]
    lines: list[Paragraph] = Field(min_length=1)
    when: Condition = {}
    citations: list[Citation] = []


class Interview(_Model):
    """``calculator`` names a function of `knowledge_base.calculators`, whose arguments are the steps; ``paper`` a
    template of ``content/papers``; ``places`` the service whose institutions are shown; ``service`` whom a referral
    goes to. ``asked`` are words with which a citizen asks for it."""

    id: Name
    kind: Kind
    title: Annotated[str, StringConstraints(min_length=4, max_length=24)]
    about: Paragraph
    asked: list[Line] = Field(min_length=3)
    service: str = "lawyer"
    steps: list[Step] = Field(min_length=1)
    outcomes: list[Outcome] = []
    sections: list[Section] = []
    citations: list[Citation] = []
    calculator: Name | None = None
    paper: Name | None = None
    places: Service | None = None
    # Quantities that are worked out and not quoted: as written in the text -> the sum.
    computed: dict[str, str] = {}

    def step(self, id: str) -> Step:
        """Raises:
        KeyError: it has no such step.
        """
        for step in self.steps:
            if step.id == id:
                return step
        raise KeyError(id)


def holds(condition: Condition, answers: Answers, local: Mapping[str, float | None]) -> bool:
    """Whether the answers given so far fit; a step not answered fits nothing."""
    for step, wanted in condition.items():
        answer = answers.get(step)
        if answer is None:
            return False
        if not (wanted.holds(answer, local) if isinstance(wanted, Range) else answer in wanted):
            return False
    return True


def load(folder: Path = INTERVIEWS) -> list[Interview]:
    """Every interview below ``folder``, one a file, named by its id.

    Raises:
        ContentError: one or more files are broken; it lists file, line and fix for each.
    """
    found: list[Interview] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            found.append(read(path))
        except ContentError as error:
            problems += error.problems
    if problems:
        raise ContentError(problems)
    return found


def read(path: Path) -> Interview:
    """Raises:
    ContentError: not YAML, or not an interview named by its file.
    """
    text = path.read_text(encoding="utf-8")
    try:
        data = yaml.safe_load(text)
        interview = Interview.model_validate(data)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ContentError([Problem(path, mark.line + 1 if mark else 1, f"not YAML: {error.__class__.__name__}",
                                    "check indentation, colons and quotes near this line")]) from error  # fmt: skip
    except ValidationError as error:
        raise ContentError([
            Problem(path, _line(text, fault["loc"]), f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}",
                    "correct it as docs/content.md describes")
            for fault in error.errors()
        ]) from error  # fmt: skip
    if interview.id != path.stem:
        raise ContentError([Problem(path, 1, f"id {interview.id} is not the file's name", f"name it {path.stem}")])
    return interview


def _line(text: str, place: tuple[int | str, ...]) -> int:
    """The line of what pydantic complains about: the deepest of its keys and list entries that is there."""
    node, line = yaml.compose(text, Loader=yaml.SafeLoader), 1
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
            if found is None:
                break
            node = found
        else:
            break
        line = node.start_mark.line + 1
    return line


def local(path: Path = LOCAL) -> Mapping[str, float | None]:
    """Figures that the place sets, by name; None while they are not known."""
    figures: dict[str, float | None] = yaml.safe_load(path.read_text(encoding="utf-8"))["figures"]
    return figures


def _by_id() -> dict[str, Interview]:
    return {interview.id: interview for interview in load()}


# The shipped interviews by id.
interviews: Callable[[], Mapping[str, Interview]] = Reloading(lambda: INTERVIEWS.glob("*.yml"), _by_id)

# A short request in other words: 帮我算经济补偿. A question of law (经济补偿怎么算) is none.
SHORT, ALIKE = 16, 0.4
_FILLER = re.compile("一?[个张份下]")
_REQUEST = re.compile(r"^(?:请?帮我?|给我|我想|我要)?(?:算|写|填|约|看看|自测|生成)")


def asked_for(text: str) -> str | None:
    """The id of the interview that ``text`` asks for: by its title, in words it lists, or a short request close to them."""
    phrases = [(phrase, one.id) for one in interviews().values() for phrase in (one.title, *one.asked)]
    said = bare(text)
    if exact := next((id for phrase, id in phrases if bare(phrase) == said), None):
        return exact
    if len(said) > SHORT or not _REQUEST.search(said):
        return None
    said = _FILLER.sub("", said)
    likeness = {id: 0.0 for _, id in phrases}
    for phrase, id in phrases:
        likeness[id] = max(likeness[id], share(pairs(said), pairs(phrase)))
    best, second = sorted(likeness, key=likeness.__getitem__)[:-3:-1]
    return best if likeness[best] >= ALIKE and likeness[best] > likeness[second] else None
