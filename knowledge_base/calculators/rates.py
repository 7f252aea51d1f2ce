"""Figures of regulations and ministries that the corpus lacks: ``content/rates.yml``."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from knowledge_base.answers import CONTENT
from knowledge_base.errors import ContentError, Problem
from knowledge_base.reloading import Reloading

RATES = CONTENT / "rates.yml"

_Yuan = Annotated[Decimal, Field(ge=0)]
_Percent = Annotated[Decimal, Field(gt=0, le=100)]
_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wages(_Part):
    """How a month's wage becomes an hour's: paid days a month, hours a day."""

    days_per_month: Annotated[Decimal, Field(gt=0, le=31)]
    hours_per_day: Annotated[Decimal, Field(gt=0, le=24)]
    source: _Words


class Interest(_Part):
    """The highest yearly rate courts support, in percent; None: not known here."""

    ceiling: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    source: _Words | None = None

    @model_validator(mode="after")
    def _ceiling_has_source(self) -> Self:
        if self.ceiling is not None and self.source is None:
            raise ValueError("a ceiling needs its source and date")
        return self


class Tier(_Part):
    """``percent`` of what lies above ``above`` yuan, up to the next tier."""

    above: _Yuan
    percent: _Percent


class Fee(_Part):
    """``least`` to ``most`` yuan a case, and the tiers on the amount in dispute."""

    least: _Yuan
    most: _Yuan
    tiers: tuple[Tier, ...] = ()

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.least > self.most:
            raise ValueError("least is above most")
        bounds = [tier.above for tier in self.tiers]
        if bounds != sorted(set(bounds)):
            raise ValueError("tiers do not ascend")
        return self


class FeeKinds(_Part):
    property: Fee
    divorce: Fee
    personality: Fee
    labour: Fee
    other: Fee


class CourtFees(_Part):
    source: _Words
    note: _Words
    simplified_percent: _Percent
    kinds: FeeKinds


class Rates(_Part):
    wages: Wages
    interest: Interest
    court_fees: CourtFees


def load(path: Path = RATES) -> Rates:
    """The figures in ``path``.

    Raises:
        ContentError: not YAML, or not as described above; it lists line and fix for each fault.
    """
    text = path.read_text(encoding="utf-8")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ContentError([Problem(path, line, f"not YAML: {error.__class__.__name__}",
                                    "check indentation, colons and quotes near this line")]) from error  # fmt: skip
    try:
        return Rates.model_validate(data)
    except ValidationError as error:
        raise ContentError([
            Problem(path, _line(node, fault["loc"]), f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}",
                    "correct the value as the comments of the shipped rates.yml describe")
            for fault in error.errors()
        ]) from error  # fmt: skip


# The shipped figures.
rates: Callable[[], Rates] = Reloading(lambda: [RATES], load)


def _line(node: yaml.Node | None, place: Sequence[int | str]) -> int:
    """The line of the deepest part of ``place`` that is in the file."""
    line = 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
