"""Questions with the articles that answer them, and how well a ranking places those.

Own questions stand in ``knowledge_base/heldout_statutes``: written without sight of the lay index, never searched.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge_base.articles import Key
from knowledge_base.lay_index import HELDOUT, article_key
from knowledge_base.statutes import corpus

CUTS = (5, 10, 20)


@dataclass(frozen=True)
class Asked:
    text: str
    articles: frozenset[Key]
    group: str  # name of the file


def own() -> list[Asked]:
    """Every question of the project's own test set.

    Raises:
        UnknownArticle: a file names an article that is not in force.
    """
    found = []
    for path in sorted(HELDOUT.glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            articles = frozenset(corpus().find(*article_key(name, "")).key for name in item["articles"])
            found.append(Asked(item["asked"], articles, path.stem))
    return found


def of_file(path: Path) -> list[Asked]:
    """Questions of a JSON Lines file with ``query`` and ``articles`` (``law`` and ``article``)."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        Asked(row["query"], frozenset((a["law"], a["article"], 0) for a in row["articles"]), path.stem) for row in rows
    ]


def placed(asked: Sequence[Asked], rankings: Iterable[Sequence[Key]]) -> dict[str, float]:
    """Recall at 5, 10 and 20, mean reciprocal rank among the first 10, and share with a right first article."""
    totals = dict.fromkeys([*(f"recall_at_{cut}" for cut in CUTS), "mrr_at_10", "hit_at_1"], 0.0)
    for question, ranking in zip(asked, rankings, strict=True):
        for cut in CUTS:
            totals[f"recall_at_{cut}"] += len(question.articles & set(ranking[:cut])) / len(question.articles)
        totals["mrr_at_10"] += _reciprocal_rank(question.articles, ranking[:10])
        totals["hit_at_1"] += _reciprocal_rank(question.articles, ranking[:1])
    return {name: round(total / len(asked), 3) for name, total in totals.items()}


def _reciprocal_rank(right: Collection[Key], ranking: Sequence[Key]) -> float:
    return next((1 / rank for rank, key in enumerate(ranking, 1) if key in right), 0.0)
