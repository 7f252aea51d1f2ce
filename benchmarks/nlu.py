"""How well the classifier places the project's own held-out examples: ``make nlu-report``.

Writes ``benchmarks/nlu/``: report.md (figures of every intent and topic, the most confused pairs with
examples and the border between them), confusion.svg, calibration.svg, and figures.json.
"""

import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import yaml
from matplotlib import pyplot
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from actions.turn import understanding
from benchmarks.understanding import ROOT, Parsed, Ranking, parse
from nlu_data.lint import examples
from nlu_data.taxonomy import TAXONOMY, taxonomy

FOLDER = Path(__file__).parent / "nlu"
BINS = 10
PAIRS = 40


def held_out() -> tuple[list[str], list[str]]:
    """Texts and their intents."""
    found = list(examples(ROOT / "nlu_data" / "heldout"))
    return [e.text for e in found], [e.intent for e in found]


def topic_of(ranking: Ranking) -> str:
    topics = understanding(ranking).topics
    return max(topics, key=topics.__getitem__)


def calibration(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, how many) of each tenth of the scale that holds any."""
    places = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        (float(sure[places == b].mean()), float(right[places == b].mean()), int((places == b).sum()))
        for b in range(BINS)
        if (places == b).any()
    ]


def expected_calibration_error(curve: list[tuple[float, float, int]]) -> float:
    total = sum(n for _, _, n in curve)
    return sum(abs(said - was) * n for said, was, n in curve) / total


def sharpened(rankings: list[Ranking], power: float) -> list[list[float]]:
    """Each ranking's probabilities as another temperature would give them: ``power`` times the log odds."""
    raised = [np.array([p for _, p in ranking]) ** power for ranking in rankings]
    return [(row / row.sum()).tolist() for row in raised]


def best_temperature(intents: list[str], rankings: list[Ranking]) -> float:
    """The temperature under which the held-out examples surprise least, given that of the model."""
    used: float = next(
        part["temperature"]
        for part in yaml.safe_load((ROOT / "bot" / "config.yml").read_text(encoding="utf-8"))["pipeline"]
        if "temperature" in part
    )
    # Rasa's own classifiers rank only the first ten.
    found = [[name for name, _ in ranking] for ranking in rankings]
    ranked = [
        (names.index(intent), ranking)
        for intent, names, ranking in zip(intents, found, rankings, strict=True)
        if intent in names
    ]
    places, rankings = [place for place, _ in ranked], [ranking for _, ranking in ranked]

    def surprise(power: float) -> float:
        rows = sharpened(rankings, power)
        return -float(np.mean([np.log(row[place] + 1e-12) for row, place in zip(rows, places, strict=True)]))

    powers = np.geomspace(0.5, 2.0, 41)
    return round(used / float(min(powers, key=surprise)), 3)


def figures(intents: list[str], parsed: Parsed) -> dict[str, Any]:
    """The figures an issue or a README quotes."""
    found = [ranking[0][0] for ranking in parsed.rankings]
    right = np.array(found) == np.array(intents)
    sure = np.array([ranking[0][1] for ranking in parsed.rankings])
    _, _, f1, _ = precision_recall_fscore_support(intents, found, labels=sorted(set(intents)), zero_division=0)
    expected = [taxonomy().topic_of(intent) for intent in intents]
    on_topic = [topic.slug == topic_of(r) for topic, r in zip(expected, parsed.rankings, strict=True) if topic]
    dialogue = [r for topic, r in zip(expected, right, strict=True) if topic is None]
    cuts = statistics.quantiles(parsed.milliseconds, n=100)
    return {
        "examples": len(intents),
        "intents": len(set(intents)),
        "accuracy": round(float(right.mean()), 4),
        "macro_f1": round(float(np.mean(f1)), 4),
        "topic_accuracy": round(float(np.mean(on_topic)), 4),
        "dialogue_accuracy": round(float(np.mean(dialogue)), 4),
        "expected_calibration_error": round(expected_calibration_error(calibration(sure, right)), 4),
        "best_temperature": best_temperature(intents, parsed.rankings),
        "among_the_first_three": round(
            float(np.mean([i in [n for n, _ in r[:3]] for i, r in zip(intents, parsed.rankings, strict=True)])), 4
        ),
        "parse_p50_ms": round(cuts[49], 1),
        "parse_p95_ms": round(cuts[94], 1),
        "memory_mb": parsed.memory,
    }


