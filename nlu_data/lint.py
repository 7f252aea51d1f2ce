"""Check the training data: ``python -m nlu_data.lint [FILE …]``.

Names file, line and fix for: intents the taxonomy does not know, too few examples, examples that say
nearly the same, held-out examples that stand nearly so in what the NLU learns from, and intents so
close to each other that a border between them must be written down.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from nlu_data.similarity import bare, closeness, near_duplicates

HERE = Path(__file__).parent
CONSULTATION_MINIMUM, DIALOGUE_MINIMUM, HELD_OUT_MINIMUM = 80, 15, 10
# Share of character pairs in common from which two examples are one, said again.
NEAR, LEAK = 0.7, 0.6
SHORT = 5  # characters; shorter ones are compared whole
# A few dozen pairs of intents among 3,800 are as close as this; most confusions of the classifier are theirs.
CLOSE = 0.12
_EXAMPLE = re.compile(r"^\s*- (.+?)\s*$")


NONE = "none"  # as an example's answer: nothing that is written serves it


class Example(NamedTuple):
    """``answer`` is the id of the written answer that serves it, `NONE`, or "" where one would ask back."""

    path: Path
    line: int
    intent: str
    text: str
    answer: str = ""

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"


def examples(folder: Path) -> Iterator[Example]:
    """Every example below ``folder``, in Rasa's YAML format."""
    for path in sorted(folder.glob("**/*.yml")):
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        assert isinstance(node, yaml.MappingNode), path
        sections = {key.value: value for key, value in node.value}
        for item in sections["nlu"].value:
            fields = {key.value: value for key, value in item.value}
            if "intent" not in fields:
                continue
            about = {key.value: value.value for key, value in getattr(fields.get("metadata"), "value", ())}
            start = fields["examples"].start_mark.line + 2
            for offset, text in enumerate(fields["examples"].value.splitlines()):
                if match := _EXAMPLE.match(text):
                    yield Example(path, start + offset, fields["intent"].value, match[1], about.get("answer", ""))


def phrasings(folder: Path) -> Iterator[Example]:
    """The questions of the written answers, which the NLU learns from too."""
    for path in sorted(folder.glob("*/*.yml")):
        for answer in yaml.safe_load(path.read_text(encoding="utf-8")):
            for text in (answer["question"], *answer["phrasings"]):
                yield Example(path, 1, path.stem, text)


def lint(root: Path = HERE, answers: Path = HERE.parent / "knowledge_base" / "content" / "answers") -> list[str]:
    taxonomy = yaml.safe_load((root / "taxonomy.yml").read_text(encoding="utf-8"))
    trained, held_out = list(examples(root / "intents")), list(examples(root / "heldout"))
    return [
        *_unknown(taxonomy, [*trained, *held_out]),
        *_unanswered(trained, answers),
        *_too_few(taxonomy, trained, held_out),
        *_said_twice(trained, trained, NEAR, "said already at {}", "keep one"),
        *_said_twice(
            held_out, [*trained, *phrasings(answers)], LEAK, "held-out example stands in training data at {}",
            "write another situation",
        ),
        *_too_close(taxonomy, trained),
    ]  # fmt: skip


def _unanswered(trained: list[Example], answers: Path) -> Iterator[str]:
    """Examples said to be served by an answer that is not there."""
    known = {
        entry["id"] for path in answers.glob("*/*.yml") for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    }
    for example in trained:
        if example.answer not in (known | {NONE, ""}):
            yield f"{example.where}: no answer {example.answer}\n    fix: name one of the topic, or `{NONE}`"


def _folders(taxonomy: dict[str, Any]) -> dict[str, set[str]]:
    folders = {slug: set(topic["intents"]) for slug, topic in taxonomy["topics"].items()}
    return {**folders, "dialogue": set(taxonomy["dialogue"])}


def _unknown(taxonomy: dict[str, Any], all_examples: list[Example]) -> Iterator[str]:
    folders = _folders(taxonomy)
    for path, intent in dict.fromkeys((e.path, e.intent) for e in all_examples):
        if intent not in folders.get(path.parent.name, ()):
            yield (
                f"{path}:1: {path.parent.name}/{intent} is not in the taxonomy\n"
                "    fix: nlu_data/taxonomy.yml names the folders and intents"
            )
    for border in taxonomy.get("borders", ()):
        for intent in border["between"]:
            if not any(intent in intents for intents in folders.values()):
                yield f"taxonomy.yml: a border of {intent}, which it does not list\n    fix: use an intent's name"


def _too_few(taxonomy: dict[str, Any], trained: list[Example], held_out: list[Example]) -> Iterator[str]:
    for folder, intents in _folders(taxonomy).items():
        minimum = DIALOGUE_MINIMUM if folder == "dialogue" else CONSULTATION_MINIMUM
        for kind, found, least in (("intents", trained, minimum), ("heldout", held_out, HELD_OUT_MINIMUM)):
            for intent in sorted(intents):
                if (count := sum(example.intent == intent for example in found)) < least:
                    yield f"{kind}/{folder}/{intent}.yml: {count} examples\n    fix: write at least {least}"


def _said_twice(these: list[Example], those: list[Example], limit: float, fault: str, fix: str) -> Iterator[str]:
    """Short ones must differ at all, longer ones in enough of their pairs."""
    whole: dict[str, Example] = {}
    for example in () if these is those else those:
        whole.setdefault(bare(example.text), example)
    for example in these:
        if first := whole.get(bare(example.text)):
            yield f"{example.where}: {fault.format(first.where)}: {example.text}\n    fix: {fix}"
        elif these is those:
            whole[bare(example.text)] = example
    mine = [e for e in these if len(bare(e.text)) > SHORT]
    theirs = mine if these is those else [e for e in those if len(bare(e.text)) > SHORT]
    texts = [e.text for e in mine]
    others = texts if these is those else [e.text for e in theirs]
    for place, other, common in near_duplicates(texts, others, limit):
        if bare(texts[place]) != bare(others[other]):
            where = fault.format(theirs[other].where)
            yield f"{mine[place].where}: {where}, nearly ({common:.0%}): {texts[place]} ~ {others[other]}\n    fix: {fix}"


def _too_close(taxonomy: dict[str, Any], trained: list[Example]) -> Iterator[str]:
    drawn = {frozenset(border["between"]) for border in taxonomy.get("borders", ())}
    dialogue = set(taxonomy["dialogue"])
    groups: dict[str, list[str]] = defaultdict(list)
    for example in trained:
        if example.intent not in dialogue:
            groups[example.intent].append(example.text)
    for a, b, common in closeness(groups):
        if common > CLOSE and frozenset((a, b)) not in drawn:
            yield (
                f"intents/{a} and intents/{b}: their examples use the same words ({common:.2f})\n"
                "    fix: write under `borders` in taxonomy.yml what decides between them, and sort the examples by it"
            )


def main(arguments: list[str]) -> int:
    wanted = [str(Path(a).resolve()) for a in arguments]
    problems = [p for p in lint() if not wanted or any(p.startswith(w) for w in wanted)]
    print("\n".join(problems) or f"{sum(1 for _ in examples(HERE / 'intents'))} examples, no problems")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
