"""Situations that come before any other answer: danger now, not talk about danger."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.answers import CONTENT, unfold
from knowledge_base.danger import danger_model, judge
from knowledge_base.replies import Button, Reply
from knowledge_base.text_model import TextModel

RED_LINES = CONTENT / "red_lines.yml"
SHORT = 10  # characters


@dataclass(frozen=True)
class Situation:
    id: str
    says: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    reply: Reply
    caution: Reply  # one line to add to an ordinary reply


@dataclass(frozen=True)
class Sighting:
    """``urgent``: it is happening and comes before all else; otherwise it may be, and one line says whom to call."""

    situation: Situation
    urgent: bool


@dataclass(frozen=True)
class RedLines:
    situations: tuple[Situation, ...]
    about: re.Pattern[str]
    now: re.Pattern[str]
    model: TextModel
    sure: float
    sure_when_short: float
    possible: float

    def look(self, text: str) -> Sighting | None:
        """The situation a normalised message speaks of: by a pattern, else by the model."""
        if found := self._by_pattern(text):
            return Sighting(found, urgent=True)
        name, danger = judge(self.model, text)
        situation = next(s for s in self.situations if s.id == name)
        if situation.unless and situation.unless.search(text):
            return None
        short = len(text) <= SHORT
        if danger >= (self.sure_when_short if short else self.sure):
            return Sighting(situation, urgent=True)
        return Sighting(situation, urgent=False) if danger >= self.possible and not short else None

    def check(self, text: str) -> Situation | None:
        """The situation a message speaks of if it is urgent."""
        found = self.look(text)
        return found.situation if found and found.urgent else None

    def _by_pattern(self, text: str) -> Situation | None:
        for situation in self.situations:
            if not situation.says or not situation.says.search(text):
                continue
            if situation.unless and situation.unless.search(text):
                continue
            if self.now.search(text) or not self.about.search(text):
                return situation
        return None


def load(path: Path = RED_LINES) -> RedLines:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return RedLines(
        tuple(_situation(entry) for entry in data["situations"]),
        _any_of(data["about"]),
        _any_of(data["now"]),
        danger_model(tuple(data["may_speak_of_danger"])),
        data["sure"],
        data["sure_when_short"],
        data["possible"],
    )


def _situation(entry: dict[str, Any]) -> Situation:
    reply = Reply(
        "urgent",
        str(unfold(entry["text"])),
        tuple(entry.get("citations", ())),
        (Button("马上转人工", "转人工"), Button("我想先说说情况", "我想先说说情况")),
    )
    says, unless = entry["says"], entry.get("unless")
    caution = Reply("notice", str(unfold(entry["caution"])))
    return Situation(entry["id"], _any_of(says) if says else None, _any_of(unless) if unless else None, reply, caution)


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@cache
def red_lines() -> RedLines:
    """The shipped situations, loaded once a process."""
    return load()
