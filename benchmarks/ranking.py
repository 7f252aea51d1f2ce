"""Fit the weights of the statute search on the project's own questions: ``python -m benchmarks.ranking [FILE.jsonl]``.

For each question of ``knowledge_base/heldout_statutes`` the search gathers candidates with their evidence; a listwise
model gives every candidate the probability exp(weights · evidence) / sum over all, and the weights that make the right
articles likeliest are kept, none below zero. The figures are on questions the weights have not seen (five folds),
for all signals and without each; ``ranking.yml`` gets the weights fitted on all. A FILE of other questions is only
measured, never fitted on. Results: ranking.json.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.asked_statutes import Asked, of_file, own, placed
from knowledge_base.articles import Key
from knowledge_base.statute_search import RANKING, StatuteSearch, ranking, statute_search
from knowledge_base.text import normalise

RESULTS = Path(__file__).parent / "ranking.json"
FOLDS = 5
RIDGE = 0.01
RIGHT = 0.9  # of first articles from the chance `sure` on

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Candidates:
    """What was found for one question: ``evidence`` of shape ``(candidates, signals)``, and which are right."""

    keys: list[Key]
    evidence: Numbers
    right: NDArray[np.bool_]


def gather(search: StatuteSearch, asked: Sequence[Asked]) -> list[Candidates]:
    found = []
    for question in asked:
        pool, evidence = search.evidence(normalise(question.text))
        keys = [search.articles[place].key for place in pool]
        right = np.array([key in question.articles for key in keys], bool)
        found.append(Candidates(keys, evidence.astype(float), right))
    return found


def fit(questions: Sequence[Candidates], signals: Sequence[int]) -> Numbers:
    """Weights of the signals of these numbers, each at least 0."""
    known = [question for question in questions if question.right.any()]
    evidence = np.concatenate([question.evidence[:, signals] for question in known])
    scale = evidence.std(axis=0) + 1e-6
    evidence /= scale
    wanted = np.concatenate([question.right / question.right.sum() for question in known])
    sizes = [len(question.keys) for question in known]
    first, owner = np.cumsum([0, *sizes[:-1]]), np.repeat(np.arange(len(known)), sizes)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        logits = evidence @ weights
        logits -= np.maximum.reduceat(logits, first)[owner]
        log_chances = logits - np.log(np.add.reduceat(np.exp(logits), first))[owner]
        slope = evidence.T @ (np.exp(log_chances) - wanted)
        penalty = RIDGE * (weights**2).sum()
        return -(wanted @ log_chances) / len(known) + penalty, slope / len(known) + 2 * RIDGE * weights

    start = np.zeros(len(signals))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(signals))
    fitted: Numbers = best.x / scale
    return fitted


def ranked(question: Candidates, signals: Sequence[int], weights: Numbers) -> list[Key]:
    order = np.argsort(-(question.evidence[:, signals] @ weights), kind="stable")
    return [question.keys[i] for i in order[:20]]


def unseen(questions: Sequence[Candidates], signals: Sequence[int]) -> list[list[Key]]:
    """Each question's ranking by weights fitted on the other folds."""
    return [ranked(q, signals, weights) for q, weights in zip(questions, _of_folds(questions, signals), strict=True)]


def _of_folds(questions: Sequence[Candidates], signals: Sequence[int]) -> list[Numbers]:
    """For each question the weights fitted on the other folds."""
    fold_of = np.random.default_rng(0).integers(0, FOLDS, len(questions))
    weights = [fit([q for q, f in zip(questions, fold_of, strict=True) if f != fold], signals) for fold in range(FOLDS)]
    return [weights[fold] for fold in fold_of]


def sure(questions: Sequence[Candidates], signals: Sequence[int]) -> float:
    """The least chance from which on nine in ten first articles are right, each by weights fitted on other folds."""
    firsts = []
    for question, weights in zip(questions, _of_folds(questions, signals), strict=True):
        logits = question.evidence[:, signals] @ weights
        first = int(logits.argmax())
        firsts.append((float(1 / np.exp(logits - logits[first]).sum()), bool(question.right[first])))
    firsts.sort(reverse=True)
    shares = np.cumsum([right for _, right in firsts]) / np.arange(1, len(firsts) + 1)
    return round(firsts[int(np.flatnonzero(shares >= RIGHT).max())][0], 2)


def main(arguments: list[str]) -> int:
    search, asked = statute_search(), own()
    names = search.SIGNALS
    questions = gather(search, asked)
    every = list(range(len(names)))
    rankings = unseen(questions, every)
    results: dict[str, Any] = {"questions": len(asked), "all signals": placed(asked, rankings)}
    for group in dict.fromkeys(question.group for question in asked):
        of_group = [i for i, question in enumerate(asked) if question.group == group]
        results[f"all signals, {group}"] = placed([asked[i] for i in of_group], [rankings[i] for i in of_group])
    fewer = {name: [i for i in every if i != without] for without, name in enumerate(names)}
    results |= {f"without {name}": placed(asked, unseen(questions, left)) for name, left in fewer.items()}
    weights = fit(questions, every)
    for other in map(Path, arguments):
        theirs = of_file(other)
        found = gather(search, theirs)
        for name, used in {"all signals": every, **{f"without {name}": left for name, left in fewer.items()}}.items():
            fitted = fit(questions, used)
            results[f"{other.stem}, {name}"] = placed(theirs, [ranked(q, used, fitted) for q in found])
    chosen = {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)}
    limit = sure(questions, every)
    results |= {"weights": chosen, "sure": limit}
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, ensure_ascii=False, indent=1))
    head = "# Written by `python -m benchmarks.ranking`, fitted on `knowledge_base/heldout_statutes`; `named` is chosen by\n"
    head += "# hand: nobody in that set names a law, and who does wants its articles first.\n"
    body = yaml.safe_dump({"weights": chosen, "named": ranking().named, "sure": limit}, sort_keys=False)
    RANKING.write_text(head + body, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
