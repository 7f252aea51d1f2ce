"""How well the classifier places the project's own held-out examples: ``python -m benchmarks.nlu``."""

import sys
from collections import Counter

from actions.turn import understanding
from benchmarks.understanding import ROOT, rankings
from nlu_data.lint import examples
from nlu_data.taxonomy import taxonomy


def main() -> int:
    held_out = [(intent, text) for _, _, intent, text in examples(ROOT / "nlu_data" / "heldout")]
    ranked = rankings([text for _, text in held_out])
    right = Counter[str]()
    confusions = Counter[tuple[str, str]]()
    for (intent, _), ranking in zip(held_out, ranked, strict=True):
        found, expected = ranking[0][0], taxonomy().topic_of(intent)
        topics = understanding(ranking).topics
        best = max(topics, key=topics.__getitem__)
        right["intent"] += found == intent
        if expected:
            right["topic of"] += 1
            right["topic"] += best == expected.slug
        else:
            right["dialogue of"] += 1
            right["dialogue"] += found == intent
        if found != intent:
            confusions[intent, found] += 1
    print(f"intent   {right['intent'] / len(held_out):.3f}  of {len(held_out)}")
    print(f"topic    {right['topic'] / right['topic of']:.3f}  of {right['topic of']}")
    print(f"dialogue {right['dialogue'] / right['dialogue of']:.3f}  of {right['dialogue of']}")
    for (intent, found), times in confusions.most_common(25):
        print(f"  {times} × {taxonomy().title_of(intent)} → {taxonomy().title_of(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
