"""Situations that come before any other answer: danger now, not talk about danger."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
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
    topic: str | None  # its title
    says: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    reply: Reply
    caution: Reply | None  # one line to add to an ordinary reply
    answered: bool = False  # whoever asks a question gets its answer too, after the situation's text


class Danger(IntEnum):
    """How sure it is that a message speaks of danger now."""

    POSSIBLE = 1  # an ordinary reply, and one line that says whom to call
    LIKELY = 2  # the situation's text first, the ordinary reply after it
    NOW = 3  # the situation's text and nothing else, unless it is one whose questions are answered too


@dataclass(frozen=True)
class Sighting:
    situation: Situation
    danger: Danger


@dataclass(frozen=True)
class RedLines:
    situations: tuple[Situation, ...]
    about: re.Pattern[str]
    now: re.Pattern[str]
    nothing: re.Pattern[str]
    model: TextModel
    limits: Mapping[Danger, float]
    sure_when_short: float

    def look(self, text: str, in_form: bool = False) -> Sighting | None:
        """The situation a normalised message speaks of: by a pattern, else by the model. A short answer in
        a form (a name, a place) says too little for the model."""
        if found := self._by_pattern(text):
            return Sighting(found, Danger.NOW)
        if (in_form and len(text) <= SHORT) or self.nothing.fullmatch(text.rstrip("。，！？.,!?")):
            return None
        name, chance = judge(self.model, text)
        situation = next(s for s in self.situations if s.id == name)
        if situation.unless and situation.unless.search(text):
            return None
        if len(text) <= SHORT and chance < self.sure_when_short:
            return None
        reached = [danger for danger, limit in self.limits.items() if chance >= limit]
        return Sighting(situation, max(reached)) if reached else None

    def check(self, text: str, in_form: bool = False) -> Situation | None:
        """The situation a message speaks of, where danger is likely at least."""
        found = self.look(text, in_form)
        return found.situation if found and found.danger >= Danger.LIKELY else None

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
        _any_of(data["says_nothing"]),
        danger_model(tuple(data["may_speak_of_danger"])),
        {Danger[name.upper()]: limit for name, limit in data["limits"].items()},
        data["sure_when_short"],
    )


def _situation(entry: dict[str, Any]) -> Situation:
    reply = Reply(
        "urgent",
        str(unfold(entry["text"])),
        tuple(entry.get("citations", ())),
        (Button("马上转人工", "转人工"), Button("我想先说说情况", "我想先说说情况")),
    )
    says, unless = entry["says"], entry.get("unless")
    caution = Reply("notice", str(unfold(entry["caution"]))) if "caution" in entry else None
    return Situation(
        entry["id"],
        entry.get("topic"),
        _any_of(says) if says else None,
        _any_of(unless) if unless else None,
        reply,
        caution,
        entry.get("answered", False),
    )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@cache
def red_lines() -> RedLines:
    """The shipped situations, loaded once a process."""
    return load()
