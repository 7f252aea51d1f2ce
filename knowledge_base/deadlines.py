"""Last days of the law's time limits, worked out in the open from a day the citizen named."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from knowledge_base.answers import CONTENT, Citation, Line
from knowledge_base.errors import ContentError, Problem
from knowledge_base.facts import Fact
from knowledge_base.reloading import Reloading
from knowledge_base.spans import add_months
from knowledge_base.spans import day as written
from knowledge_base.workdays import known, next_workday, today

DEADLINES = CONTENT / "deadlines.yml"
URGENT_DAYS = 7
RISKY_DAYS = 30  # whoever takes the matter over should know
_CLAUSE = re.compile(r"[，。；！？,;!?\s]")
_FAR = 12  # characters between an event and its day
_DAYS_A_MONTH = 30


class Deadline(BaseModel):
    """One time limit; the file's head explains the fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str
    title: Line
    law: Citation
    years: int = Field(default=0, ge=0)
    months: int = Field(default=0, ge=0)
    days: int = Field(default=0, ge=0)
    starts: Line = Field(alias="from")
    near: list[str] = Field(min_length=1)
    only: str = ""  # it is meant only where this word is said
    ask: Line
    kind: Literal["latest", "earliest", "cooling"] = "latest"
    past: Line | None = None
    counted: list[Citation] = []

    @model_validator(mode="after")
    def _has_length(self) -> "Deadline":
        if sum(map(bool, (self.years, self.months, self.days))) != 1:
            raise ValueError("exactly one of years, months, days")
        return self

    @property
    def length(self) -> str:
        return f"{self.years}年" if self.years else f"{self.months}个月" if self.months else f"{self.days}日"

    def last_day(self, start: date) -> date:
        """The period's last day by the calendar; the day it starts on does not count (民法典 201, 202)."""
        if self.days:
            return start + timedelta(days=self.days)
        return add_months(start, self.years * 12 + self.months)


def _by_id() -> dict[str, Deadline]:
    return {deadline.id: deadline for deadline in load()}


# The shipped time limits by id.
deadlines: Callable[[], Mapping[str, Deadline]] = Reloading(lambda: [DEADLINES], _by_id)


@dataclass(frozen=True)
class Due:
    """A deadline worked out. ``last`` is the last day to act, after ``calendar`` was moved past holidays."""

    deadline: Deadline
    start: date
    exact: bool  # the citizen named the day; otherwise it was counted back from today
    said: str
    calendar: date
    last: date
    asked_on: date

    @property
    def left(self) -> int:
        """Days left; negative when it is over."""
        return (self.last - self.asked_on).days

    @property
    def urgent(self) -> bool:
        return self.deadline.kind == "latest" and 0 <= self.left <= URGENT_DAYS

    @property
    def at_risk(self) -> bool:
        return self.deadline.kind == "latest" and 0 <= self.left <= RISKY_DAYS


def load(path: Path = DEADLINES) -> list[Deadline]:
    """Raises:
    ContentError: entries are broken; it lists file, line and fix for each.
    """
    text = path.read_text(encoding="utf-8")
    node, entries = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    found, problems = [], []
    assert isinstance(node, yaml.SequenceNode)
    for item, entry in zip(node.value, entries, strict=True):
        try:
            found.append(Deadline.model_validate(entry))
        except ValidationError as error:
            problems += [
                Problem(path, item.start_mark.line + 1, f"{entry.get('id', '?')}: {fault['loc']}: {fault['msg']}",
                        "see the head of the file")
                for fault in error.errors()
            ]  # fmt: skip
    if problems:
        raise ContentError(problems)
    return found


def work_out(deadline: Deadline, start: date, exact: bool = True, said: str = "", asked_on: date | None = None) -> Due:
    """The deadline for a period that starts with what happened on ``start``."""
    calendar = deadline.last_day(start)
    # A day one must wait for does not move with holidays.
    last = next_workday(calendar) if deadline.kind == "latest" else calendar
    return Due(deadline, start, exact, said, calendar, last, asked_on or today())


def due(deadline: Deadline, text: str, facts: Sequence[Fact], added: int = 0) -> Due | None:
    """The deadline, if ``text`` says when its period began; None if it does not, or says more than one day.

    The last ``added`` characters of ``text`` answer the question for the day: a day there needs no event beside it.
    """
    if deadline.only not in text:
        return None
    named = [fact for fact in facts if fact.kind in ("date", "duration") and fact.value is not None]
    answering = [fact for fact in named if added and fact.start >= len(text) - added]
    meant = answering or [fact for fact in named if _beside(fact, deadline.near, text)]
    starts = {(_start(fact), fact.exact) for fact in meant}
    if len(starts) != 1:
        return None
    [(start, exact)] = starts
    if start > today():
        return None
    return work_out(deadline, start, exact, meant[0].said)


def _start(fact: Fact) -> date:
    if isinstance(fact.value, date):
        return fact.value
    assert isinstance(fact.value, float)
    whole = int(fact.value)
    return add_months(today(), -whole) - timedelta(days=round((fact.value - whole) * _DAYS_A_MONTH))


def _beside(fact: Fact, words: Sequence[str], text: str) -> bool:
    """Whether one of the words stands in the same clause, near the fact."""
    before = _CLAUSE.split(text[max(0, fact.start - _FAR) : fact.start])[-1]
    after = _CLAUSE.split(text[fact.end : fact.end + _FAR])[0]
    return any(word in before or word in after for word in words)


def tell(found: Due) -> str:
    """The deadline with its calculation, as a citizen reads it."""
    deadline = found.deadline
    start = (
        written(found.start) if found.exact else f"{written(found.start)}（按您说的“{found.said}”从今天往前推，大约）"
    )
    counting = f"算法：{deadline.starts}是{start}，当天不算，从第二天起算{deadline.length}，到{written(found.calendar)}"
    match deadline.kind:
        case "earliest":
            return f"【时间】{deadline.title}：从{written(found.last + timedelta(days=1))}起。\n{counting}满。"
        case "cooling":
            fetch = found.last + timedelta(days=deadline.days)
            return (
                f"【时间】冷静期到{written(found.last)}，这之前任何一方都可以撤回；之后到{written(fetch)}这{deadline.length}里，"
                f"要两个人一起去领离婚证，不去就视为撤回。\n{counting}满。"
            )
    moved = f"；这天是休息日，顺延到{written(found.last)}" if found.last != found.calendar else ""
    unsure = "" if known(found.calendar) else "；那一年的放假安排还没公布，只避开了周末"
    return f"{_verdict(found)}\n{counting}{moved}{unsure}。"


def _verdict(found: Due) -> str:
    deadline, last = found.deadline, written(found.last)
    if found.left < 0:
        past = f"{deadline.past}" if deadline.past else ""
        return f"【期限】按您说的时间，{deadline.title}的期限{last}已经过了。{past}"
    about = "" if found.exact else "大约"
    if found.urgent:
        left = "今天就是最后一天" if found.left == 0 else f"只剩 {found.left} 天"
        return f"【紧急】{deadline.title}，{about}最晚到{last}，{left}！请马上办，来不及就转人工。"
    return f"【期限】{deadline.title}，{about}最晚到{last}，还有 {found.left} 天。别等最后一天。"
