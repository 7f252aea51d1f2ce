"""An answer as one citizen reads it: adapted to what was said, its law quoted, its deadline worked out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from knowledge_base.answers import Adaptation, Answer, Citation
from knowledge_base.deadlines import Due, deadlines, due, tell
from knowledge_base.facts import Fact
from knowledge_base.interviews.model import interviews
from knowledge_base.replies import ASK_HUMAN, HELPFUL, UNHELPFUL, Reply, cite, plain_buttons
from knowledge_base.spans import day
from knowledge_base.statutes import corpus
from nlu_data.similarity import pairs

Length = Literal["full", "short", "spoken"]
# What a channel has room for. WeChat cuts at 2,048 bytes; a voice cannot be skimmed.
LENGTHS: dict[str, Length] = {"wechat": "short", "hotline": "spoken"}
DRAFTED = "这条解答由法助编写，还没有经过律师审核。"
_CLAUSE = re.compile(r"[，。；！？,;!?\s]")
_SENTENCE = re.compile(r"[^。；\n]+[。；]?")
_QUOTED = 120  # characters


@dataclass(frozen=True)
class Said:
    """What the citizen said: the text that is answered, what it names, and how much of its end was added to an
    earlier question (``added`` characters)."""

    text: str
    facts: Sequence[Fact] = ()
    added: int = 0


def compose(answer: Answer, related: Sequence[Answer], said: Said, again: bool, length: Length) -> Reply:
    """``again``: the citizen has just had this answer and adds to it; only what is new is told."""
    dues = _dues(answer, said)
    adapted = _adapted(answer.adapt, said)
    if length == "spoken":
        parts = [
            *map(_aloud, adapted),
            answer.spoken or answer.answer,
            *(_aloud(tell(found).split("\n")[0]) for found in dues),
        ]
    else:
        parts = _written(answer, adapted, dues, said, again, length)
    if length != "spoken":
        parts.append(reviewed(answer))
    question = _question(answer, dues, adapted, again)
    if question:
        parts.append(question)
    return Reply(
        "answer",
        "\n\n".join(parts) if length != "spoken" else "".join(parts),
        citations(answer, dues),
        _buttons(answer, related),
        urgent=any(found.urgent for found in dues),
        asks=question is not None,
        deadline=min((found.last for found in dues if found.at_risk), default=None),
    )


def _written(
    answer: Answer, adapted: Sequence[str], dues: Sequence[Due], said: Said, again: bool, length: Length
) -> list[str]:
    head = f"【{answer.question}】"
    times = list(map(tell, dues))
    if again:
        return [f"按您补充的情况，看的还是这一条：{head}", *adapted, *times] + (
            [] if adapted or times else [answer.answer]
        )
    parts = [head, *[found for found in times if found.startswith("【紧急】")], *adapted, answer.answer]
    parts += [found for found in times if not found.startswith("【紧急】")]
    parts.append("接下来可以：\n" + _bullets(answer.next_steps))
    if length == "short":
        return parts
    if answer.exceptions:
        parts.append("要留意：\n" + _bullets(answer.exceptions))
    if answer.see:
        parts.append(f"找谁帮忙：{answer.see}")
    if answer.beyond_corpus:
        parts.append(f"另外：{answer.beyond_corpus}")
    return parts


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"· {line}" for line in lines)


def _aloud(text: str) -> str:
    return re.sub(r"【.*?】|[“”]", "", text)


def reviewed(answer: Answer) -> str:
    """Who vouches for the answer."""
    if answer.reviewed is None:
        return DRAFTED
    return f"这条解答由{answer.reviewed.by}于{day(answer.reviewed.on)}审核。"


def _dues(answer: Answer, said: Said) -> list[Due]:
    found = (due(deadlines()[id], said.text, said.facts, said.added) for id in answer.deadlines)
    return [one for one in found if one]


def _adapted(rules: Sequence[Adaptation], said: Said) -> list[str]:
    """What the rules add, at most one for each kind of quantity; none where the text names two that differ in what follows."""
    lines: dict[str, list[str]] = {}
    for rule in rules:
        for fact in said.facts:
            if _meant(rule, fact, said):
                lines.setdefault(rule.fact, []).append(rule.say.replace("{said}", fact.said))
    return [found[0] for found in lines.values() if len({*found}) == 1]


def _meant(rule: Adaptation, fact: Fact, said: Said) -> bool:
    if fact.kind != rule.fact or not isinstance(fact.value, float):
        return False
    return rule.at_least <= fact.value < rule.under and (not rule.near or _same_clause(fact, rule.near, said))


def _same_clause(fact: Fact, words: Sequence[str], said: Said) -> bool:
    if said.added and fact.start >= len(said.text) - said.added:
        return True  # it was asked for
    before = _CLAUSE.split(said.text[: fact.start])[-1]
    after = _CLAUSE.split(said.text[fact.end :])[0]
    return any(word in before + fact.said + after for word in words)


def _question(answer: Answer, dues: Sequence[Due], adapted: Sequence[str], again: bool) -> str | None:
    """The one short question back, where its answer would change this one."""
    if dues or adapted or again:
        return None
    if answer.ask:
        return answer.ask
    if answer.deadlines:
        return f"{deadlines()[answer.deadlines[0]].ask}告诉我日期，我帮您算期限。"
    return None


def _buttons(answer: Answer, related: Sequence[Answer]) -> tuple[Any, ...]:
    titles = [interviews()[id].title for id in answer.tools if id in interviews()]
    return (*plain_buttons([*titles, *(other.question for other in related)]), HELPFUL, UNHELPFUL, ASK_HUMAN)


def citations(answer: Answer, dues: Sequence[Due] = ()) -> tuple[dict[str, Any], ...]:
    """The answer's citations, each with the sentence of the article that speaks to it, and those of its deadlines."""
    spoken_to = {citation: answer.answer for citation in answer.citations}
    for found in dues:
        counted = found.deadline.counted[:1] + (found.deadline.counted[-1:] if found.last != found.calendar else [])
        for citation in (found.deadline.law, *counted):
            spoken_to.setdefault(citation, tell(found))
    return tuple({**cite(*citation.key), "quote": key_sentence(citation, text)} for citation, text in spoken_to.items())


@lru_cache(maxsize=4096)
def key_sentence(citation: Citation, text: str) -> str:
    """The sentence of the article that has most in common with ``text``, quoted from the corpus; an item of a list comes
    with the words before the list."""
    said = pairs(text)
    sentences: list[str] = []
    head = ""
    for line in corpus().find(*citation.key).text.split("\n"):
        item = line.startswith("（") and head
        for found in map(str.strip, _SENTENCE.findall(line)):
            sentences.append(f"{head}……{found}" if item else found)
        head = head if item else (sentences[-1] if line.endswith("：") else "")
    best = max(sentences, key=lambda one: (len(pairs(one) & said) / (len(one) + 20), -len(one)))
    return best if len(best) <= _QUOTED else best[:_QUOTED] + "……"
