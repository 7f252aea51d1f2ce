"""Legal education: a published answer in the length that is read in a quarter of a minute.

Nothing is shortened by a program, which could cut off the exception that matters: a tip says the words that the
answer's author wrote for being said aloud, whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256

from knowledge_base.answers import Answer, Citation, load, shown
from knowledge_base.citations import unsound
from knowledge_base.compose import reviewed
from knowledge_base.search import AnswerSearch, answer_search
from knowledge_base.statutes import UnknownArticle, corpus
from nlu_data.taxonomy import taxonomy


@dataclass(frozen=True)
class Topic:
    """``slug`` is the folder of the answers, ``title`` what citizens call it."""

    slug: str
    title: str


@dataclass(frozen=True)
class Tip:
    """``id`` is the answer's; ``vouched`` says who has reviewed it."""

    id: str
    topic: Topic
    question: str
    text: str
    citations: tuple[Citation, ...]
    vouched: str

    @classmethod
    def of(cls, answer: Answer) -> "Tip":
        text = answer.spoken or answer.answer
        return cls(
            answer.id, _topic(answer.topic), answer.question, text, tuple(answer.citations), reviewed(answer)
        )  # fmt: skip


@cache
def _topic(slug: str) -> Topic:
    known = taxonomy().topics.get(slug) or taxonomy().services[slug]
    return Topic(slug, known.title)


def _is_sound(tip: Tip) -> bool:
    """Whether all the law it names is in force: what is not is never sent, here as in a conversation."""
    try:
        for citation in tip.citations:
            corpus().find(*citation.key)
    except UnknownArticle:
        return False
    return not unsound(tip.text)


class Tips:
    """``topics`` are those that there are tips of."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        made = map(Tip.of, answers)
        self._tips = {tip.id: tip for tip in made if _is_sound(tip)}
        there = {tip.topic.slug for tip in self._tips.values()}
        self.topics = [_topic(slug) for slug in (*taxonomy().topics, *taxonomy().services) if slug in there]

    def get(self, id: str) -> Tip | None:
        return self._tips.get(id)

    def topic(self, named: str) -> Topic | None:
        """The topic with this slug or title."""
        return next((topic for topic in self.topics if named in (topic.slug, topic.title)), None)

    def of(self, topic: Topic | None) -> list[Tip]:
        """Those of a topic, or all, in the order of the content."""
        return [tip for tip in self._tips.values() if topic in (None, tip.topic)]

    def for_day(self, day: date, topic: Topic | None = None) -> list[Tip]:
        """The same, shuffled by the date: the first is the tip of the day. A tip that is added or removed leaves the
        others in their order, so that what a feed said of a day stays."""
        return sorted(self.of(topic), key=lambda tip: sha256(f"{day.isoformat()} {tip.id}".encode()).digest())


def tips() -> Tips:
    """Of the answers that the gateway has at hand anyway."""
    return _of(answer_search())


@lru_cache(maxsize=1)
def _of(search: AnswerSearch) -> Tips:
    return Tips(search.entries)


def read_tips() -> Tips:
    """The same from the files, for a process that answers nobody and has no index: takes seconds."""
    return Tips(shown(load()))
