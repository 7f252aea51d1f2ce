"""The one place that decides how to reply: answer, article, clarify, statutes or handoff.

For every written answer it weighs how near the question is to the answer's phrasings in meaning and in wording, how
well it fits what the answer says, how likely the classifier holds the answer's intent, and how likely the statute
search holds the articles the answer cites. The best answer's weight and its lead give the probability that it is the
right one; the statute search gives that of the first article. These probabilities decide. Weights, limits and the costs
they follow from stand in `decision.yml`, written by ``python -m benchmarks.decision``.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from knowledge_base.answers import Answer
from knowledge_base.articles import Key
from knowledge_base.search import Match
from knowledge_base.statute_search import Hit

LIMITS = Path(__file__).parent / "decision.yml"
EVIDENCE = ("nearest", "similarity", "overlap", "body", "wording", "period")
ARTICLES_HEARD = 20  # whose chances count
STATUTES_SHOWN = 3
_UNLIKELY = 1e-3  # an intent below this probability is as good as ruled out
_RIVALS, _SOFTNESS = 10, 1.5  # how many answers count as rivals, and how far behind one still is one
_SHORT, _LONG = 10, 40  # characters: below, much is left open; above, much is told that is not asked


class Kind(StrEnum):
    ANSWER = "answer"
    ARTICLE = "article"  # no answer is written for it, but an article in plain words says it
    CLARIFY = "clarify"
    STATUTES = "statutes"
    HANDOFF = "handoff"


@dataclass(frozen=True)
class Confidence:
    """Log odds that a guess holds: a constant and a weight for each of `facts`."""

    constant: float
    weights: Mapping[str, float]

    def of(self, known: Mapping[str, float]) -> float:
        odds = self.constant + sum(weight * known[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, odds))))


@dataclass(frozen=True)
class Trust:
    """How sure to be that the best answer is right, and that one of the candidates is."""

    best: Confidence
    candidates: Confidence


@dataclass(frozen=True)
class Limits:
    weights: Mapping[str, float]  # of what `evidence` names
    trust: Trust  # with the classifier's help
    trust_alone: Trust  # while it is away
    answer: float  # at least this sure of the best to answer
    article: float  # at least this sure of the first article to answer with it
    clarify: float  # at least this sure of the candidates to offer them
    candidates: int  # most candidates offered
    patience: int  # failed turns in a row before a person takes over


@cache
def limits() -> Limits:
    data = yaml.safe_load(LIMITS.read_text(encoding="utf-8"))
    for name in ("trust", "trust_alone"):
        data[name] = Trust(**{guess: Confidence(**fitted) for guess, fitted in data[name].items()})
    return Limits(**data)


@dataclass(frozen=True)
class Understanding:
    """What the classifier made of the message: probabilities by topic and by intent."""

    topics: Mapping[str, float] = field(default_factory=dict)
    intents: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """``confidence`` is the probability that what is said is right. ``candidates`` are what a question back offers, and
    beside an answer or a handoff the next best ones; ``hits`` are the articles to show."""

    kind: Kind
    answer: Answer | None = None
    candidates: tuple[Answer, ...] = ()
    hits: tuple[Hit, ...] = ()
    confidence: float = 0.0


def evidence(match: Match, understood: Understanding, chances: Mapping[Key, float]) -> dict[str, float]:
    """What speaks for one answer; "intent" is the log of its intent's probability, 0 without classifier; "law" the
    chance that one of the articles it cites is the one that was asked for."""
    known = {name: float(getattr(match, name)) for name in EVIDENCE}
    known["intent"] = (
        math.log(understood.intents.get(match.answer.intent, 0.0) + _UNLIKELY) if understood.intents else 0.0
    )
    known["law"] = sum(chances.get(citation.key, 0.0) for citation in match.answer.citations)
    return known


def rank(
    matches: Sequence[Match], hits: Sequence[Hit], understood: Understanding, weights: Mapping[str, float]
) -> list[tuple[float, Match]]:
    """The answers by the weight of their evidence, best first."""
    chances = {hit.article.key: hit.score for hit in hits}
    scored = [(sum(weights[name] * x for name, x in evidence(m, understood, chances).items()), m) for m in matches]
    return sorted(scored, key=lambda pair: -pair[0])


def facts(
    text: str, ranked: Sequence[tuple[float, Match]], hits: Sequence[Hit], understood: Understanding
) -> dict[str, float]:
    """What tells whether the best answer is the right one: its evidence, its lead over the second and
    the fourth, how many come near it, how sure the statute search is, and the length of the question."""
    best, match = ranked[0]
    return {
        **evidence(match, understood, {hit.article.key: hit.score for hit in hits}),
        "lead": best - ranked[min(1, len(ranked) - 1)][0],
        "lead_over_fourth": best - ranked[min(3, len(ranked) - 1)][0],
        "rivals": math.log(sum(math.exp((score - best) / _SOFTNESS) for score, _ in ranked[:_RIVALS])),
        "first_article": hits[0].score if hits else 0.0,
        "length": math.log(len(text)),
        "short": max(0.0, math.log(_SHORT / len(text))),
        "long": max(0.0, math.log(len(text) / _LONG)),
    }


def decide(
    text: str,
    matches: Sequence[Match],
    hits: Sequence[Hit],
    understood: Understanding,
    failed_turns: int = 0,
    at: Limits | None = None,
) -> Decision:
    """How to reply to the question ``text`` (normalised), given every answer's evidence and the nearest articles.

    ``failed_turns`` counts the turns just before this one that ended in a question back or in bare
    statutes: one more such turn becomes a handoff.
    """
    at = at or limits()
    if asked := next((match.answer for match in matches if match.exact), None):
        return Decision(Kind.ANSWER, asked, confidence=1.0)
    if not matches:
        return Decision(Kind.HANDOFF)
    ranked = rank(matches, hits, understood, at.weights)
    trust = at.trust if understood.intents else at.trust_alone
    known = facts(text, ranked, hits, understood)
    confidence = trust.best.of(known)
    answers = tuple(match.answer for _, match in ranked[: at.candidates])
    if confidence >= at.answer:
        return Decision(Kind.ANSWER, answers[0], answers[1:], confidence=confidence)
    if hits and hits[0].plain and hits[0].score >= at.article:
        return Decision(Kind.ARTICLE, candidates=answers[:2], hits=(hits[0],), confidence=hits[0].score)
    likely = trust.candidates.of(known) >= at.clarify
    if failed_turns + 1 >= at.patience:
        return Decision(Kind.HANDOFF, candidates=answers if likely else (), confidence=confidence)
    shown = tuple(hits[:STATUTES_SHOWN])
    if likely:
        return Decision(Kind.CLARIFY, candidates=answers, hits=shown, confidence=confidence)
    if shown:
        return Decision(Kind.STATUTES, hits=shown, confidence=confidence)
    return Decision(Kind.HANDOFF, confidence=confidence)
