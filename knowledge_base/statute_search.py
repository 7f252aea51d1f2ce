"""Finding articles for a citizen's own words.

Every article is read together with the lay index: what it means in everyday words and the questions people ask of
it. A question is compared with all that by words, by pairs of characters and by meaning, and what the article's
company has to say is heard. A small ranking model adds the evidence up; its weights are fitted on the project's
own questions by ``benchmarks/ranking.py`` and stand in `ranking.yml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.sparse import csr_array

from knowledge_base import encoder
from knowledge_base.articles import Article, Key, short_name
from knowledge_base.citations import check_text, law_names
from knowledge_base.index import Lexical, Scores, best, kept, reciprocal_ranks, vectors
from knowledge_base.lay_index import Entry, lay_index
from knowledge_base.periods import asks_when, fixes_period
from knowledge_base.projection import Meanings, Projection, unit
from knowledge_base.statutes import Corpus, corpus
from knowledge_base.text import bigrams, expand, has_words, normalise, words
from nlu_data.similarity import pairs, share

RANKING = Path(__file__).with_name("ranking.yml")

# Candidates are the best of each of these; taking more finds no more.
_POOL = 100
_LEADERS = 15  # whose sisters are candidates too
_ALIKE = 0.2  # share of character pairs at which a written question shows why an article fits
_WORDS_SHOWN = 4
_FADE = 8.0  # ranks fade as 1 / (8 + rank) where they are put together
_EVERY = 5  # of the lay index's questions, as what is usually asked

Positions = NDArray[np.intp]


class Ranking(BaseModel):
    """What each signal counts, in nats; ``named`` is added for articles of a law that the question names. From the
    chance ``sure`` on, the first article is right nine times in ten."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: dict[str, float]
    named: float
    sure: float


