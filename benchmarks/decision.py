"""Choose and measure the answer decision on the project's own questions: ``python -m benchmarks.decision``.

Reads ``knowledge_base/heldout``, asks search and classifier, fits the weights and confidences of
`knowledge_base.decision` and picks the limits of least cost. Everything it prints is measured on
questions the fit has not seen (five folds); what it writes to ``decision.yml`` is fitted on all.
"""

import itertools
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from actions.turn import understanding
from benchmarks.understanding import ROOT, rankings
from knowledge_base.answers import Answer, load
from knowledge_base.articles import Key
from knowledge_base.decision import (
    ARTICLES_HEARD,
    LIMITS,
    Confidence,
    Kind,
    Limits,
    Trust,
    Understanding,
    decide,
    evidence,
    facts,
    rank,
)
from knowledge_base.lay_index import article_key
from knowledge_base.search import Match, answer_search
from knowledge_base.statute_search import Hit, statute_search
from knowledge_base.statutes import corpus
from knowledge_base.text import normalise

HELDOUT = ROOT / "knowledge_base" / "heldout"
RESULTS = Path(__file__).parent / "decision.json"
FOLDS = 5

# What a reply costs the citizen and the service, in the unit of one question back that helps.
# A wrong answer is worst: people may act on it. It is bearable only because every answer names the
# question it answers and offers two others. What ends in statutes mostly becomes a referral.
COSTS = {
    "right answer": 0.0,
    "wrong answer": 4.0,
    "right article": 0.5,  # the law without the steps
    "wrong article": 3.0,  # it is shown with its own words and with two questions beside it
    "article where a question back was due": 1.5,
    "answered at once what should have been asked back": 2.0,
    "question back with the right candidate": 1.0,
    "question back without it": 2.0,
    "statutes although an answer exists": 3.0,
    "statutes where nothing fits": 1.0,
}


@dataclass(frozen=True)
class Asked:
    """``right`` are the answers that serve, ``articles`` those that would do where no answer is written."""

    text: str
    right: frozenset[str]
    articles: frozenset[Key]
    ambiguous: bool
    matches: Sequence[Match]
    hits: Sequence[Hit]
    understood: Understanding


