"""How well danger now is told from talk about danger: ``python -m benchmarks.red_lines``.

On five folds of the development examples for every degree of sureness (that is how the ``limits`` in
``red_lines.yml`` are chosen), on the test set, on the NLU's held-out examples, and in time a message.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import yaml

from benchmarks.understanding import ROOT
from knowledge_base.danger import HARMLESS, Labelled, everyday, fit, judge, labelled
from knowledge_base.red_lines import RED_LINES, Danger, red_lines
from nlu_data.lint import examples

TEST = ROOT / "tests" / "knowledge_base" / "red_lines.yml"
RESULTS = Path(__file__).parent / "red_lines.json"
FOLDS = 5


def folded() -> list[tuple[bool, float]]:
    """(is danger, the model's probability) for every development example, by a model that has not seen it."""
    written = labelled()
    harmless = everyday(yaml.safe_load(RED_LINES.read_text(encoding="utf-8"))["may_speak_of_danger"])
    fold_of = np.random.default_rng(0).integers(0, FOLDS, len(written))
    judged = []
    for fold in range(FOLDS):
        model = fit([w for w, f in zip(written, fold_of, strict=True) if f != fold], harmless)
        for situation, text in (w for w, f in zip(written, fold_of, strict=True) if f == fold):
            judged.append((situation != HARMLESS, judge(model, text)[1]))
    return judged


def seen(messages: list[Labelled], at_least: Danger) -> dict[str, float]:
    """Share of each situation's messages that are taken for danger so sure, and of the harmless ones."""
    shares: dict[str, list[bool]] = {}
    for situation, text in messages:
        found = red_lines().look(text)
        shares.setdefault(situation, []).append(found is not None and found.danger >= at_least)
    return {situation: round(sum(found) / len(found), 3) for situation, found in shares.items()}


def main() -> int:
    judged = folded()
    curve = {}
    for sure in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        recall = np.mean([p >= sure for danger, p in judged if danger])
        false_alarms = np.mean([p >= sure for danger, p in judged if not danger])
        curve[str(sure)] = {"recall": round(float(recall), 3), "false_alarms": round(float(false_alarms), 3)}
    test = labelled(TEST)
    danger = [("danger", text) for situation, text in test if situation != HARMLESS]
    skipped = yaml.safe_load(RED_LINES.read_text(encoding="utf-8"))["may_speak_of_danger"]
    ordinary = [e.text for e in examples(ROOT / "nlu_data" / "heldout") if e.intent not in skipped]
    started = time.perf_counter()
    alarms = [red_lines().check(text) is not None for text in ordinary]
    results = {
        "folds": curve,
        "test_recall": seen(danger, Danger.LIKELY)["danger"],
        "test_recall_with_a_line_of_caution": seen(danger, Danger.POSSIBLE)["danger"],
        "test_by_situation": seen(test, Danger.LIKELY),
        "test_by_situation_with_a_line_of_caution": seen(test, Danger.POSSIBLE),
        "false_alarms_in_everyday_consultations": round(sum(alarms) / len(alarms), 3),
        "ms_a_message": round(1000 * (time.perf_counter() - started) / len(ordinary), 2),
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