@cache
def ranking() -> Ranking:
    return Ranking.model_validate(yaml.safe_load(RANKING.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Hit:
    """An article found. ``score`` is the ranking model's probability, or 1 when the article itself was
    named; ``why`` says in a citizen's words what speaks for it."""

    article: Article
    score: float
    plain: str = ""
    why: str = ""


class StatuteIndex:
    """What a question is compared with: each article's words and pairs of characters together with all that is said
    and asked of it, and the middle of the meanings of all that."""

    SIGNALS = ("words", "pairs", "meaning")

    def __init__(self, by_word: Lexical, by_pair: Lexical, projection: Projection, meanings: Meanings) -> None:
        self._by_word = by_word
        self._by_pair = by_pair
        self._projection = projection
        self._meanings = meanings

    @classmethod
    def build(cls, texts: Sequence[str], said: Sequence[Sequence[str]]) -> "StatuteIndex":
        """``texts`` of the articles, and what is ``said`` of each in everyday words; all normalised."""
        together = [[text, *phrases] for text, phrases in zip(texts, said, strict=True)]
        lexical = [
            Lexical.build([[token for part in parts for token in split(part)] for parts in together])
            for split in (words, bigrams)
        ]
        owners = np.repeat(np.arange(len(texts)), [len(phrases) for phrases in said])
        explained = np.unique(owners)
        of_texts = vectors("articles", texts)
        of_phrases = vectors("questions", [phrase for phrases in said for phrase in phrases])
        projection = Projection.fit(
            np.concatenate([of_phrases, of_texts[explained]]),
            np.searchsorted(explained, np.concatenate([owners, explained])),
        )
        middles, asked = projection(of_texts), projection(of_phrases)
        np.add.at(middles, owners, asked)
        return cls(lexical[0], lexical[1], projection, Meanings.of(unit(middles), asked[::_EVERY]))

    def signals(self, text: str) -> list[Scores]:
        """Every article's evidence for a normalised question, each of shape ``(articles,)``."""
        return [
            self._by_word.shares(words(expand(text))),
            self._by_pair.shares(bigrams(text)),
            self._meanings.near(self._projection(encoder.encode(text))),
        ]

    def save(self, folder: Path) -> None:
        self._by_word.save(folder / "words")
        self._by_pair.save(folder / "pairs")
        self._projection.save(folder / "projection.npz")
        self._meanings.save(folder / "meanings.npz")

    @classmethod
    def load(cls, folder: Path) -> "StatuteIndex":
        return cls(
            Lexical.load(folder / "words"),
            Lexical.load(folder / "pairs"),
            Projection.load(folder / "projection.npz"),
            Meanings.load(folder / "meanings.npz"),
        )


def searchable(article: Article) -> str:
    return f"{short_name(article.law)} {article.text}"


class StatuteSearch:
    SIGNALS = (*StatuteIndex.SIGNALS, "best_sister", "all_sisters", "period")

    def __init__(self, laws: Corpus, explained: Mapping[Key, Entry]) -> None:
        self.articles = [article for article in laws if not article.amends]
        self._explained = [explained.get(article.key) for article in self.articles]
        self._places = {article.key: i for i, article in enumerate(self.articles)}
        self._laws, self._law_of = np.unique([article.law for article in self.articles], return_inverse=True)
        self._sisters = self._links(laws)
        self._fixes_period = np.array([fixes_period(article.text) for article in self.articles])
        self._index = StatuteIndex.load(kept("statutes", self._content(), self._build))

    def _links(self, laws: Corpus) -> csr_array:
        """1 where one of two articles names the other as its sister, shape ``(articles, articles)``."""
        size = len(self.articles)
        ends = [
            (place, self._places[sister.key])
            for place, entry in enumerate(self._explained)
            for sister in (entry.sisters(laws) if entry else [])
            if sister.key in self._places
        ]
        one, other = np.array(ends, np.intp).reshape(-1, 2).T
        links = csr_array((np.ones(2 * len(one), np.float32), (np.r_[one, other], np.r_[other, one])), (size, size))
        links.data[:] = 1
        return links

    def _content(self) -> list[str]:
        """What the index depends on: each article's text with all that is said and asked of it."""
        return ["\n".join(parts) for parts in zip(self._texts(), map("\n".join, self._said()), strict=True)]

    def _texts(self) -> list[str]:
        return [searchable(article) for article in self.articles]

    def _said(self) -> list[list[str]]:
        return [[entry.said.plain, *entry.said.questions] if entry else [] for entry in self._explained]

    def _build(self, folder: Path) -> None:
        said = [[normalise(line) for line in lines] for lines in self._said()]
        StatuteIndex.build([normalise(text) for text in self._texts()], said).save(folder)

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """The nearest articles, best first, those that ``text`` names before all; none when it holds no word."""
        text = normalise(text)
        if not has_words(text):
            return []
        cited = dict.fromkeys(
            self._places[checked.article.key]
            for checked in check_text(text)
            if checked.article and checked.article.key in self._places
        )
        pool, evidence = self.evidence(text)
        weights = np.array([ranking().weights[name] for name in self.SIGNALS], np.float32)
        logits = evidence @ weights + ranking().named * np.isin(self._law_of[pool], self._named(text))
        chances = np.exp(logits - logits.max(initial=0.0))
        chances /= max(float(chances.sum()), 1e-9)
        hits = [self._hit(i, 1.0, "您点名的条文") for i in cited]
        hits += [
            self._hit(int(pool[i]), float(chances[i]), self._why(text, int(pool[i])))
            for i in best(chances, limit + len(cited))
            if pool[i] not in cited
        ]
        return hits[:limit]

    def evidence(self, text: str) -> tuple[Positions, NDArray[np.float32]]:
        """Candidates for a normalised question and what speaks for each, shape ``(candidates, len(SIGNALS))``:
        its own signals, how well the articles do that the lay index links it with, and whether it fixes a period where
        one is asked for."""
        signals = self._index.signals(text)
        ranked = [best(scores, _POOL) for scores in signals]
        fused = reciprocal_ranks(ranked, len(self.articles), _FADE)
        pool = np.unique(np.concatenate([*ranked, self._sisters[best(fused, _LEADERS)].indices]))
        sisters = self._sisters[pool].multiply(fused)
        company = [sisters.max(axis=1).toarray().ravel(), sisters.sum(axis=1)]
        period = self._fixes_period[pool] & asks_when(text)
        return pool, np.stack([*(scores[pool] for scores in signals), *company, period], axis=1).astype(np.float32)

    def _named(self, text: str) -> list[int]:
        """Numbers of the laws that ``text`` names, a repealed law's successor in its place."""
        names = law_names()
        laws = {names.successors.get(law, law) for _, _, law in names.named(text)}
        return [i for i, law in enumerate(self._laws) if law in laws]

    def _hit(self, place: int, score: float, why: str) -> Hit:
        entry = self._explained[place]
        return Hit(self.articles[place], score, entry.said.plain if entry else "", why)

    def _why(self, text: str, place: int) -> str:
        """The question of the lay index that is most like ``text``, or the words it has in common with the article."""
        asked = pairs(text)
        entry, article = self._explained[place], self.articles[place]
        like, question = (
            max(((share(asked, pairs(q)), q) for q in entry.said.questions), default=(0.0, "")) if entry else (0.0, "")
        )
        if like >= _ALIKE:
            return f"有人这样问过：{question}"
        common = [word for word in dict.fromkeys(words(text)) if len(word) > 1 and word in article.text]
        if common:
            return f"条文里说到：{'、'.join(common[:_WORDS_SHOWN])}"
        return f"和这样的问题意思相近：{question}" if question else "意思相近"


@cache
def statute_search() -> StatuteSearch:
    return StatuteSearch(corpus(), lay_index())
