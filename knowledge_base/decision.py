"""The one place that decides how to reply: answer, clarify, statutes or handoff.

What it weighs: how near the question is to the nearest written phrasing (meaning and wording), how
clearly it beats the next answer, and whether the classifier sees the same topic. The limits below
stand in `decision.yml` and are chosen by ``python -m benchmarks.decision``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from knowledge_base.answers import Answer
from knowledge_base.search import Hit, Match

LIMITS = Path(__file__).parent / "decision.yml"


class Kind(StrEnum):
    ANSWER = "answer"
    CLARIFY = "clarify"
    STATUTES = "statutes"
    HANDOFF = "handoff"


@dataclass(frozen=True)
class Limits:
    """Scores are sums of the weighted parts; see `score`."""

    similarity: float
    overlap: float
    topic: float
    intent: float
    answer: float  # at least this to answer
    margin: float  # and this far ahead of the next answer
    clarify: float  # at least this to be offered as a candidate
    candidates: int  # most candidates offered
    patience: int  # failed turns in a row before a person takes over


@cache
def limits() -> Limits:
    return Limits(**yaml.safe_load(LIMITS.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Understanding:
    """What the classifier made of the message: probabilities by topic and by intent."""

    topics: Mapping[str, float] = field(default_factory=dict)
    intents: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    kind: Kind
    answer: Answer | None = None
    candidates: tuple[Answer, ...] = ()
    hits: tuple[Hit, ...] = ()
    confidence: float = 0.0


def score(match: Match, understood: Understanding, at: Limits) -> float:
    return (
        at.similarity * match.similarity
        + at.overlap * match.overlap
        + at.topic * understood.topics.get(match.answer.topic, 0.0)
        + at.intent * understood.intents.get(match.answer.intent, 0.0)
    )


def decide(
    matches: Sequence[Match],
    nearest_articles: Callable[[], Sequence[Hit]],
    understood: Understanding,
    failed_turns: int = 0,
    at: Limits | None = None,
) -> Decision:
    """How to reply to one question.

    ``failed_turns`` counts the turns just before this one that ended in a question back or in bare
    statutes: one more such turn becomes a handoff. The articles are asked for only when they are shown.
    """
    at = at or limits()
    ranked = sorted(((score(m, understood, at), m.answer) for m in matches), key=lambda pair: -pair[0])
    best, runner_up = _value(ranked, 0), _value(ranked, 1)
    if ranked and best >= at.answer and best - runner_up >= at.margin:
        return Decision(Kind.ANSWER, ranked[0][1], confidence=best)
    if failed_turns + 1 >= at.patience:
        return Decision(Kind.HANDOFF, confidence=best)
    near = tuple(answer for value, answer in ranked if value >= at.clarify)[: at.candidates]
    if near:
        return Decision(Kind.CLARIFY, candidates=near, confidence=best)
    if hits := nearest_articles():
        return Decision(Kind.STATUTES, hits=tuple(hits), confidence=best)
    return Decision(Kind.HANDOFF, confidence=best)


def _value(ranked: Sequence[tuple[float, Answer]], place: int) -> float:
    return ranked[place][0] if place < len(ranked) else 0.0
