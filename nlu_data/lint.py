"""Check the training data: ``python -m nlu_data.lint [FILE …]``.

Finds intents the taxonomy does not know, too few examples, examples said twice (also across
intents) and held-out examples that stand in the training data.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import yaml

HERE = Path(__file__).parent
TOPIC_MINIMUM, DIALOGUE_MINIMUM = 25, 15
_EXAMPLE = re.compile(r"^\s*- (.+?)\s*$")


def examples(folder: Path) -> Iterator[tuple[Path, int, str, str]]:
    """(file, line, intent, text) of every example below ``folder``, in Rasa's YAML format."""
    for path in sorted(folder.glob("**/*.yml")):
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        assert isinstance(node, yaml.MappingNode), path
        sections = {key.value: value for key, value in node.value}
        for item in sections["nlu"].value:
            fields = {key.value: value for key, value in item.value}
            if "intent" not in fields:
                continue
            start = fields["examples"].start_mark.line + 2
            for offset, text in enumerate(fields["examples"].value.splitlines()):
                if match := _EXAMPLE.match(text):
                    yield path, start + offset, fields["intent"].value, match[1]


def bare(text: str) -> str:
    """Text without what makes no difference, to find the same example twice."""
    return re.sub(r"\W", "", text).lower()


def lint(root: Path = HERE) -> list[str]:
    taxonomy = yaml.safe_load((root / "taxonomy.yml").read_text(encoding="utf-8"))
    folders = {slug: set(topic["intents"]) for slug, topic in taxonomy["topics"].items()}
    folders["dialogue"] = set(taxonomy["dialogue"])
    problems: list[str] = []
    seen: dict[str, str] = {}
    counts: dict[str, int] = defaultdict(int)
    for path, line, intent, text in examples(root / "intents"):
        where, folder = f"{path}:{line}", path.parent.name
        if intent not in folders.get(folder, ()):
            problems.append(
                f"{where}: {folder}/{intent} is not in the taxonomy\n    fix: nlu_data/taxonomy.yml names the folders and intents"
            )
        if first := seen.get(bare(text)):
            problems.append(f"{where}: said already at {first}: {text}\n    fix: keep one")
        seen.setdefault(bare(text), where)
        counts[intent] += 1
    for path, line, _, text in examples(root / "heldout"):
        if first := seen.get(bare(text)):
            problems.append(
                f"{path}:{line}: held-out example stands in training data at {first}\n    fix: write another"
            )
    for folder, intents in folders.items():
        if folder == "dialogue":
            problems += [f"dialogue/{i}: {counts[i]} examples\n    fix: write at least {DIALOGUE_MINIMUM}"
                         for i in sorted(intents) if counts[i] < DIALOGUE_MINIMUM]  # fmt: skip
        elif (n := sum(counts[i] for i in intents)) < TOPIC_MINIMUM:
            problems.append(f"{folder}: {n} examples\n    fix: write at least {TOPIC_MINIMUM}")
    return problems


def main(arguments: list[str]) -> int:
    wanted = [str(Path(a).resolve()) for a in arguments]
    problems = [p for p in lint() if not wanted or any(p.startswith(w) for w in wanted)]
    print("\n".join(problems) or f"{sum(1 for _ in examples(HERE / 'intents'))} examples, no problems")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