def questions() -> list[Asked]:
    rows = [row for path in sorted(HELDOUT.glob("*.yml")) for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
    texts = [normalise(row["asked"]) for row in rows]
    search = answer_search()
    known = {answer.id: answer for answer in load()}
    return [
        Asked(
            text, frozenset(row["answers"]), _articles(row, known), row.get("ambiguous", False), search.search(text),
            statute_search().search(text, ARTICLES_HEARD), understanding(ranking),
        )
        for row, text, ranking in zip(rows, texts, rankings(texts), strict=True)
    ]  # fmt: skip


def _articles(row: Mapping[str, Any], known: Mapping[str, Answer]) -> frozenset[Key]:
    """What the right answers cite, and what is named beside them."""
    cited = {citation.key for id in row["answers"] for citation in known[id].citations}
    return frozenset(cited | {corpus().find(*article_key(place, "")).key for place in row.get("articles", [])})


def outcome(asked: Asked, at: Limits) -> str:
    decision = decide(asked.text, asked.matches, asked.hits, asked.understood, at=at)
    offered = [answer.id for answer in (decision.answer, *decision.candidates) if answer]
    return judge(asked, decision.kind, offered)


def judge(asked: Asked, kind: Kind, offered: Sequence[str]) -> str:
    """What replying with ``kind`` does for the citizen; ``offered`` are answers, best first."""
    if kind is Kind.ARTICLE:
        if asked.ambiguous:
            return "article where a question back was due"
        return "right article" if asked.hits[0].article.key in asked.articles else "wrong article"
    if kind is Kind.ANSWER:
        if offered[0] not in asked.right:
            return "wrong answer"
        return "answered at once what should have been asked back" if asked.ambiguous else "right answer"
    if kind is Kind.CLARIFY:
        return "question back with the right candidate" if asked.right & {*offered} else "question back without it"
    return "statutes although an answer exists" if asked.right else "statutes where nothing fits"


def fit(asked: Sequence[Asked], shape: Limits) -> Limits:
    """Weights from pairs of a right and a wrong answer, then confidences, then the cheapest limits."""
    fitted = replace(shape, weights=_weights(asked))
    alone = [replace(a, understood=Understanding()) for a in asked]
    fitted = replace(fitted, trust=_trust(asked, fitted), trust_alone=_trust(alone, fitted))
    return _cheapest(asked, fitted)


def _weights(asked: Sequence[Asked]) -> dict[str, float]:
    differences = []
    for one in asked:
        if not one.right or one.ambiguous:
            continue
        chances = {hit.article.key: hit.score for hit in one.hits}
        known = {m.answer.id: evidence(m, one.understood, chances) for m in one.matches}
        rows = {id: np.array(list(values.values())) for id, values in known.items()}
        # The wrong answers that matter are those that look right.
        rivals = sorted(rows.keys() - one.right, key=lambda id: -float(rows[id] @ [1, 1, 1, 1, 1, 1, 0.1, 1]))[:12]
        differences += [rows[right] - rows[rival] for right in one.right & rows.keys() for rival in rivals]
    table = np.array(differences)
    spread = table.std(axis=0)
    pairs = np.vstack([table, -table]) / spread
    fitted = LogisticRegression(fit_intercept=False).fit(pairs, [1] * len(table) + [0] * len(table))
    # Evidence for an answer never speaks against it.
    weights = [round(max(0.0, float(w)), 4) for w in fitted.coef_[0] / spread]
    return dict(zip(evidence(asked[0].matches[0], Understanding(), {}), weights, strict=True))


def _trust(asked: Sequence[Asked], at: Limits) -> Trust:
    rows, best, candidates = [], [], []
    for one in asked:
        ranked = rank(one.matches, one.hits, one.understood, at.weights)
        ids = [match.answer.id for _, match in ranked[: at.candidates]]
        rows.append(facts(one.text, ranked, one.hits, one.understood))
        best.append(ids[0] in one.right and not one.ambiguous)
        candidates.append(bool(one.right & {*ids}))
    return Trust(_confidence(rows, best), _confidence(rows, candidates))


def _confidence(rows: Sequence[Mapping[str, float]], held: Sequence[bool]) -> Confidence:
    table = np.array([list(row.values()) for row in rows])
    spread = table.std(axis=0) + 1e-9
    fitted = LogisticRegression(max_iter=1000).fit(table / spread, held)
    weights = zip(rows[0], (round(float(w), 4) for w in fitted.coef_[0] / spread), strict=True)
    return Confidence(round(float(fitted.intercept_[0]), 4), dict(weights))


def _cheapest(asked: Sequence[Asked], at: Limits) -> Limits:
    """The limits of least cost; each question's probabilities are computed once."""
    kinds = (Kind.ANSWER, Kind.ARTICLE, Kind.CLARIFY, Kind.STATUTES)
    chances, costs = [], []
    for one in asked:
        ranked = rank(one.matches, one.hits, one.understood, at.weights)
        told = facts(one.text, ranked, one.hits, one.understood)
        ids = [match.answer.id for _, match in ranked[: at.candidates]]
        article = one.hits[0].score if one.hits and one.hits[0].plain else 0.0
        chances.append([at.trust.best.of(told), article, at.trust.candidates.of(told)])
        costs.append([COSTS[judge(one, kind, ids)] if kind is not Kind.ARTICLE or article else 9.0 for kind in kinds])
    sure, cost_of = np.array(chances), np.array(costs)

    def total(limits: tuple[float, float, float]) -> float:
        chosen = np.select([sure[:, i] >= limit for i, limit in enumerate(limits)], [0, 1, 2], 3)
        return float(cost_of[np.arange(len(chosen)), chosen].sum())

    grid = [round(0.05 * step, 2) for step in range(1, 20)]
    answer, article, clarify = min(itertools.product(grid, grid, grid), key=total)
    return replace(at, answer=answer, article=article, clarify=clarify)


def cost(outcomes: Sequence[str]) -> float:
    return sum(COSTS[name] for name in outcomes) / len(outcomes)


def measure(asked: Sequence[Asked], shape: Limits) -> dict[str, Any]:
    """Outcomes of each question under limits fitted without its fold."""
    folds = np.random.default_rng(0).integers(0, FOLDS, len(asked))
    outcomes: list[str] = []
    sure, held = [], []
    for fold in range(FOLDS):
        at = fit([one for one, f in zip(asked, folds, strict=True) if f != fold], shape)
        for one in (one for one, f in zip(asked, folds, strict=True) if f == fold):
            outcomes.append(outcome(one, at))
            best = decide(one.text, one.matches, one.hits, one.understood, at=replace(at, answer=0.0))
            sure.append(best.confidence)
            held.append(best.answer is not None and best.answer.id in one.right and not one.ambiguous)
    return {
        **figures(asked, outcomes),
        "calibration_error": round(calibration_error(np.array(sure), np.array(held)), 3),
    }


def figures(asked: Sequence[Asked], outcomes: Sequence[str]) -> dict[str, Any]:
    """``precision`` is the share of answers that are right, ``coverage`` the share of questions that have an answer (in
    the content, or an article) and get one."""
    counts = Counter(outcomes)
    right, wrong = ["right answer", "right article"], ["wrong answer", "wrong article"]
    answered = sum(counts[name] for name in (*right, *wrong))
    answerable = [o for one, o in zip(asked, outcomes, strict=True) if one.articles and not one.ambiguous]
    asked_back = counts["question back with the right candidate"] + counts["question back without it"]
    return {
        "questions": len(asked),
        "answerable": len(answerable),
        "outcomes": dict(counts.most_common()),
        "mean_cost": round(cost(outcomes), 3),
        "precision": round(sum(counts[name] for name in right) / answered, 3),
        "precision_of_written_answers": round(
            counts["right answer"] / (counts["right answer"] + counts["wrong answer"]), 3
        ),
        "coverage": round(sum(o in (*right, *wrong) for o in answerable) / len(answerable), 3),
        "clarify_success": round(counts["question back with the right candidate"] / asked_back, 3),
        "needless_handoffs": round(counts["statutes although an answer exists"] / len(answerable), 3),
    }


def calibration_error(sure: NDArray[np.float64], held: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: mean distance of confidence and truth over bins of confidence."""
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    return float(
        sum(
            (bin_of == b).mean() * abs(sure[bin_of == b].mean() - held[bin_of == b].mean())
            for b in range(bins)
            if (bin_of == b).any()
        )
    )


def write(at: Limits, path: Path = LIMITS) -> None:
    head = (
        "# Written by `python -m benchmarks.decision`: weights, confidences and limits of `decision.py`, fitted on\n"
        "# `knowledge_base/heldout`. The limits are those of least cost, in the unit of one question back that helps:\n"
        + "".join(f"#   {cost:g}  {outcome}\n" for outcome, cost in COSTS.items())
    )
    path.write_text(head + yaml.safe_dump(asdict(at), sort_keys=False), encoding="utf-8")


NOTHING = Trust(Confidence(0, {}), Confidence(0, {}))
SHAPE = Limits({}, NOTHING, NOTHING, 0.5, 0.5, 0.2, candidates=3, patience=2)


def main() -> int:
    asked = questions()
    results: Mapping[str, Any] = {"date": date.today().isoformat(), **measure(asked, SHAPE)}
    alone = [replace(one, understood=Understanding()) for one in asked]
    chosen = fit(asked, SHAPE)
    results = {**results, "without_classifier": dict(Counter(outcome(one, chosen) for one in alone).most_common())}
    write(chosen)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
