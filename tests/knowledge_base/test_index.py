from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from knowledge_base import encoder, index
from knowledge_base.index import Lexical, PairOverlap, best
from knowledge_base.text import bigrams, words

TEXTS = ["用人单位应当按时足额支付劳动报酬", "夫妻一方要求离婚的，可以向法院起诉", "承租人应当按照约定支付租金"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAZHU_CACHE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("split", [words, bigrams])
def test_words_and_pairs_each_find_their_text(split: Callable[[str], list[str]]) -> None:
    lexical = Lexical.build([split(text) for text in TEXTS])
    for i, query in enumerate(("劳动报酬没有支付", "起诉离婚", "租金")):
        assert best(lexical.scores(split(query)), 1).tolist() == [i]


def test_shares_mean_the_same_for_short_and_long_questions() -> None:
    lexical = Lexical.build([words(text) for text in TEXTS])
    short, long = words("租金"), words("租金") * 9
    assert lexical.shares(short) == pytest.approx(lexical.shares(long), rel=1e-5)
    assert 0 < lexical.shares(words(TEXTS[1]))[1] < 1
    assert not lexical.shares(words("天气预报")).any()
    assert not lexical.shares([]).any()


def test_what_is_read_back_finds_the_same(tmp_path: Path) -> None:
    lexical = Lexical.build([words(text) for text in TEXTS])
    lexical.save(tmp_path / "words")
    asked = words("夫妻离婚")
    assert Lexical.load(tmp_path / "words").scores(asked).tolist() == lexical.scores(asked).tolist()


def test_the_best_are_the_positive_ones_in_order() -> None:
    scores = np.array([0.5, 0, 2, 1], np.float32)
    assert best(scores, 10).tolist() == [2, 3, 0]
    assert best(scores, 2).tolist() == [2, 3]
    assert best(np.empty(0, np.float32), 2).tolist() == []


def test_vectors_are_made_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = index.vectors("three", TEXTS)
    monkeypatch.setattr(encoder, "encode_all", None)
    assert index.vectors("three", TEXTS).tolist() == first.tolist()
    assert np.linalg.norm(first, axis=1) == pytest.approx(1, abs=1e-2)


def test_changed_texts_are_encoded_anew_and_the_old_dropped(cache: Path) -> None:
    index.vectors("three", TEXTS)
    old = next(cache.iterdir()).name
    assert len(index.vectors("three", TEXTS[:2])) == 2
    assert [f.name for f in cache.iterdir()] != [old]
    assert len(list(cache.iterdir())) == 1


def test_an_interrupted_build_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(encoder, "encode_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        index.vectors("three", TEXTS)
    assert list(cache.iterdir()) == []


def test_overlap_is_one_for_the_same_and_none_for_strangers() -> None:
    overlaps = PairOverlap(TEXTS)
    assert overlaps.overlaps(TEXTS[0])[0] == pytest.approx(1)
    assert overlaps.overlaps("天气预报")[0] == 0
    assert 0 < overlaps.overlaps("支付租金")[2] < 1
