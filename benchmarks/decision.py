"""Choose and measure the answer decision on the project's own questions: ``python -m benchmarks.decision``.

Reads ``knowledge_base/heldout``, asks search and classifier, fits the weights and confidences of
`knowledge_base.decision` and picks the limits of least cost. Everything it prints is measured on
questions the fit has not seen (five folds); what it writes to ``decision.yml`` is fitted on all.
"""

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
from knowledge_base.decision import (
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
from knowledge_base.search import Match, answer_search
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
    "answered at once what should have been asked back": 2.0,
    "question back with the right candidate": 1.0,
    "question back without it": 2.0,
    "statutes although an answer exists": 3.0,
    "statutes where nothing fits": 1.0,
}


@dataclass(frozen=True)
class Asked:
    text: str
    right: frozenset[str]
    ambiguous: bool
    matches: Sequence[Match]
    understood: Understanding


def questions() -> list[Asked]:
    rows = [row for path in sorted(HELDOUT.glob("*.yml")) for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
    texts = [normalise(row["asked"]) for row in rows]
    search = answer_search()
    return [
        Asked(text, frozenset(row["answers"]), row.get("ambiguous", False), search.search(text), understanding(ranking))
        for row, text, ranking in zip(rows, texts, rankings(texts), strict=True)
    ]


def outcome(asked: Asked, at: Limits) -> str:
    decision = decide(asked.text, asked.matches, list, asked.understood, at=at)
    offered = [answer.id for answer in (decision.answer, *decision.candidates) if answer]
    return judge(asked, decision.kind, offered)


def judge(asked: Asked, kind: Kind, offered: Sequence[str]) -> str:
    """What replying with ``kind`` does for the citizen; ``offered`` are answers, best first."""
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
        known = {m.answer.id: evidence(m, one.understood) for m in one.matches}
        rows = {id: np.array(list(values.values())) for id, values in known.items()}
        # The wrong answers that matter are those that look right.
        rivals = sorted(rows.keys() - one.right, key=lambda id: -float(rows[id] @ [1, 1, 1, 1, 1, 0.1]))[:12]
        differences += [rows[right] - rows[rival] for right in one.right & rows.keys() for rival in rivals]
    table = np.array(differences)
    spread = table.std(axis=0)
    pairs = np.vstack([table, -table]) / spread
    fitted = LogisticRegression(fit_intercept=False).fit(pairs, [1] * len(table) + [0] * len(table))
    # Evidence for an answer never speaks against it.
    weights = [round(max(0.0, float(w)), 4) for w in fitted.coef_[0] / spread]
    return dict(zip(evidence(asked[0].matches[0], Understanding()), weights, strict=True))


def _trust(asked: Sequence[Asked], at: Limits) -> Trust:
    rows, best, candidates = [], [], []
    for one in asked:
        ranked = rank(one.matches, one.understood, at.weights)
        ids = [match.answer.id for _, match in ranked[: at.candidates]]
        rows.append(facts(one.text, ranked, one.understood))
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
    """The limits of least cost; each question's two confidences are computed once."""
    known = []
    for one in asked:
        ranked = rank(one.matches, one.understood, at.weights)
        told = facts(one.text, ranked, one.understood)
        ids = [match.answer.id for _, match in ranked[: at.candidates]]
        costs = {kind: COSTS[judge(one, kind, ids)] for kind in (Kind.ANSWER, Kind.CLARIFY, Kind.STATUTES)}
        known.append((at.trust.best.of(told), at.trust.candidates.of(told), costs))

    def total(answer: float, clarify: float) -> float:
        kinds = (
            Kind.ANSWER if best >= answer else Kind.CLARIFY if candidates >= clarify else Kind.STATUTES
            for best, candidates, _ in known
        )  # fmt: skip
        return sum(costs[kind] for kind, (_, _, costs) in zip(kinds, known, strict=True))

    grid = [round(0.05 * step, 2) for step in range(1, 20)]
    answer, clarify = min(((a, c) for a in grid for c in grid), key=lambda pair: total(*pair))
    return replace(at, answer=answer, clarify=clarify)


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
            best = decide(one.text, one.matches, list, one.understood, at=replace(at, answer=0.0))
            sure.append(best.confidence)
            held.append(best.answer is not None and best.answer.id in one.right and not one.ambiguous)
    counts = Counter(outcomes)
    answered = (
        counts["right answer"] + counts["wrong answer"] + counts["answered at once what should have been asked back"]
    )
    asked_back = counts["question back with the right candidate"] + counts["question back without it"]
    return {
        "questions": len(asked),
        "outcomes": dict(counts.most_common()),
        "mean_cost": round(cost(outcomes), 3),
        "precision_of_answers": round(1 - counts["wrong answer"] / answered, 3),
        "answered": round(answered / len(asked), 3),
        "clarify_success": round(counts["question back with the right candidate"] / asked_back, 3),
        "calibration_error": round(calibration_error(np.array(sure), np.array(held)), 3),
    }  # fmt: skip


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
        "# `knowledge_base/heldout`. The costs the limits follow from stand in that script.\n"
    )
    path.write_text(head + yaml.safe_dump(asdict(at), sort_keys=False), encoding="utf-8")


NOTHING = Trust(Confidence(0, {}), Confidence(0, {}))
SHAPE = Limits({}, NOTHING, NOTHING, 0.5, 0.2, candidates=3, patience=2)


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
