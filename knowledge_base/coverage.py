"""What the content covers and what people ask without an answer: ``python -m knowledge_base.coverage [TOPIC]``."""

import sys
from collections import Counter, defaultdict

from knowledge_base.answers import Answer, load
from nlu_data.lint import HERE, NONE, Example, examples
from nlu_data.taxonomy import taxonomy

SHOWN = 12  # questions without an answer, of a topic that is asked for


def by_intent(answers: list[Answer], asked: list[Example]) -> list[tuple[str, int, int, int, float]]:
    """(intent, answers, reviewed ones, examples, share of the examples that an answer serves) for each intent."""
    written, reviewed = Counter(a.intent for a in answers), Counter(a.intent for a in answers if a.reviewed)
    total = Counter(example.intent for example in asked)
    served = Counter(example.intent for example in asked if example.answer not in (NONE, ""))
    return [
        (intent, written[intent], reviewed[intent], total[intent], served[intent] / max(total[intent], 1))
        for topic in taxonomy().topics.values()
        for intent in topic.intents
    ]


def main(arguments: list[str]) -> int:
    answers, asked = load(), list(examples(HERE / "intents"))
    wanted = [topic for topic in taxonomy().topics.values() if {topic.slug, topic.title} & {*arguments}]
    rows = {row[0]: row for row in by_intent(answers, asked)}
    for topic in wanted or taxonomy().topics.values():
        print(f"{topic.title}")
        for intent, title in topic.intents.items():
            _, written, reviewed, total, share = rows[intent]
            print(f"  {title}: {written} answers, {reviewed} reviewed; serve {share:.0%} of {total} examples")
    unserved: dict[str, list[str]] = defaultdict(list)
    for example in asked:
        if example.answer == NONE:
            unserved[example.intent].append(example.text)
    for topic in wanted:
        for intent, title in topic.intents.items():
            print(f"\n{title}: no answer yet for {len(unserved[intent])} examples, among them")
            step = max(len(unserved[intent]) // SHOWN, 1)
            print("\n".join(f"  · {text}" for text in unserved[intent][::step][:SHOWN]))
    if not wanted:
        print(f"\n{len(answers)} answers, {sum(bool(a.reviewed) for a in answers)} reviewed by a lawyer; "
              f"{sum(map(len, unserved.values()))} of {len(asked)} examples have none. A topic's name lists them.")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