def tables(texts: list[str], intents: list[str], parsed: Parsed, known: dict[str, Any]) -> str:
    title = taxonomy().title_of
    lines = ["# How the NLU places the held-out examples", "", "Written by `make nlu-report`.", ""]
    lines += ["| | |", "| --- | --- |", *(f"| {name.replace('_', ' ')} | {value} |" for name, value in known.items())]
    lines += ["", "![Calibration](calibration.svg)", "", "![Confusion](confusion.svg)", "", "## Topics", ""]
    topics = [(taxonomy().topic_of(i), topic_of(r)) for i, r in zip(intents, parsed.rankings, strict=True)]
    asked = [(topic.slug, other) for topic, other in topics if topic]
    lines += _scores([a for a, _ in asked], [b for _, b in asked], lambda slug: taxonomy().topics[slug].title)
    lines += ["", "## Intents, worst first", ""]
    lines += _scores(intents, [r[0][0] for r in parsed.rankings], title)
    lines += ["", "## Most confused pairs", ""]
    return "\n".join([*lines, *_pairs(texts, intents, parsed)]) + "\n"


def _scores(expected: list[str], found: list[str], title: Any) -> list[str]:
    labels = sorted(set(expected))
    precision, recall, f1, n = precision_recall_fscore_support(expected, found, labels=labels, zero_division=0)
    rows = sorted(zip(f1, labels, precision, recall, n, strict=True))
    return [
        "| | precision | recall | F1 | examples |", "| --- | --- | --- | --- | --- |",
        *(f"| {title(label)} `{label}` | {p:.2f} | {r:.2f} | {f:.2f} | {count} |" for f, label, p, r, count in rows),
    ]  # fmt: skip


def _pairs(texts: list[str], intents: list[str], parsed: Parsed) -> list[str]:
    """Each pair with how often it is confused, in both directions, the border rule and the examples."""
    borders = {frozenset(b["between"]): b for b in yaml.safe_load(TAXONOMY.read_text(encoding="utf-8"))["borders"]}
    wrong: dict[frozenset[str], list[str]] = defaultdict(list)
    for text, intent, ranking in zip(texts, intents, parsed.rankings, strict=True):
        found, sure = ranking[0]
        if found != intent:
            arrow = f"{taxonomy().title_of(intent)} → {taxonomy().title_of(found)}"
            wrong[frozenset((intent, found))].append(f"- {arrow} ({sure:.2f}): {text}")
    lines = []
    for pair, said in sorted(wrong.items(), key=lambda item: (-len(item[1]), sorted(item[0])))[:PAIRS]:
        border = borders.get(pair)
        names = border["between"] if border else sorted(pair)
        rule = f"（前者 {names[0]}）{border['rule']}" if border else "no border written"
        lines += [f"### {len(said)} × {' / '.join(names)}", "", f"Border: {rule}", "", *said, ""]
    return lines


def draw_calibration(curve: list[tuple[float, float, int]], error: float, path: Path) -> None:
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    axes.plot([said for said, _, _ in curve], [was for _, was, _ in curve], marker="o")
    for said, was, n in curve:
        axes.annotate(str(n), (said, was), textcoords="offset points", xytext=(6, -10), fontsize=8)
    axes.set(xlabel="confidence", ylabel="share right", title=f"expected calibration error {error:.3f}")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    _save(figure, path)


def draw_confusion(intents: list[str], found: list[str], path: Path) -> None:
    """Rows are what was meant, by topic, columns what was found; the diagonal is left white."""
    labels = [i for t in taxonomy().topics.values() for i in t.intents] + list(taxonomy().dialogue)
    counts = confusion_matrix(intents, found, labels=labels)
    np.fill_diagonal(counts, 0)
    figure, axes = pyplot.subplots(figsize=(16, 16))
    axes.imshow(counts, cmap="Reds")
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=6)
    axes.set_yticks(range(len(labels)), labels, fontsize=6)
    ends = np.cumsum([len(t.intents) for t in taxonomy().topics.values()])
    for end in ends:
        axes.axhline(end - 0.5, color="lightgrey", linewidth=0.5)
        axes.axvline(end - 0.5, color="lightgrey", linewidth=0.5)
    for row, column in zip(*np.nonzero(counts), strict=True):
        axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=5)
    axes.set(xlabel="found", ylabel="meant", title="confused held-out examples")
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def main() -> int:
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "fazhu"  # the same figures make the same file
    texts, intents = held_out()
    parsed = parse(texts)
    known = figures(intents, parsed)
    found = [ranking[0][0] for ranking in parsed.rankings]
    sure = np.array([ranking[0][1] for ranking in parsed.rankings])
    FOLDER.mkdir(exist_ok=True)
    draw_confusion(intents, found, FOLDER / "confusion.svg")
    curve = calibration(sure, np.array(found) == np.array(intents))
    draw_calibration(curve, known["expected_calibration_error"], FOLDER / "calibration.svg")
    (FOLDER / "report.md").write_text(tables(texts, intents, parsed, known), encoding="utf-8")
    (FOLDER / "figures.json").write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(known, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
